export { type LockFile, lockFileName, type Pin, parseLock, printLock } from './lock-file.ts';
export { compilePinned, type PinnedFiles, type SubjectKind } from './pinned.ts';
export { canonicalJson, hashText, type Inventory, type Refused, type Subject, takeInventory } from './subjects.ts';
export {
  type Acceptance,
  acceptSubjects,
  checkLock,
  forgetSubjects,
  type LockGap,
  type SubjectStatus,
  stateOfSubject,
  type TrustPlace,
  type TrustReport,
  type TrustState,
  trustedSubjects,
  trustStatus,
} from './trust.ts';
