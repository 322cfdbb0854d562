import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { FileEvent } from './queue.ts';

export type FileChange = Pick<FileEvent, 'trigger' | 'path'>;

export interface WatchOptions {
  /** Real path of the workspace. */
  workspace: string;
  /** Folders and globs not watched at all (dependencies, build output, version control). */
  ignore: readonly string[];
  /** Whether a change is of interest: ignore files, and paths that a run of our own has just written. */
  wanted: (path: string) => boolean;
  /** One batch of changes, coalesced: a path stands at most once, with its last meaning. */
  batch: (changes: FileChange[]) => void;
  failed: (error: Error) => void;
  /** Milliseconds of quiet that end a batch. */
  quietMs?: number;
  /** Poll instead of asking the operating system: for network file systems. Milliseconds between looks. */
  pollMs?: number;
}

export interface Watcher {
  stop: () => Promise<void>;
}

/** Long enough to swallow an editor's temporary file and rename, short enough not to be felt. */
const defaultQuietMs = 30;
/** A burst that never pauses is handed on in parts. */
const longestBatchMs = 1_000;

type Raw = { type: 'create' | 'update' | 'delete'; path: string };

/**
 * Folds raw events of one burst: an editor's «write a temporary file, rename it over the old one» is a save, made and
 * gone is nothing, gone and made again is a save.
 */
export function coalesce(events: readonly Raw[], existed: (path: string) => boolean): FileChange[] {
  const first = new Map<string, Raw['type']>();
  const last = new Map<string, Raw['type']>();
  for (const { type, path } of events) {
    if (!first.has(path)) first.set(path, type);
    last.set(path, type);
  }
  const changes: FileChange[] = [];
  for (const [path, end] of last) {
    const before = existed(path) || first.get(path) === 'update' || first.get(path) === 'delete';
    if (end === 'delete') {
      if (before) changes.push({ trigger: 'PostFileDelete', path });
    } else changes.push({ trigger: before ? 'PostFileSave' : 'PostFileCreate', path });
  }
  return changes;
}

/** Events of one batch from which on the operating system's queue may have overflowed and dropped some without a word. */
const burstLeast = 1_000;
/** Quiet after a burst before it is looked whether files changed of which nobody told. */
const reviewMs = 500;
/** Clocks of a file system may run a little behind. */
const clockSlackMs = 2_000;

/** After a burst: finds files that changed during it without an event. `walk` names the workspace's files with their times. */
function burstReview(
  walk: () => Promise<ReadonlyMap<string, number>>,
  found: (paths: readonly string[]) => void,
): { note: (events: readonly Raw[], since: number) => void; stop: () => void } {
  let from = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const told = new Set<string>();
  const review = async () => {
    const since = from - clockSlackMs;
    const files = await walk();
    const missed = [...files].filter(([path, changed]) => changed >= since && !told.has(path)).map(([path]) => path);
    from = Number.POSITIVE_INFINITY;
    told.clear();
    if (missed.length > 0) found(missed);
  };
  return {
    note: (events, since) => {
      if (events.length < burstLeast && from === Number.POSITIVE_INFINITY) return;
      from = Math.min(from, since);
      for (const { path } of events) told.add(path);
      clearTimeout(timer);
      timer = setTimeout(() => void review().catch(() => undefined), reviewMs);
    },
    stop: () => clearTimeout(timer),
  };
}

