import { fstatSync } from 'node:fs';
import { AmbitError } from '@ambit/core/errors';
import type { Io } from '../command.ts';

/** More than any model takes; a pipe that never ends must not fill the memory. */
const maxBytes = 16 * 1024 * 1024;
/** How long a program that started Ambit with a pipe has to put something into it. */
const silentMs = 250;

type Input = 'none' | 'file' | 'pipeline' | 'channel';

/** A shell's pipeline is a pipe; what a program opens for a child is mostly a socket, and often never closed. */
function kindOf(io: Io): Input {
  if (io.stdin.isTTY) return 'none';
  const { fd } = io.stdin as { fd?: number };
  if (fd === undefined) return 'channel';
  try {
    const found = fstatSync(fd);
    return found.isFile() ? 'file' : found.isFIFO() ? 'pipeline' : found.isSocket() ? 'channel' : 'none';
  } catch {
    return 'none';
  }
}

function readAll(io: Io, patience: number | undefined): Promise<string> {
  const { stdin, signal } = io;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const leave = (end: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      stdin.off('data', onData).off('end', onEnd).off('error', onError);
      stdin.pause();
      end();
    };
    const text = () => Buffer.concat(chunks).toString();
    const onEnd = () => leave(() => resolve(text()));
    const onError = (error: Error) => leave(() => reject(error));
    const onAbort = () => leave(() => reject(new AmbitError('interrupted', 'interrupted')));
    const onData = (chunk: Buffer | string) => {
      clearTimeout(timer);
      const bytes = Buffer.from(chunk);
      chunks.push(bytes);
      size += bytes.length;
      if (size <= maxBytes) return;
      const message = `standard input is longer than ${maxBytes / 1024 / 1024} MB`;
      leave(() => reject(new AmbitError('usage', message)));
    };
    const timer = setTimeout(
      () => (patience === undefined ? io.err('reading standard input until it closes …\n') : onEnd()),
      patience ?? 3_000,
    );
    signal.addEventListener('abort', onAbort, { once: true });
    stdin.on('data', onData).on('end', onEnd).on('error', onError);
  });
}

/**
 * The prompt from the command line and standard input: `-p "…"`, `-p -`, input alone, or both, the input then as
 * material after the prompt. A channel that stays silent and open, as some programs leave it, is waited for only when
 * there is no other prompt.
 */
export async function promptText(given: string | undefined, io: Io): Promise<string> {
  const alone = given === undefined || given === '-' || given === '';
  const kind = kindOf(io);
  const input = kind === 'none' ? '' : await readAll(io, kind === 'channel' && !alone ? silentMs : undefined);
  const prompt = [alone ? '' : given, input.trimEnd()].filter(Boolean).join('\n\n');
  if (prompt === '')
    throw new AmbitError('usage', 'there is no prompt', { hint: 'for instance: ambit -p "add a test for parse()"' });
  return prompt;
}
