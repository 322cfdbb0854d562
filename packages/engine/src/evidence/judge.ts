import {
  type CitedTest,
  type CriterionFacts,
  type EvidenceRecord,
  judgeTest,
  referenceIndex,
  requirementsOf,
  resolveReference,
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
  /** Criteria that only a person can judge, with why (a criterion verified by a review question). */
  undecidable?: ReadonlyMap<string, string>;
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
  const facts = criteria.map((criterion): CriterionFacts => {
    const citing = tests.filter((test) => cites(test, spec.name, criterion, question.manySpecs !== true));
    return {
      criterion,
      tests: citing.map((test) => ({ test, run: judgeTest(test, question.tests) })),
      records: question.records,
      ...(question.undecidable?.has(criterion) ? { undecidable: question.undecidable.get(criterion) ?? '' } : {}),
    };
  });
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
    return verdict.by
      .filter((record) => record.kind === 'test')
      .map((record) => ({
        ...record,
        at,
        text: sha256(texts.get(verdict.criterion) ?? ''),
        files: { ...files, ...record.files },
      }));
  });
}
