/** What is kept of one path. Contents are blobs named by their SHA-256. */
export type Saved =
  | { type: 'file'; hash: string; mode: number }
  | { type: 'link'; target: string }
  | { type: 'directory' };

/** A path with its content, as handed in; `undefined` where nothing is there. */
export type Held = { type: 'file'; content: Uint8Array; mode: number } | Exclude<Saved, { type: 'file' }>;

/** One path that a change is about to touch: how it is, and how the change will leave it. */
export interface Touched {
  path: string;
  was?: Held;
  becomes?: Held;
}

export interface Checkpoint {
  version: 1;
  id: string;
  /** ISO 8601, UTC. */
  time: string;
  label: string;
  /** What it was made before. */
  before: 'apply' | 'undo' | 'turn' | 'asked';
  changeSet?: string;
  touched: { path: string; was?: Saved; became?: Saved }[];
  /** Before an undo: what the states of change sets were that it changes, by id, so that undoing it brings them back. */
  states?: Record<string, string>;
  /** Name of the snapshot of the whole workspace, and which store holds it; absent when none could be made. */
  tree?: { store: 'git' | 'plain'; id: string };
  /** What the snapshot does not hold, for people: ignored files, nested repositories. */
  notCovered: string[];
}

/** One path of a snapshot. `blob` is the store's own name of the content. */
export interface TreeEntry {
  path: string;
  type: 'file' | 'link';
  mode: number;
  blob: string;
}

/**
 * Snapshots of a whole workspace. Never changes the workspace, never runs anything the workspace names (hooks, filters,
 * file-system monitors), keeps every byte as it is (no line-end conversion).
 */
export interface TreeStore {
  readonly kind: 'git' | 'plain';
  /** Undefined when it works here, else why not. */
  unavailable: () => Promise<string | undefined>;
  snapshot: (label: string) => Promise<{ id: string; notCovered: string[] }>;
  entries: (id: string) => Promise<TreeEntry[]>;
  read: (blob: string) => Promise<Uint8Array>;
  /** Paths whose state in the workspace differs from the snapshot, sorted. */
  changed: (id: string) => Promise<string[]>;
}
