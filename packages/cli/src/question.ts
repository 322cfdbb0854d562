import { createInterface } from 'node:readline';
import { AmbitError } from '@ambit/core/errors';
import type { Io } from './command.ts';

/**
 * Asks one line at the terminal. Callers check `io.interactive` first: a pipe must never answer (C5). The end of input
 * answers nothing; Ctrl-C, which a line being read keeps from the process, stops what asked as it does anywhere else.
 */
export function question(io: Io, text: string): Promise<string> {
  if (!io.interactive) throw new AmbitError('needs-human', 'a question needs a person at a terminal');
  const lines = createInterface({ input: io.stdin, output: process.stderr, terminal: true });
  return new Promise((resolve, reject) => {
    const stop = () => lines.close();
    io.signal.addEventListener('abort', stop, { once: true });
    lines.on('SIGINT', () => {
      stop();
      process.kill(process.pid, 'SIGINT');
    });
    lines.on('close', () => {
      io.signal.removeEventListener('abort', stop);
      reject(new AmbitError('interrupted', 'interrupted'));
    });
    lines.question(text, (answer) => {
      resolve(answer);
      lines.close();
    });
  });
}
