import type { StatePaths } from '@ambit/guard/state';
import type { Change, WorkingCopy } from '@ambit/guard/working-copy';
import {
  type Conflict,
  type Found,
  loadBlob,
  plan,
  type StoredChangeSet,
  sha256,
  type Wanted,
  wantedOf,
} from '../change-set/index.ts';

/** What one path is on top of the workspace; `null`: removed. */
type Held = { type: 'file'; content: Uint8Array; mode: number } | { type: 'link'; target: string } | null;

/**
 * Finished work of earlier tasks that is not in the workspace yet: later tasks see it, the workspace does not. It is made
 * again from the stored change sets whenever a run goes on, so it is never stored itself.
 */
export interface Layer {
  readonly paths: ReadonlySet<string>;
  get: (path: string) => Held | undefined;
  /** Merges a change set on top, all or nothing. */
  add: (set: StoredChangeSet) => Promise<Conflict[]>;
}

async function lookIn(copyless: (path: string) => Promise<Found | undefined>, held: Held | undefined, path: string) {
  if (held === undefined) return copyless(path);
  if (held === null) return undefined;
  const owner = { uid: 0, gid: 0 };
  if (held.type === 'link') return { entry: { type: 'link' as const, target: held.target }, owner };
  const entry = { type: 'file' as const, hash: sha256(held.content), mode: held.mode };
  return { entry, content: held.content, owner };
}

/** An empty layer over a workspace. `look` reads the workspace itself. */
export function newLayer(state: StatePaths, look: (path: string) => Promise<Found | undefined>): Layer {
  const held = new Map<string, Held>();
  return {
    get paths() {
      return new Set(held.keys());
    },
    get: (path) => held.get(path),
    add: async (set) => {
      const wanted: Wanted[] = [];
      for (const file of set.files)
        if (!file.withheld && file.type !== 'directory')
          wanted.push(await wantedOf(file, (hash) => loadBlob(state, set.id, hash)));
      const { operations, conflicts } = await plan((path) => lookIn(look, held.get(path), path), wanted);
      if (conflicts.length > 0) return conflicts;
      for (const { path, to, content } of operations) {
        if (!to) held.set(path, null);
        else if (to.type === 'link') held.set(path, to);
        else if (to.type === 'file' && content) held.set(path, { type: 'file', content, mode: to.mode });
      }
      return [];
    },
  };
}

async function seed(copy: WorkingCopy, layer: Layer): Promise<void> {
  for (const path of [...layer.paths].sort()) {
    const held = layer.get(path);
    if (held?.type === 'file') await copy.write(path, held.content, held.mode);
    else if (held === null && (await copy.exists(path))) await copy.remove(path);
  }
}

function hashOf(held: Held | undefined): string | undefined {
  if (!held) return undefined;
  return held.type === 'file' ? sha256(held.content) : sha256(held.target);
}

/** A change as seen from the layer instead of from the workspace; undefined when the layer already says so. */
function relative(change: Change, layer: Layer): Change | undefined {
  const held = layer.get(change.path);
  if (held === undefined) return change;
  const before = hashOf(held);
  const { before: _before, modeBefore: _mode, drifted: _drifted, ...rest } = change;
  if (change.kind === 'deleted') return held ? { ...rest, before: before ?? '', kind: 'deleted' } : undefined;
  if (!held) return { ...rest, kind: 'created' };
  const mode = held.type === 'file' ? held.mode : undefined;
  if (change.after === before && (mode === undefined || change.mode === mode)) return undefined;
  return { ...rest, kind: 'modified', before: before ?? '', ...(mode === undefined ? {} : { modeBefore: mode }) };
}

/** Paths that the task put back to what the workspace holds: no change there, but one from the layer. */
async function putBack(copy: WorkingCopy, layer: Layer, changed: ReadonlySet<string>): Promise<Change[]> {
  const found: Change[] = [];
  for (const path of layer.paths) {
    const held = layer.get(path);
    if (changed.has(path) || held === undefined) continue;
    const stat = await copy.stat(path);
    if (held === null && !stat) continue;
    const content = stat?.type === 'file' ? await copy.read(path) : undefined;
    const after = content && sha256(content);
    const before = hashOf(held);
    if (before === after) continue;
    const shared = { path, type: 'file' as const, binary: content?.includes(0) ?? false, size: content?.length ?? 0 };
    const sides = { ...(before ? { before } : {}), ...(after ? { after } : {}), ...(stat ? { mode: stat.mode } : {}) };
    found.push({ ...shared, ...sides, kind: !before ? 'created' : after ? 'modified' : 'deleted' });
  }
  return found;
}

/** A working copy that starts from workspace plus layer, and whose changes are the task's own. */
export async function seededCopy(copy: WorkingCopy, layer: Layer): Promise<WorkingCopy> {
  if (layer.paths.size === 0) return copy;
  await seed(copy, layer);
  const own = async (options?: Parameters<WorkingCopy['changes']>[0]): Promise<Change[]> => {
    const all = await copy.changes(options);
    const changes = all.flatMap((change) => relative(change, layer) ?? []);
    const back = await putBack(copy, layer, new Set(all.map((change) => change.path)));
    return [...changes, ...back].sort((a, b) => (a.path < b.path ? -1 : 1));
  };
  return {
    get kind() {
      return copy.kind;
    },
    get made() {
      return copy.made;
    },
    workspace: copy.workspace,
    read: copy.read,
    stat: copy.stat,
    exists: copy.exists,
    list: copy.list,
    readLink: copy.readLink,
    write: copy.write,
    remove: copy.remove,
    move: copy.move,
    view: copy.view,
    settled: copy.settled,
    close: copy.close,
    discard: copy.discard,
    changes: own,
    base: async (path) => {
      const held = layer.get(path);
      if (held === undefined) return copy.base(path);
      return held?.type === 'file' ? held.content : undefined;
    },
  };
}
