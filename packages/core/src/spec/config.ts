import { diagnose } from './document.ts';
import { positions } from './sentence.ts';
import type { ConfigTree, SpecType, WorkflowType } from './types.ts';

const workflows: readonly WorkflowType[] = ['requirements-first', 'design-first', 'fast-task', 'verify-first'];
const types: readonly SpecType[] = ['feature', 'bugfix', 'quick-spec'];

const oneOf = <T extends string>(value: unknown, known: readonly T[]): T | undefined =>
  known.find((entry) => entry === value);

function fieldsInto(tree: ConfigTree, data: Record<string, unknown>): void {
  const locate = positions(tree.source);
  const refuse = (name: string, expected: string) => {
    const at = Math.max(0, tree.source.indexOf(`"${name}"`));
    const span = locate(at, at + name.length + 2);
    tree.diagnostics.push(diagnose(tree, 'S8', 'warning', span, `\`${name}\` is ignored: it should be ${expected}`));
  };
  for (const [name, value] of Object.entries(data)) {
    if (name === 'specId') {
      if (typeof value === 'string') tree.specId = value;
      else refuse(name, 'text');
    } else if (name === 'workflowType') {
      const known = oneOf(value, workflows);
      if (known) tree.workflowType = known;
      else refuse(name, `one of ${workflows.join(', ')}`);
    } else if (name === 'specType') {
      const known = oneOf(value, types);
      if (known) tree.specType = known;
      else refuse(name, `one of ${types.join(', ')}`);
    } else tree.extra[name] = value;
  }
}

/** Reads .config.kiro field by field: a bad field costs that field, never the others. */
export function parseConfig(text: string, file = '.config.kiro'): ConfigTree {
  const tree: ConfigTree = { kind: 'config', file, source: text, state: 'ok', extra: {}, diagnostics: [] };
  const clean = text.replace(/^\uFEFF/, '');
  if (clean.trim() === '') return { ...tree, state: 'absent' };
  let data: unknown;
  try {
    data = JSON.parse(clean);
  } catch {
    const span = { start: 0, end: text.length, line: 1, column: 1 };
    tree.diagnostics.push(
      diagnose(tree, 'S8', 'warning', span, 'not valid JSON, so workflow and type of the spec are unknown'),
    );
    return { ...tree, state: 'unusable' };
  }
  if (typeof data !== 'object' || data === null) return { ...tree, state: 'unusable' };
  // An array is an object without fields, as Kiro reads it.
  if (!Array.isArray(data)) fieldsInto(tree, data as Record<string, unknown>);
  return tree;
}
