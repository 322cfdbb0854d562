import { setFlagsFromString } from 'node:v8';
import { AmbitError } from '@ambit/core/errors';
import { showInvisible } from '@ambit/core/text';
import { type HookEvent, triggers } from '@ambit/engine/hooks';
import { type AutomationPorts, openAutomation } from '../../automation.ts';
import { exitCode, type Io } from '../../command.ts';
import { startWatching } from '../../hook-watch.ts';
import { question } from '../../question.ts';
import { fileHooks, findHooks, hookNamed } from './found.ts';

function portsOf(io: Io): AutomationPorts {
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
  const { dispatcher } = await openAutomation(found, io, { ...portsOf(io), signal: io.signal }, 'by-hand');
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
  const fired = await dispatcher.fire(event, files, one.hook);
  for (const text of fired.context) io.out(`${text}\n`);
  if (fired.blocked) io.err(`${fired.blocked.reason}\n`);
  return fired.ran === 0 ? exitCode.needsHuman : fired.blocked ? exitCode.denied : exitCode.done;
}

/** `ambit hooks watch`: fires file hooks for people's editors and landed changes until interrupted. */
export async function watch(pollMs: number | undefined, io: Io): Promise<number> {
  // It runs for days and is idle for most of them: what a burst leaves behind is collected soon, not let to grow first.
  setFlagsFromString('--semi-space-growth-factor=1');
  const found = await findHooks(io);
  const watching = await startWatching(found, io, { ports: portsOf(io), ...(pollMs ? { pollMs } : {}) });
  io.err(`Watching ${found.place.workspace}: ${fileHooks(found)} file hooks. Ctrl-C ends.\n`);
  if (!io.signal.aborted)
    await new Promise<void>((resolve) => io.signal.addEventListener('abort', () => resolve(), { once: true }));
  await watching.stop();
  return exitCode.interrupted;
}
