import { createInterface } from 'node:readline';
import { AmbitError } from '@ambit/core/errors';
import type { Io } from './command.ts';

/** Asks one line at the terminal. Callers check `io.interactive` first: a pipe must never answer (C5). */
export function question(io: Io, text: string): Promise<string> {
  if (!io.interactive) throw new AmbitError('needs-human', 'a question needs a person at a terminal');
  const lines = createInterface({ input: io.stdin, output: process.stderr, terminal: true });
  return new Promise((resolve, reject) => {
    const stop = () => {
      lines.close();
      reject(new AmbitError('interrupted', 'interrupted'));
    };
    io.signal.addEventListener('abort', stop, { once: true });
    lines.on('SIGINT', stop);
    lines.question(text, (answer) => {
      io.signal.removeEventListener('abort', stop);
      lines.close();
      resolve(answer);
    });
  });
}
