export { forbiddenSetting, gitSettings } from './git-settings.ts';
export { openWorkingCopy } from './open.ts';
export type {
  Change,
  FileStat,
  OpenOptions,
  SandboxView,
  WorkingCopy,
  WorkingCopyKind,
} from './working-copy.ts';
