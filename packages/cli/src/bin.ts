import * as module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { main } from './main.ts';

// Compiled code of the bundle's chunks, in the user's own cache (a run cannot write there). Node 22 and later.
const cacheHome = process.env['XDG_CACHE_HOME'] || join(process.env['HOME'] || homedir(), '.cache');
if (import.meta.url.endsWith('.js')) module.enableCompileCache?.(join(cacheHome, 'ambit', 'compiled'));

const abort = new AbortController();
let interrupts = 0;
const handlers: (() => void)[] = [];
process.on('SIGINT', () => {
  const handler = handlers.at(-1);
  if (handler) return handler();
  interrupts += 1;
  if (interrupts > 1) process.exit(130);
  abort.abort();
});
process.on('SIGTERM', () => abort.abort());
// A reader that goes away (`ambit log show | head`) ends the output, not with a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const code = await main(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  get stdin() {
    return process.stdin;
  },
  interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
  colour: Boolean(process.stdout.isTTY) && !process.env['NO_COLOR'],
  columns: process.stdout.columns || 80,
  signal: abort.signal,
  now: () => new Date(),
  onInterrupt: (handler) => {
    handlers.push(handler);
    return () => void handlers.splice(handlers.indexOf(handler), 1);
  },
});

// Everything is awaited in `main`. Taking the engine down piece by piece takes longer than a short command does.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise((resolve) => stream.write('', () => resolve(undefined))),
  ),
);
module.flushCompileCache?.();
process.exit(code);
