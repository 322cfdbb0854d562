export { type Blobs, openBlobs } from './blobs.ts';
export type { Checkpoint, Held, Saved, Touched, TreeEntry, TreeStore } from './checkpoint.ts';
export { type GitStoreOptions, gitStore, ignoredPaths } from './git-store.ts';
export { type PlainOptions, plainStore } from './plain-store.ts';
export { type CheckpointOptions, type CheckpointRequest, type Checkpoints, openCheckpoints } from './store.ts';
