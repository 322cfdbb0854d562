import { join } from 'node:path';

/** What suites start as a process: the bundle where one is named (as `npm test` does), or else the sources. */
export const cli =
  process.env['AMBIT_EVAL_CLI'] ?? join(import.meta.dirname, '..', '..', 'packages', 'cli', 'src', 'bin.ts');
