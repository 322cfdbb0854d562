export {
  type ApplyChoice,
  type ApplyPorts,
  type ApplyResult,
  applyChangeSet,
  recoverWorkspace,
  rejectChangeSet,
  withWorkspaceLock,
} from './apply.ts';
export type {
  ChangedFile,
  ChangeSet,
  ChangeSetState,
  ChangeSetStatus,
  CheckResult,
  Flag,
  FlagCode,
  StoredChangeSet,
  Withheld,
} from './change-set.ts';
export { applicable } from './change-set.ts';
export { type ReviewCues, readReviewCues } from './cues.ts';
export { type NewFinding, type PathProtections, riskOf, type ScanOfChange } from './flags.ts';
export { applyHunks, type Hunk, hunks, mergeText, printHunk, splitLines } from './lines.ts';
export { type ChangeSetContext, makeChangeSet } from './make.ts';
export type { Conflict } from './plan.ts';
export { findChangeSet, listChangeSets, loadBlob, loadChangeSet } from './store.ts';
export type { TextChange } from './text-flags.ts';
export type { Recovered } from './transaction.ts';
export { type UndoChoice, type UndoResult, undo } from './undo.ts';
