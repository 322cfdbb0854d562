/** How the copy is made: the cheapest that the machine allows (design, «The working copy»). */
export type WorkingCopyKind = 'overlay' | 'clone' | 'worktree' | 'copy';

/** One entry of the merged view. Links are reported, never followed. */
export interface FileStat {
  type: 'file' | 'directory' | 'link' | 'special';
  size: number;
  /** Permission bits only. */
  mode: number;
  modified: number;
  /** Number of hard links; above 1 the same content has other names. */
  links: number;
  device: number;
  inode: number;
}

/** One path that differs from the workspace as the run first saw it. Folders are listed only when empty or gone. */
export interface Change {
  /** Relative to the workspace, `/` between segments. */
  path: string;
  kind: 'created' | 'modified' | 'deleted';
  type: 'file' | 'directory' | 'link' | 'special';
  /** SHA-256 of the content (of a link: of its target) before and after; absent where there was or is none. */
  before?: string;
  after?: string;
  modeBefore?: number;
  mode?: number;
  binary: boolean;
  size: number;
  /** Target of a link, as stored. */
  target?: string;
  /** The workspace's file was changed by somebody else so close to the run's own change that no base is known. */
  drifted?: boolean;
}

/** What the sandbox needs to show the copy at the workspace's own path. */
export interface SandboxView {
  /** Path at which commands see the copy: the workspace's own path. */
  target: string;
  /** Folder with the merged view: a path inside `namespace` when that is set, else on this machine. */
  source: string;
  /** Process that holds the mount; the sandbox enters its namespaces first. */
  namespace?: { pid: number };
  /** Private home and temporary folder of the working copy, kept for the run. */
  home: string;
  temporary: string;
  /** Folders of this machine that the copy needs beside itself, shown read-only at `target`. */
  readOnly: readonly { source: string; target: string }[];
  /** Further folders with a merged view of their own: the repository's folder of a linked git worktree. */
  writable?: readonly { source: string; target: string }[];
  /** Commands run as this user when Ambit runs as root in somebody else's workspace. */
  owner?: { uid: number; gid: number };
  /** Folder for output that does not fit and for the sandbox's own files. */
  state: string;
}

/**
 * The files of one run: what the workspace holds plus what the run changed, while the workspace stays untouched. Paths
 * are relative to the workspace; one that leaves it, or that passes through a link, is refused (`denied`). Made lazily:
 * reading before the first write or command costs nothing and shows the workspace.
 */
export interface WorkingCopy {
  /** The kind in use; before it is made, the one that will be tried first. */
  readonly kind: WorkingCopyKind;
  /** Real path of the workspace. */
  readonly workspace: string;
  /** True once something was made on disk. */
  readonly made: boolean;
  read(path: string): Promise<Uint8Array>;
  /** Undefined when absent. Does not follow a link in the last segment. */
  stat(path: string): Promise<FileStat | undefined>;
  exists(path: string): Promise<boolean>;
  /** Names and types in a folder, sorted; `.` is the workspace. */
  list(path: string): Promise<{ name: string; type: FileStat['type'] }[]>;
  /** Target of a link, as stored. */
  readLink(path: string): Promise<string>;
  /** Replaces or creates a regular file and missing folders. Keeps the mode of an existing file unless given. */
  write(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /** Removes a file, link or whole folder. */
  remove(path: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  /**
   * Everything that differs, sorted by path. `.git` is included unless skipped: the caller decides what is applied.
   * `skip` is asked for folders and files; what it names is not looked at (caches, `.git`, dependencies).
   */
  changes(options?: { skip?: (path: string) => boolean }): Promise<Change[]>;
  /** Content the run's change started from; undefined when the path did not exist or its base is not known. */
  base(path: string): Promise<Uint8Array | undefined>;
  /** Makes the copy if need be. To be called once for each command; `settled` must follow when it has ended. */
  view(): Promise<SandboxView>;
  /**
   * Keeps the base of everything that a command has just changed. Call after each command. Folders that are rebuilt rather
   * than merged (`.git`, dependencies, build output) are left out unless `skip` says otherwise. Settings of git that are
   * not for a run to set are taken back; the answer says which, for the model.
   */
  settled(options?: { skip?: (path: string) => boolean }): Promise<string | undefined>;
  /** Lets go of processes and handles; what was changed stays on disk and is found again by opening it anew. */
  close(): Promise<void>;
  /** Closes and removes everything that was made. */
  discard(): Promise<void>;
}

export interface OpenOptions {
  workspace: string;
  /** Folder of this one working copy in the state directory; created when needed, outside the workspace. */
  stateDir: string;
  /** Kinds to try, in order. Default: overlay, clone, worktree, copy. */
  prefer?: readonly WorkingCopyKind[];
}
