export {
  type ApplyChoice,
  type ApplyPorts,
  type ApplyResult,
  applyChangeSet,
  recoverWorkspace,
  rejectChangeSet,
  tickFile,
  withWorkspaceLock,
} from './apply.ts';
export type {
  AccessChange,
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
export { type ChangeSetContext, type Draft, draftChangeSet, makeChangeSet } from './make.ts';
export { type Conflict, type Look, plan, type Wanted, wantedOf } from './plan.ts';
export { findChangeSet, listChangeSets, loadBlob, loadChangeSet, sha256 } from './store.ts';
export type { TextChange } from './text-flags.ts';
export type { Recovered } from './transaction.ts';
export { type UndoChoice, type UndoResult, undo } from './undo.ts';
export type { Entry, Found } from './workspace-entry.ts';
export { findEntry } from './workspace-entry.ts';
