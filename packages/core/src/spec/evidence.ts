/** One run of a test or check, as the runner recorded it. */
export interface TestRun {
  /** `passed` only when the process ended with 0 and the report names the test as passed. */
  result: 'passed' | 'failed' | 'skipped' | 'missing';
  file: string;
  /** Full name of the test in its report. */
  name: string;
  /** SHA-256 of the test file at the run. */
  sha256: string;
}

/** A test as found in a source file: what it cites and whether it can fail. */
export interface CitedTest {
  file: string;
  line: number;
  name: string;
  /** `<spec>/<N.M>`; the spec is empty when the citation names none. */
  cites: { spec: string; criterion: string }[];
  /** Calls that can make the test fail: assertions that do not compare constants with themselves. */
  assertions: number;
  skipped: boolean;
  /** Its file prints what looks like a report, so a report cannot be believed about it. */
  imitates?: boolean;
  sha256: string;
}

interface Proof {
  criterion: string;
  /** Files it rests on, with their SHA-256 then. */
  files: Record<string, string>;
  /** ISO 8601, UTC. */
  at: string;
  /** SHA-256 of the criterion's text then. */
  text?: string;
}

/** What proves one criterion. */
export type EvidenceRecord =
  | (Proof & { kind: 'test'; test: TestRun })
  | (Proof & { kind: 'scan'; rule: string })
  | (Proof & { kind: 'attestation'; by: string; reason: string });

export type CriterionVerdict =
  | { criterion: string; verdict: 'proven'; by: EvidenceRecord[] }
  | { criterion: string; verdict: 'unproven'; reason: UnprovenReason; detail: string }
  /** Nothing in the change can show it (an operation, a contract, a person's judgement): a human must attest. */
  | { criterion: string; verdict: 'undecidable'; detail: string };

export type UnprovenReason =
  | 'no-test'
  | 'test-missing'
  | 'test-failed'
  | 'test-skipped'
  | 'asserts-nothing'
  | 'imitated-report'
  | 'same-name'
  | 'scan-finding'
  | 'stale';

/** May the runner tick the task. `tick` is true only when every criterion is proven or attested. */
export interface TaskEvidence {
  task: string;
  tick: boolean;
  verdicts: CriterionVerdict[];
}

/** Why a test that cites a criterion does not prove it; undefined when it does. */
export function testObjection(test: CitedTest | undefined, run: TestRun | undefined): UnprovenReason | undefined {
  if (!test) return run ? 'test-missing' : 'no-test';
  if (test.skipped || run?.result === 'skipped') return 'test-skipped';
  if (test.assertions === 0) return 'asserts-nothing';
  if (test.imitates) return 'imitated-report';
  if (!run || run.result === 'missing') return 'test-missing';
  if (run.result === 'failed') return 'test-failed';
  // A run of an older version of the file says nothing about this one.
  return run.sha256 === test.sha256 ? undefined : 'stale';
}

/** What is known about one criterion at the moment of the decision. */
export interface CriterionFacts {
  criterion: string;
  /** Tests that cite it, as they are now, each with its latest run. */
  tests: readonly { test: CitedTest; run?: TestRun | undefined }[];
  /** Runs of tests that no longer exist, and claims of tests that never did. */
  claimed?: readonly TestRun[];
  /** Stored evidence of other kinds, and of tests. */
  records: readonly EvidenceRecord[];
  /** What the scanner rule that verifies it found in the files it concerns, as they are now. */
  scan?: ScanFacts;
  /** Only a person can judge it (a policy, an operation, a review question). */
  undecidable?: string;
}

export interface ScanFacts {
  rule: string;
  /** Files looked at, with their SHA-256. */
  files: Record<string, string>;
  /** Findings of the rule, and what it could not look at: either keeps the criterion unproven. */
  objections: readonly string[];
}

