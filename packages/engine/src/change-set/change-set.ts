import type { RunRef, Usage } from '@ambit/core/schema';
import type { TaskEvidence } from '@ambit/core/spec';

export type EntryType = 'file' | 'directory' | 'link' | 'special';

/** Why a path is shown but not applied by a plain `apply`. */
export interface Withheld {
  /** `control` may be applied by a human who names the file; `derived` and `ignored` too; `never` by nobody. */
  kind: 'never' | 'control' | 'derived' | 'ignored';
  reason: string;
}

/** One path that a run changed. Contents are blobs of the change set, named by their hash. */
export interface ChangedFile {
  path: string;
  kind: 'created' | 'modified' | 'deleted';
  type: EntryType;
  /** What was there before, where its content is known. */
  typeBefore?: EntryType;
  /** SHA-256 of the content (of a link: of its target); absent where there was or is none. */
  before?: string;
  after?: string;
  modeBefore?: number;
  mode?: number;
  /** Target of a link. */
  target?: string;
  binary: boolean;
  size: number;
  /** Lines added and removed; 0 for what is not text. */
  added: number;
  removed: number;
  /** Somebody else changed the workspace's file meanwhile and no base is known: applying needs a human. */
  drifted?: boolean;
  withheld?: Withheld;
}

export type FlagCode =
  | 'guarded-file'
  | 'control-file'
  | 'outside-scope'
  | 'policy'
  | 'new-dependency'
  | 'secret'
  | 'finding'
  | 'scan-gap'
  | 'removed-test'
  | 'weakened-test'
  | 'removed-validation'
  | 'access-change'
  | 'runs-by-itself'
  | 'link'
  | 'special-file'
  | 'oversized'
  | 'executable'
  | 'invisible-characters'
  | 'ignored-file'
  | 'drifted'
  | 'denied-action'
  | 'failed-check'
  | 'incomplete';

/** A reason for a human to look. Any flag keeps `--autopilot` from applying. */
export interface Flag {
  code: FlagCode;
  path?: string;
  line?: number;
  reason: string;
  /** Rule of the policy or scanner that spoke. */
  rule?: string;
}

/** One entry point of the program whose protection the change alters. */
export interface AccessChange {
  /** `POST /api/orders`. */
  route: string;
  kind: 'added' | 'removed' | 'weakened' | 'strengthened';
  path: string;
  line: number;
  /** What guards it after the change. */
  protections: string[];
  lost: string[];
  gained: string[];
  /** Where the first lost protection stood. */
  was?: string;
}

/** How the run's own checks went (tests in the sandbox, evidence). */
export interface CheckResult {
  name: string;
  status: 'passed' | 'failed' | 'skipped';
  detail: string;
}

/** What a run changed, as data. Never altered after it was made; what became of it is `ChangeSetState`. */
export interface ChangeSet {
  version: 1;
  id: string;
  run: RunRef;
  /** ISO 8601, UTC. */
  made: string;
  spec?: string;
  task?: string;
  base: { workspace: string; head?: string };
  /** The model's last words, redacted. */
  summary: string;
  files: ChangedFile[];
  flags: Flag[];
  checks: CheckResult[];
  /** What changed about who may do what; absent when no route is touched. */
  access?: AccessChange[];
  /** What shows the task's criteria; kept as evidence when the change set is applied. */
  evidence?: TaskEvidence;
  usage?: Usage;
}

export type ChangeSetStatus = 'open' | 'applied' | 'partly-applied' | 'rejected' | 'undone';

export interface ChangeSetState {
  status: ChangeSetStatus;
  /** ISO 8601, UTC, of the last step. */
  changed: string;
  /** Paths that were applied, with what they became. */
  applied: string[];
  /** The applications that are not undone, oldest first: a change set may land in parts. */
  steps?: { checkpoint: string; paths: string[]; hunks?: boolean }[];
  /** Of the newest step. */
  checkpoint?: string;
  reason?: string;
}

/** The state after these steps; none left means that all was undone. */
export function stateOfSteps(
  before: ChangeSetState,
  steps: NonNullable<ChangeSetState['steps']>,
  whole: boolean,
  changed: string,
): ChangeSetState {
  const last = steps.at(-1);
  const { reason, checkpoint: _checkpoint, ...rest } = before;
  return {
    ...rest,
    ...(reason === undefined ? {} : { reason }),
    status: last ? (whole ? 'applied' : 'partly-applied') : 'undone',
    changed,
    applied: [...new Set(steps.flatMap(({ paths }) => paths))],
    steps,
    ...(last ? { checkpoint: last.checkpoint } : {}),
  };
}

export function stepsOf({ steps, checkpoint, applied }: ChangeSetState): NonNullable<ChangeSetState['steps']> {
  return steps ?? (checkpoint === undefined ? [] : [{ checkpoint, paths: applied }]);
}

export interface StoredChangeSet extends ChangeSet {
  /** SHA-256 of the stored change set: what an approval is bound to (C5). */
  hash: string;
  state: ChangeSetState;
}

/** Files that a plain apply would change. */
export function applicable(set: Pick<ChangeSet, 'files'>): ChangedFile[] {
  return set.files.filter((file) => !file.withheld);
}
