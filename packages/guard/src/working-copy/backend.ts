import type { Change, SandboxView, WorkingCopyKind } from './working-copy.ts';

/** One way to keep a run's changes apart from the workspace, once it was made. Paths are relative to the workspace. */
export interface Backend {
  kind: WorkingCopyKind;
  /** Folder with the merged view, for file access by this process. */
  root: string;
  /** Called before a path is changed through the file interface. */
  beforeWrite(path: string): Promise<void>;
  settled(skip: (path: string) => boolean): Promise<void>;
  changes(skip: (path: string) => boolean): Promise<Change[]>;
  base(path: string): Promise<Uint8Array | undefined>;
  view(): Pick<SandboxView, 'source' | 'namespace' | 'readOnly' | 'writable'>;
  /** False when what holds the view has died: it must be made anew before anything is read. */
  alive(): boolean;
  close(): Promise<void>;
  /** Ends what holds it, without waiting for that. */
  abandon(): void;
}