/** `known` are the files there already: what is told of them is a save, whatever the system calls it. */
function collector(
  options: WatchOptions,
  known: Set<string>,
): { take: (events: readonly Raw[]) => void; stop: () => void } {
  let pending: Raw[] = [];
  let since = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    // The system may have dropped that a file was made, and tell only of what was written to it then.
    const events = pending.map((event) =>
      event.type === 'update' && !known.has(event.path) ? { ...event, type: 'create' as const } : event,
    );
    pending = [];
    review?.note(events, Date.now() - (performance.now() - since));
    const changes = coalesce(events, (path) => known.has(path)).filter(({ path }) => options.wanted(path));
    for (const { trigger, path } of changes) {
      if (trigger === 'PostFileDelete') known.delete(path);
      else known.add(path);
    }
    if (changes.length > 0) options.batch(changes);
  };
  // Polling looks at every file anyway.
  const review = options.pollMs
    ? undefined
    : burstReview(
        async () => {
          const times = new Map<string, number>();
          for (const [path, { mtimeMs }] of await marks(options)) times.set(path, mtimeMs);
          return times;
        },
        (paths) => take(paths.map((path) => ({ type: 'create', path }))),
      );
  const take = (events: readonly Raw[]) => {
    if (events.length === 0) return;
    if (pending.length === 0) since = performance.now();
    pending.push(...events);
    clearTimeout(timer);
    if (performance.now() - since > longestBatchMs) flush();
    else timer = setTimeout(flush, options.quietMs ?? defaultQuietMs);
  };
  const stop = () => {
    clearTimeout(timer);
    review?.stop();
  };
  return { take, stop };
}

const posix = (path: string) => (sep === '/' ? path : path.split(sep).join('/'));

async function subscribe(options: WatchOptions, take: (events: readonly Raw[]) => void): Promise<Watcher> {
  const watcher = await import('@parcel/watcher');
  const subscription = await watcher.subscribe(
    options.workspace,
    (error, events) => {
      if (error) options.failed(error);
      else take(events.map(({ type, path }) => ({ type, path: posix(relative(options.workspace, path)) })));
    },
    { ignore: [...options.ignore] },
  );
  return { stop: () => subscription.unsubscribe() };
}

type Snapshot = ReadonlyMap<string, Stats>;

/** Paths of the files below a folder that are watched. */
async function names(options: WatchOptions, folder = '', into: string[] = []): Promise<string[]> {
  const entries = await readdir(join(options.workspace, folder), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const ignored = options.ignore.includes(entry.name) || options.ignore.includes(`**/${entry.name}`);
    if (ignored || !options.wanted(path)) continue;
    if (entry.isDirectory()) await names(options, path, into);
    else if (entry.isFile()) into.push(path);
  }
  return into;
}

async function marks(options: WatchOptions): Promise<Snapshot> {
  const found = new Map<string, Stats>();
  for (const path of await names(options)) {
    const at = await stat(join(options.workspace, path)).catch(() => undefined);
    if (at) found.set(path, at);
  }
  return found;
}

const same = (a: Stats, b: Stats) => a.mtimeMs === b.mtimeMs && a.size === b.size && a.ino === b.ino;

function differences(before: Snapshot, after: Snapshot): Raw[] {
  const events: Raw[] = [];
  for (const [path, now] of after) {
    const old = before.get(path);
    if (old === undefined) events.push({ type: 'create', path });
    else if (!same(old, now)) events.push({ type: 'update', path });
  }
  for (const path of before.keys()) if (!after.has(path)) events.push({ type: 'delete', path });
  return events;
}

async function poll(options: WatchOptions, everyMs: number, take: (events: readonly Raw[]) => void): Promise<Watcher> {
  let before = await marks(options);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();
  const again = () => {
    looking = (async () => {
      const after = await marks(options);
      if (stopped) return;
      take(differences(before, after));
      before = after;
      timer = setTimeout(again, everyMs);
    })().catch(options.failed);
  };
  timer = setTimeout(again, everyMs);
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

/** Watches people's editors. Resolves when changes are being seen. */
export async function watchFiles(options: WatchOptions): Promise<Watcher> {
  const { take, stop } = collector(options, new Set(await names(options)));
  const source = options.pollMs ? await poll(options, options.pollMs, take) : await subscribe(options, take);
  return {
    stop: async () => {
      stop();
      await source.stop();
    },
  };
}
