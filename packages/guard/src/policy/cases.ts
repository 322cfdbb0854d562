import { AmbitError } from '@ambit/core/errors';
import { mode, type NamedGrant } from '@ambit/core/policy-model';
import { type Action, type Decision, effect, effectClass, label, runKind } from '@ambit/core/schema';
import * as z from 'zod/mini';
import type { FileStat, FileView } from '../resolve/index.ts';
import { defaultAmbit } from './ceiling.ts';
import { createGuard } from './guard.ts';
import type { LoadedPolicy } from './load.ts';
import type { PolicyFile } from './sets.ts';

const strings = z.array(z.string());

/** One decision as data: an action, its circumstances, and what must be decided. */
export const decisionCase = z.strictObject({
  command: z.optional(z.string()),
  read: z.optional(z.string()),
  write: z.optional(z.string()),
  delete: z.optional(z.string()),
  fetch: z.optional(z.string()),
  mcp: z.optional(z.string()),
  cwd: z.optional(z.string()),
  run: z.optional(runKind),
  mode: z.optional(mode),
  confined: z.optional(z.boolean()),
  labels: z.optional(z.array(label)),
  /** Write globs of the ambit; absent: the run kind's own. */
  scope: z.optional(strings),
  hosts: z.optional(strings),
  mcpTools: z.optional(strings),
  /** Files a grant names. */
  granted: z.optional(strings),
  expect: effect,
  rule: z.optional(z.string()),
  /** Classes that must be among the decision's. */
  classes: z.optional(z.array(effectClass)),
});
export type DecisionCase = z.infer<typeof decisionCase>;

/** A file of cases with the workspace they are decided in. */
const caseFile = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** Files by path; a value is content, or `-> target` for a link. */
  files: z.optional(z.record(z.string(), z.string())),
  cases: z.array(decisionCase),
});

/** How one case came out; `problem` says what was decided instead. */
export interface CaseResult {
  file: string;
  case: DecisionCase;
  decision: Decision;
  problem?: string;
}

const workspace = '/workspace';

/** A tree in memory, for decisions that must not depend on the machine. */
export function memoryView(files: Readonly<Record<string, string>>): {
  view: FileView;
  text: (relative: string) => string | undefined;
} {
  const entries = new Map<string, FileStat & { target?: string; content?: string }>();
  const folder: FileStat = { type: 'directory', links: 1, dev: 1, ino: 1 };
  for (const [path, content] of [...Object.entries(files), ['.', ''] as const]) {
    const segments = `${workspace}/${path === '.' ? '' : path}`.split('/').filter(Boolean);
    segments.forEach((_, i) => {
      const at = `/${segments.slice(0, i + 1).join('/')}`;
      if (!entries.has(at)) entries.set(at, folder);
    });
    const at = `/${segments.join('/')}`;
    if (path === '.') continue;
    const target = /^-> (.+)$/s.exec(content)?.[1];
    entries.set(at, target ? { ...folder, type: 'symlink', target } : { ...folder, type: 'file', content });
  }
  return {
    view: {
      lstat: async (absolute) => {
        const system = /^\/(home|tmp|usr|usr\/bin)$/.test(absolute);
        const program = /^\/usr\/bin\/\w+$/.test(absolute);
        return entries.get(absolute) ?? (system ? folder : program ? { ...folder, type: 'file' } : undefined);
      },
      readlink: async (absolute) => entries.get(absolute)?.target ?? '',
    },
    text: (relative) => entries.get(`${workspace}/${relative}`)?.content,
  };
}

function actionOf(one: DecisionCase): Action {
  const run = { id: 'case', kind: one.run ?? 'chat', depth: 0, spec: 'spec', task: '1' };
  const base = { id: 'case', run, labels: one.labels ?? [] };
  if (one.command !== undefined)
    return { ...base, kind: 'execute', command: one.command, ...(one.cwd ? { cwd: one.cwd } : {}) };
  if (one.read !== undefined) return { ...base, kind: 'read', path: one.read, mode: 'content' };
  if (one.write !== undefined) return { ...base, kind: 'write', path: one.write, content: '', encoding: 'utf8' };
  if (one.delete !== undefined) return { ...base, kind: 'delete', path: one.delete };
  if (one.fetch !== undefined) return { ...base, kind: 'fetch', url: one.fetch, method: 'GET' };
  const [server = '', tool = ''] = (one.mcp ?? '').split('/');
  return { ...base, kind: 'mcp', server, tool, arguments: {} };
}

/** Decides one case under a policy, as a run with nobody to ask would be told (`ask` stays `ask`). */
export async function decideCase(
  one: DecisionCase,
  policy: LoadedPolicy,
  files: Readonly<Record<string, string>>,
): Promise<Decision> {
  const action = actionOf(one);
  const ambit = defaultAmbit(action.run.kind);
  const { view, text } = memoryView(files);
  const grants: NamedGrant[] = (one.granted ?? []).map((path) => ({
    id: `case:${path}`,
    capability: 'all',
    match: [path],
    source: 'case',
  }));
  const guard = createGuard({
    run: action.run,
    ambit: { ...ambit, write: one.scope ?? ambit.write, hosts: one.hosts ?? [], mcp: one.mcpTools ?? [] },
    policy,
    workspace,
    view,
    readText: async (path) => (path.relative === undefined ? undefined : text(path.relative)),
    mode: one.mode ?? 'autopilot',
    confined: one.confined ?? true,
    grants,
    home: '/home/user',
    path: '',
    audit: { record: () => Promise.reject(new Error('cases record nothing')) },
    redact: (value) => ({ text: value, redactions: 0 }),
  });
  try {
    return (await guard.judge(action)).decision;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const because = { rule: 'gate.unresolved', effect: 'deny' as const, source: 'built-in', reason };
    return { effect: 'deny', because, rules: [because], classes: [] };
  }
}

function problemOf(one: DecisionCase, decision: Decision): string | undefined {
  const { effect: decided, because, classes, rules } = decision;
  const said = `${decided} by ${because.rule} (${because.reason})`;
  if (decided !== one.expect) return `expected ${one.expect}, decided ${said}`;
  if (one.rule !== undefined && !rules.some(({ rule }) => rule === one.rule))
    return `expected rule ${one.rule}, decided ${said}`;
  const missing = (one.classes ?? []).filter((name) => !classes.includes(name));
  return missing.length > 0 ? `expected class ${missing.join(', ')}, got ${classes.join(', ')}` : undefined;
}

/** Reads a file of cases. Throws `input.broken` with the place. */
export function readCases({ file, data }: PolicyFile): z.infer<typeof caseFile> {
  const parsed = z.safeParse(caseFile, data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AmbitError('input.broken', `not decision cases: ${issue?.path.join('.')} ${issue?.message}`, {
    where: file,
  });
}

/** Decides every case of a file. */
export async function runCases(source: PolicyFile, policy: LoadedPolicy): Promise<CaseResult[]> {
  const { files = {}, cases } = readCases(source);
  const results: CaseResult[] = [];
  for (const one of cases) {
    const decision = await decideCase(one, policy, files);
    const problem = problemOf(one, decision);
    results.push({ file: source.file, case: one, decision, ...(problem === undefined ? {} : { problem }) });
  }
  return results;
}
