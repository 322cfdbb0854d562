import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAmbitError, messageOf } from '@ambit/core/errors';
import { fileRounds } from '@ambit/engine/automation';
import type { ChangedFile } from '@ambit/engine/change-set';
import { type EventQueue, type FileChange, openQueue, watchFiles } from '@ambit/engine/hooks';
import { withLock } from '@ambit/guard/state';
import { parseIgnore } from '@ambit/scanner/ignore';
import { type Automation, type AutomationPorts, openAutomation } from './automation.ts';
import type { Io } from './command.ts';
import { fileHooks, type HookPlace } from './commands/hooks/found.ts';

/** Folders that no hook is about, watched by nobody. */
const derived = ['.git', 'node_modules', '.venv', 'venv', 'dist', 'build', '.next', 'target', '__pycache__'];

/** What the ignore files of the workspace leave out; read again when one of them changed. */
function ignoreFiles(workspace: string): { speaks: (path: string) => boolean } {
  const names = ['.gitignore', '.kiroignore', '.ambitignore'];
  const read = () =>
    names.map((name) => {
      try {
        return parseIgnore(readFileSync(join(workspace, name), 'utf8'));
      } catch {
        return parseIgnore('');
      }
    });
  let files = read();
  const one = (path: string) => files.some((file) => file.verdict(path, true) === true);
  // What is gone may have been a folder: a rule for folders counts for the last segment too.
  return {
    speaks: (path) => {
      if (names.includes(path)) files = read();
      const segments = path.split('/');
      return segments.some((_, i) => one(segments.slice(0, i + 1).join('/')));
    },
  };
}

function wantedBy(workspace: string): (path: string) => boolean {
  const ignored = ignoreFiles(workspace);
  return (path) => !path.split('/').some((segment) => derived.includes(segment)) && !ignored.speaks(path);
}

async function drain(queue: EventQueue, automation: Automation, stopped: () => boolean): Promise<void> {
  for (let waiting = queue.waiting(); waiting.length > 0 && !stopped(); waiting = queue.waiting()) {
    for (const { event, paths } of fileRounds(waiting)) {
      if (stopped()) return;
      await automation.dispatcher.fire(event, paths);
    }
    // What was cut short waits for the next start.
    if (stopped()) return;
    await queue.finish(waiting.length);
  }
}

/** Changes of one burst that are looked at together. */
const changesAtOnce = 1_000;
/** Files whose last content is remembered. */
const contentsMost = 20_000;

/** Queues changes with their origins. One save can reach us as two events; what has not changed since is not another save. */
function adder(queue: EventQueue, automation: Automation): (changes: readonly FileChange[]) => Promise<void> {
  const contents = new Map<string, string | undefined>();
  return async (changes) => {
    const origins = await automation.originsOf(changes.map(({ path }) => path));
    const contentOf = (path: string) => origins.get(path)?.content;
    // A folder, or a file that is gone again, has no content and is no save.
    const files = changes.filter(({ path, trigger }) => trigger === 'PostFileDelete' || contentOf(path) !== undefined);
    const fresh = files.filter(({ path }) => !contents.has(path) || contents.get(path) !== contentOf(path));
    for (const { path } of fresh) {
      contents.delete(path);
      contents.set(path, contentOf(path));
    }
    // The oldest go: a second event of one save comes right behind the first.
    for (const path of contents.keys()) {
      if (contents.size <= contentsMost) break;
      contents.delete(path);
    }
    const events = fresh.map((change) => {
      const { origin = 'human', depth = 0 } = origins.get(change.path) ?? {};
      return { ...change, origin, depth };
    });
    await queue.add(...events);
  };
}

const lockOf = (found: HookPlace) => join(found.place.state.hooks, 'watch.lock');

export interface WatchHooks {
  ports: AutomationPorts;
  /** Milliseconds between looks, for network file systems; absent: the operating system tells. */
  pollMs?: number;
}

/**
 * Fires file hooks for people's editors and landed changes until stopped; one watcher a workspace, so it rejects with
 * `state.locked` where another one is at work. Resolves when changes are being seen.
 */
export async function startWatching(
  found: HookPlace,
  io: Io,
  { ports, pollMs }: WatchHooks,
): Promise<{ stop: () => Promise<void> }> {
  const { state } = found.place;
  const stopping = new AbortController();
  const stopped = () => stopping.signal.aborted;
  const automation = await openAutomation(found, io, { ...ports, signal: stopping.signal }, 'watch');
  let release: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  return new Promise((started, failed) => {
    const held = withLock(lockOf(found), async () => {
      const queue = await openQueue(state.hooks);
      const add = adder(queue, automation);
      let work = drain(queue, automation, stopped);
      const take = (changes: FileChange[]) => {
        work = work
          .then(async () => {
            for (let at = 0; at < changes.length; at += changesAtOnce) await add(changes.slice(at, at + changesAtOnce));
          })
          .then(() => drain(queue, automation, stopped))
          .catch((error: unknown) => ports.note('warning', `hooks: ${messageOf(error)}`));
      };
      const watcher = await watchFiles({
        workspace: state.workspace,
        ignore: derived.map((name) => (pollMs ? name : `**/${name}`)),
        wanted: wantedBy(state.workspace),
        batch: take,
        failed: (error) => ports.note('warning', `hooks: the watcher failed: ${messageOf(error)}`),
        ...(pollMs ? { pollMs } : {}),
      });
      started({
        stop: async () => {
          stopping.abort();
          release();
          await held;
        },
      });
      await until;
      await watcher.stop();
      await work;
    });
    held.catch(failed);
  });
}

const triggerOf = { created: 'PostFileCreate', modified: 'PostFileSave', deleted: 'PostFileDelete' } as const;

/**
 * Fires file hooks for what a run has just landed. Where a watcher is at work it sees the files itself, so this does
 * nothing then.
 */
export async function fireLanded(
  landed: readonly Pick<ChangedFile, 'path' | 'kind'>[],
  found: HookPlace,
  io: Io,
  ports: AutomationPorts,
): Promise<void> {
  if (landed.length === 0 || fileHooks(found) === 0) return;
  const wanted = wantedBy(found.place.workspace);
  const changes = landed
    .filter(({ path }) => wanted(path))
    .map(({ path, kind }) => ({ path, trigger: triggerOf[kind] }));
  try {
    await withLock(lockOf(found), async () => {
      const queue = await openQueue(found.place.state.hooks);
      const automation = await openAutomation(found, io, { ...ports, signal: io.signal }, 'landed');
      await adder(queue, automation)(changes);
      await drain(queue, automation, () => io.signal.aborted);
    });
  } catch (error) {
    if (!isAmbitError(error) || error.code !== 'state.locked') throw error;
  }
}