const detail: Record<UnprovenReason, string> = {
  'no-test': 'no test cites it',
  'test-missing': 'the test that should prove it does not exist or did not run',
  'test-failed': 'its test failed',
  'test-skipped': 'its test is skipped',
  'asserts-nothing': 'its test asserts nothing that could fail',
  'imitated-report': 'the file of its test prints what looks like a test report',
  'same-name': 'another test of the same name proves nothing, and the report cannot tell which of them passed',
  'scan-finding': 'the scanner rule that verifies it is not clean',
  stale: 'its test changed since it ran',
};

/** True when every file the evidence rests on is still what it was. */
export function isFresh(record: EvidenceRecord, hashes: Readonly<Record<string, string>>): boolean {
  return Object.entries(record.files).every(([file, sha256]) => hashes[file] === sha256);
}

/** Worst objection first, so that the person reads what to mend. */
const order: readonly UnprovenReason[] = [
  'test-failed',
  'scan-finding',
  'asserts-nothing',
  'imitated-report',
  'same-name',
  'test-skipped',
  'stale',
  'test-missing',
  'no-test',
];

/**
 * Is this criterion proven. One good test is enough, but a failing one among those that cite it is not outvoted.
 * SECURITY: the model's word is no input here (evidence.test.ts, «a claim without a test ticks nothing»).
 */
export function criterionVerdict(facts: CriterionFacts, hashes: Readonly<Record<string, string>>): CriterionVerdict {
  const { criterion } = facts;
  const own = facts.tests.map(({ test, run }) => testObjection(test, run));
  const hollow = new Set(
    facts.tests.flatMap(({ test }, i) => (own[i] && own[i] !== 'test-missing' ? [test.name] : [])),
  );
  const objections = own.map((reason, i) =>
    reason === undefined && hollow.has(facts.tests[i]?.test.name ?? '') ? ('same-name' as const) : reason,
  );
  const failing = objections.includes('test-failed');
  const fresh = facts.records.filter((record) => record.criterion === criterion && isFresh(record, hashes));
  const attested = fresh.filter((record) => record.kind === 'attestation' || record.kind === 'scan');
  const now: EvidenceRecord[] = facts.tests.flatMap(({ test, run }, i) =>
    objections[i] === undefined && run
      ? [{ kind: 'test', criterion, test: run, files: { [test.file]: test.sha256 }, at: '' }]
      : [],
  );
  const { scan } = facts;
  if (scan && scan.objections.length > 0)
    return {
      criterion,
      verdict: 'unproven',
      reason: failing ? 'test-failed' : 'scan-finding',
      detail: failing
        ? detail['test-failed']
        : `${detail['scan-finding']} (${scan.rule}): ${scan.objections.slice(0, 3).join('; ')}`,
    };
  if (scan && Object.keys(scan.files).length > 0)
    now.push({ kind: 'scan', criterion, rule: scan.rule, files: scan.files, at: '' });
  if (!failing && (now.length > 0 || attested.length > 0))
    return { criterion, verdict: 'proven', by: [...now, ...attested] };
  const reasons = objections.flatMap((reason) => reason ?? []);
  if (facts.claimed?.length) reasons.push('test-missing');
  if (reasons.length === 0 && facts.undecidable !== undefined)
    return { criterion, verdict: 'undecidable', detail: facts.undecidable };
  const reason = order.find((entry) => reasons.includes(entry)) ?? 'no-test';
  return { criterion, verdict: 'unproven', reason, detail: detail[reason] };
}

/**
 * May the runner tick this task: every criterion it names is proven. A task that names none rests on the change
 * set's review alone, which the caller decides; `verdicts` is then empty and `tick` true.
 */
export function taskEvidence(
  task: string,
  facts: readonly CriterionFacts[],
  hashes: Readonly<Record<string, string>>,
): TaskEvidence {
  const verdicts = facts.map((entry) => criterionVerdict(entry, hashes));
  return { task, tick: verdicts.every((entry) => entry.verdict === 'proven'), verdicts };
}
