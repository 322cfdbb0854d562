import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { showInvisible } from '@ambit/core/text';
import { fileRounds } from '@ambit/engine/automation';
import { type FileChange, type HookEvent, isTrigger, openQueue, triggers, watchFiles } from '@ambit/engine/hooks';
import { withLock } from '@ambit/guard/state';
import { parseIgnore } from '@ambit/scanner/ignore';
import { type Automation, openAutomation } from '../../automation.ts';
import { exitCode, type Io } from '../../command.ts';
import { question } from '../../question.ts';
import { findHooks, hookNamed } from './found.ts';

/** Folders that no hook is about, watched by nobody. */
const derived = ['.git', 'node_modules', '.venv', 'venv', 'dist', 'build', '.next', 'target', '__pycache__'];

function portsOf(io: Io): Parameters<typeof openAutomation>[2] {
  return {
    note: (_level, text) => io.err(`${showInvisible(text)}\n`),
    ...(io.interactive
      ? {
          confirm: async (hook) => {
            const asked = hook.confirm?.question ?? `Run the hook ${hook.name}?`;
            return /^y(es)?$/i.test((await question(io, `${asked} [y/N] `)).trim());
          },
        }
      : {}),
  };
}

/** `ambit hooks run NAME [FILE…]`: fires one accepted hook by hand. */
export async function runByHand(name: string | undefined, files: readonly string[], io: Io): Promise<number> {
  const found = await findHooks(io);
  const one = hookNamed(found, name);
  if (!one.trusted)
    throw new AmbitError('denied', `\`${one.hook.name}\` does not run: ${one.reason}`, { where: one.hook.file });
  const only = {
    ...found,
    hooks: [{ ...one, hook: { ...one.hook, enabled: true, matcher: { kind: 'always' as const } } }],
  };
  const { dispatcher } = await openAutomation(only, io, portsOf(io), 'by-hand');
  const [path] = files;
  const needsPath = triggers[one.hook.trigger].subject === 'path';
  if (needsPath && path === undefined)
    throw new AmbitError('usage', `\`${one.hook.name}\` is about files`, {
      hint: `for instance: ambit hooks run '${one.hook.name}' src/index.ts`,
    });
  const event: HookEvent = {
    trigger: one.hook.trigger,
    origin: 'human',
    depth: 0,
    ...(path === undefined ? {} : { path }),
  };
  const fired = await dispatcher.fire(event, files);
  for (const text of fired.context) io.out(`${text}\n`);
  if (fired.blocked) io.err(`${fired.blocked.reason}\n`);
  return fired.ran === 0 ? exitCode.needsHuman : fired.blocked ? exitCode.denied : exitCode.done;
}

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
  const one = (path: string, folder: boolean) => files.some((file) => file.verdict(path, folder) === true);
  return {
    speaks: (path) => {
      if (names.includes(path)) files = read();
      const segments = path.split('/');
      return segments.some((_, i) => one(segments.slice(0, i + 1).join('/'), i < segments.length - 1));
    },
  };
}

async function drain(queue: Awaited<ReturnType<typeof openQueue>>, automation: Automation, io: Io): Promise<void> {
  for (let waiting = queue.waiting(); waiting.length > 0 && !io.signal.aborted; waiting = queue.waiting()) {
    for (const { event, paths } of fileRounds(waiting)) {
      if (io.signal.aborted) return;
      await automation.dispatcher.fire(event, paths);
    }
    await queue.finish(waiting.length);
  }
}

/** Changes of one burst that are looked at together. */
const changesAtOnce = 1_000;
/** Files whose last content is remembered. */
const contentsMost = 20_000;

/** `ambit hooks watch`: fires file hooks for people's editors and landed changes until interrupted. */
export async function watch(pollMs: number | undefined, io: Io): Promise<number> {
  // It runs for days and is idle for most of them: what a burst leaves behind is collected soon, not let to grow first.
  setFlagsFromString('--semi-space-growth-factor=1');
  const found = await findHooks(io);
  const { state } = found.place;
  const automation = await openAutomation(found, io, portsOf(io), 'watch');
  const fileHooks = found.hooks.filter(
    ({ hook, trusted }) =>
      trusted && hook.enabled && isTrigger(hook.trigger) && triggers[hook.trigger].subject === 'path',
  );
  await withLock(join(state.hooks, 'watch.lock'), async () => {
    const queue = await openQueue(state.hooks);
    let work = drain(queue, automation, io);
    const contents = new Map<string, string | undefined>();
    const add = async (changes: readonly FileChange[]) => {
      const origins = await automation.originsOf(changes.map(({ path }) => path));
      // One save can reach us as two events; what has not changed since the last one is not another save.
      const fresh = changes.filter(
        ({ path }) => !contents.has(path) || contents.get(path) !== origins.get(path)?.content,
      );
      for (const { path } of fresh) {
        contents.delete(path);
        contents.set(path, origins.get(path)?.content);
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
    const take = (changes: FileChange[]) => {
      work = work
        .then(async () => {
          for (let at = 0; at < changes.length; at += changesAtOnce) await add(changes.slice(at, at + changesAtOnce));
          await drain(queue, automation, io);
        })
        .catch((error: unknown) => io.err(`hooks: ${messageOf(error)}\n`));
    };
    const ignored = ignoreFiles(state.workspace);
    const watcher = await watchFiles({
      workspace: state.workspace,
      ignore: derived.map((name) => (pollMs ? name : `**/${name}`)),
      wanted: (path) => !path.split('/').some((segment) => derived.includes(segment)) && !ignored.speaks(path),
      batch: take,
      failed: (error) => io.err(`hooks: the watcher failed: ${messageOf(error)}\n`),
      ...(pollMs ? { pollMs } : {}),
    });
    io.err(`Watching ${state.workspace}: ${fileHooks.length} file hooks. Ctrl-C ends.\n`);
    if (!io.signal.aborted)
      await new Promise<void>((resolve) => io.signal.addEventListener('abort', () => resolve(), { once: true }));
    await watcher.stop();
    await work;
  });
  return exitCode.interrupted;
}
