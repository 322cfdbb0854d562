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
  sha256: string;
}

/** What proves one criterion. */
export type EvidenceRecord =
  | { kind: 'test'; criterion: string; test: TestRun; files: Record<string, string>; at: string }
  | { kind: 'scan'; criterion: string; rule: string; files: Record<string, string>; at: string }
  | { kind: 'attestation'; criterion: string; by: string; reason: string; files: Record<string, string>; at: string };

export type CriterionVerdict =
  | { criterion: string; verdict: 'proven'; by: EvidenceRecord[] }
  | { criterion: string; verdict: 'unproven'; reason: UnprovenReason; detail: string }
  /** Nothing in the change can show it (an operation, a contract, a person's judgement): a human must attest. */
  | { criterion: string; verdict: 'undecidable'; detail: string };

export type UnprovenReason = 'no-test' | 'test-missing' | 'test-failed' | 'test-skipped' | 'asserts-nothing' | 'stale';

/** May the runner tick the task. `tick` is true only when every criterion is proven or attested. */
export interface TaskEvidence {
  task: string;
  tick: boolean;
  verdicts: CriterionVerdict[];
}
