import { messageOf } from '@ambit/core/errors';
import type { Io } from './command.ts';
import type { Landing } from './landing.ts';

/** Fires file hooks for what has been applied since the last call. What a hook does wrong never undoes the landing. */
export async function fireFileHooks(
  { landed }: Pick<Landing, 'landed'>,
  io: Io,
  note: (text: string) => void,
): Promise<void> {
  const files = landed.splice(0);
  if (files.length === 0) return;
  try {
    const [{ findHooks }, { fireLanded }] = await Promise.all([
      import('./commands/hooks/found.ts'),
      import('./hook-watch.ts'),
    ]);
    await fireLanded(files, await findHooks(io), io, { note: (_level, text) => note(text) });
  } catch (error) {
    note(`hooks: ${messageOf(error)}`);
  }
}
