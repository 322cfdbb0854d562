import { checkSpec, type LintRules } from './lint/index.ts';
import { referenceIndex, resolveReference } from './references.ts';
import { requirementsOf } from './spec.ts';
import type { Criterion, Spec } from './types.ts';

export type FindingKind =
  | 'contradiction'
  | 'different-numbers'
  | 'duplicate'
  | 'missing-case'
  | 'undefined-term'
  | 'task-without-criterion'
  | 'property-without-criterion'
  | 'uncovered-criterion'
  | 'component-without-task';

/** One finding over the whole spec. `inferred` is true only for what a model said; everything here is decided by rule. */
export interface AnalysisFinding {
  kind: FindingKind;
  /** Criteria, requirements or tasks it is about. */
  about: string[];
  message: string;
  file: string;
  line: number;
  inferred: false;
}

const kinds: Readonly<Record<string, FindingKind>> = { E10: 'undefined-term', E11: 'duplicate', E12: 'missing-case' };

const words = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}.]+/gu, ' ')
    .trim();

interface Measured {
  criterion: Criterion;
  value: string;
}

/** The sentence with its first quantity cut out: two criteria that differ only there set one thing to two values. */
function measures(criterion: Criterion): { frame: string; value: string }[] {
  const { response, clauses } = criterion.ears;
  if (!response) return [];
  const condition = clauses.map((clause) => words(clause.text)).join(' ');
  const pattern =
    /\b\d+(?:\.\d+)?\s*(?:%|ms|seconds?|minutes?|hours?|days?|weeks?|months?|years?|characters?|attempts?|entries|items|rows|mb|kb|gb|mib|kib|times?)\b/gi;
  return [...response.text.matchAll(pattern)].map((match) => ({
    frame: `${condition}|${words(criterion.ears.actor?.text ?? '')}|${words(response.text.replace(match[0], ' § '))}`,
    value: match[0].toLowerCase(),
  }));
}

function differentNumbers(spec: Spec, file: string): AnalysisFinding[] {
  const seen = new Map<string, Measured>();
  const found: AnalysisFinding[] = [];
  for (const criterion of requirementsOf(spec).flatMap((entry) => entry.criteria))
    for (const { frame, value } of measures(criterion)) {
      const other = seen.get(frame);
      if (!other) seen.set(frame, { criterion, value });
      else if (other.value !== value && other.criterion !== criterion)
        found.push({
          kind: 'different-numbers',
          about: [other.criterion.id, criterion.id],
          message: `${other.criterion.id} says ${other.value}, ${criterion.id} says ${value} for the same`,
          file,
          line: criterion.span.line,
          inferred: false,
        });
    }
  return found;
}

function unlinked(spec: Spec): AnalysisFinding[] {
  const index = referenceIndex(requirementsOf(spec));
  const found: AnalysisFinding[] = [];
  const add = (kind: FindingKind, about: string, message: string, file: string, line: number) =>
    found.push({ kind, about: [about], message, file, line, inferred: false });
  const { design, tasks } = spec;
  const covered = new Set(
    tasks?.tasks.flatMap((task) => task.requirements.flatMap((ref) => resolveReference(ref, index).criteria)),
  );
  for (const task of tasks?.tasks ?? []) {
    const leaf = task.children.length === 0 && task.box && !task.checkpoint;
    const inherited = tasks?.tasks.find((other) => other.id === task.parent)?.requirements.length ?? 0;
    if (leaf && task.requirements.length === 0 && inherited === 0)
      add(
        'task-without-criterion',
        task.id,
        `task ${task.id} serves no criterion: ${task.title}`,
        tasks?.file ?? '',
        task.line.line,
      );
  }
  for (const property of design?.properties ?? [])
    if (property.validates.length === 0)
      add(
        'property-without-criterion',
        `property ${property.id}`,
        `property ${property.id} validates no criterion`,
        design?.file ?? '',
        property.span.line,
      );
  const source = spec.requirements ?? spec.bugfix;
  if (tasks && source)
    for (const criterion of requirementsOf(spec).flatMap((entry) => entry.criteria))
      if (!covered.has(criterion.id))
        add('uncovered-criterion', criterion.id, `no task covers ${criterion.id}`, source.file, criterion.span.line);
  return found.concat(forgotten(spec));
}

/** Components with files that no task's scope or text reaches. */
function forgotten(spec: Spec): AnalysisFinding[] {
  const { design, tasks } = spec;
  if (!design || !tasks || tasks.tasks.every((task) => task.scope.length === 0)) return [];
  const plan = tasks.source;
  return design.components
    .filter(
      (part) =>
        part.files.length > 0 && !plan.includes(part.name) && !part.files.some((file) => plan.includes(file.text)),
    )
    .filter(
      (part) =>
        !tasks.tasks.some((task) =>
          task.scope.some((slot) =>
            part.files.some((file) => file.text.startsWith(slot.text.split('*')[0] ?? '\u0000')),
          ),
        ),
    )
    .map((part) => ({
      kind: 'component-without-task' as const,
      about: [part.name],
      message: `no task reaches ${part.name} (${part.files[0]?.text})`,
      file: design.file,
      line: part.span.line,
      inferred: false as const,
    }));
}

/** Contradictions, duplicates, missing cases, undefined terms and loose ends across a whole spec; decided, not guessed. */
export function analyzeSpec(spec: Spec, rules: LintRules): AnalysisFinding[] {
  const file = (spec.requirements ?? spec.bugfix)?.file ?? '';
  const judged = checkSpec(spec, { rules }).flatMap((entry): AnalysisFinding[] => {
    const kind = entry.rule === 'E11' && entry.severity === 'error' ? 'contradiction' : kinds[entry.rule];
    if (!kind) return [];
    return [
      {
        kind,
        about: entry.about === undefined ? [] : [entry.about],
        message: entry.message,
        file: entry.file,
        line: entry.line,
        inferred: false,
      },
    ];
  });
  return [...judged, ...differentNumbers(spec, file), ...unlinked(spec)];
}
