import type { Verify } from '@ambit/core/catalog';
import {
  type CitedTest,
  type CriterionFacts,
  type EvidenceRecord,
  judgeTest,
  referenceIndex,
  requirementsOf,
  resolveReference,
  type ScanFacts,
  type Spec,
  type Task,
  type TaskEvidence,
  type TestOutput,
  taskEvidence,
} from '@ambit/core/spec';
import { collectTests, type FileView, hashFiles, sha256 } from './collect.ts';

/** Does a test cite this criterion of this spec. A citation without a spec counts only when the caller says so. */
export function cites(test: CitedTest, spec: string, criterion: string, loose: boolean): boolean {
  const name = spec.split('/').at(-1);
  return test.cites.some(
    (cite) => cite.criterion === criterion && (cite.spec === spec || cite.spec === name || (cite.spec === '' && loose)),
  );
}

/** The criteria a task names, in document order; a reference that resolves to nothing is none of them. */
export function criteriaOf(spec: Spec, task: Task): string[] {
  const index = referenceIndex(requirementsOf(spec));
  const named = new Set(task.requirements.flatMap((ref) => resolveReference(ref, index).criteria));
  return [...index.criteria].filter((id) => named.has(id));
}

export interface TaskQuestion {
  spec: Spec;
  task: Task;
  /** The files as the task left them. */
  view: FileView;
  /** What the tests printed, run on these files. */
  tests: TestOutput;
  /** Stored evidence of this spec. */
  records: readonly EvidenceRecord[];
  /** The workspace has other specs with the same numbers, so a citation must name its spec. */
  manySpecs?: boolean;
  /** How the catalogue says that a criterion is verified, by its number in the spec. */
  verify?: ReadonlyMap<string, Verify>;
  /** Looks at files with one scanner rule. Absent: what a rule verifies needs a test or a person. */
  scanRule?: RuleScan;
  /** Files that serve the task's criteria: its own changes and those of tasks before it. */
  linked?: readonly string[];
}

/** What one rule finds in files, and what it could not look at. */
export type RuleScan = (rule: string, files: readonly { path: string; bytes: Uint8Array }[]) => Promise<string[]>;

async function scanFacts(question: TaskQuestion, rule: string): Promise<ScanFacts | undefined> {
  if (!question.scanRule) return undefined;
  const files: { path: string; bytes: Uint8Array }[] = [];
  for (const path of new Set(question.linked ?? [])) {
    const bytes = await question.view.read(path).catch(() => undefined);
    if (bytes) files.push({ path, bytes });
  }
  if (files.length === 0) return undefined;
  return {
    rule,
    files: Object.fromEntries(files.map(({ path, bytes }) => [path, sha256(bytes)])),
    objections: await question.scanRule(rule, files),
  };
}

/** What no diff can show, in the words of the catalogue. */
function askOf(verify: Verify | undefined): string | undefined {
  if (verify?.kind === 'review') return `not decidable from the diff: ${verify.question}`;
  if (verify?.kind === 'policy') return `not decidable from the diff: check that it holds: ${verify.rule}`;
  return undefined;
}

/**
 * Whether a task's criteria are shown to hold. A reference to nothing, or to everything at once in prose, proves nothing
 * and asks nothing; `ambit spec check` reports it.
 * SECURITY: reads files and reports, never what a model says about them (engine/src/evidence/evidence.test.ts).
 */
export async function judgeTaskEvidence(question: TaskQuestion): Promise<TaskEvidence> {
  const { spec, task, view } = question;
  const criteria = criteriaOf(spec, task);
  if (criteria.length === 0) return taskEvidence(task.id, [], {});
  const tests = await collectTests(view);
  const hashes = await hashFiles(
    view,
    question.records.flatMap((record) => Object.keys(record.files)),
  );
  const facts: CriterionFacts[] = [];
  for (const criterion of criteria) {
    const verify = question.verify?.get(criterion);
    const scan = verify?.kind === 'scan' ? await scanFacts(question, verify.rule) : undefined;
    const undecidable = askOf(verify);
    const citing = tests.filter((test) => cites(test, spec.name, criterion, question.manySpecs !== true));
    facts.push({
      criterion,
      tests: citing.map((test) => ({ test, run: judgeTest(test, question.tests) })),
      records: question.records,
      ...(scan ? { scan } : {}),
      ...(undecidable === undefined ? {} : { undecidable }),
    });
  }
  return taskEvidence(task.id, facts, hashes);
}

/** What to store when the task's change set is applied: the proofs, bound to the files they rest on. */
export function recordsOf(
  evidence: TaskEvidence,
  spec: Spec,
  files: Readonly<Record<string, string>>,
  at: string,
): EvidenceRecord[] {
  const texts = new Map(
    requirementsOf(spec).flatMap((entry) => entry.criteria.map((criterion) => [criterion.id, criterion.text])),
  );
  return evidence.verdicts.flatMap((verdict) => {
    if (verdict.verdict !== 'proven') return [];
    return (
      verdict.by
        // A record that stands in the store already is not this task's.
        .filter((record) => record.at === '')
        .map((record) => ({
          ...record,
          at,
          text: sha256(texts.get(verdict.criterion) ?? ''),
          // A scan rests on what it looked at; a test on what it ran against as well.
          files: record.kind === 'scan' ? record.files : { ...files, ...record.files },
        }))
    );
  });
}
