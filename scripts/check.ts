// One command that holds the house rules. `--all` adds the end-to-end suites, `--static` leaves all tests out.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { boundaryErrors, importCycles } from './boundaries.ts';
import { root } from './files.ts';
import { invariantErrors } from './invariants.ts';
import { limitErrors } from './limits.ts';
import { schemaErrors } from './schemas.ts';
import { runTests } from './test.ts';

type Step = [name: string, run: () => Promise<string[]> | string[]];

const script = (name: string) => ended(name, process.execPath, [join(root, 'scripts', name)]);
const program = (name: string, args: string[]) => ended(name, join(root, 'node_modules', '.bin', name), args);

/** Runs a program to its end; resolves to its output as the one error when it fails. */
function ended(name: string, file: string, args: string[]): Promise<string[]> {
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve([`${name} could not be started: ${error.message}`]));
    child.on('close', (code) => resolve(code === 0 ? [] : [out.trim() || `${name} ended with code ${code}`]));
  });
}

const steps: Step[] = [
  ['format and lint', () => program('biome', ['check', '--error-on-warnings', '--max-diagnostics=50', '.'])],
  ['types', () => program('tsc', ['-p', 'tsconfig.json'])],
  ['boundaries', () => boundaryErrors()],
  ['cycles', () => importCycles().map((group) => `import cycle: ${group.join(' -> ')}`)],
  ['limits', () => limitErrors()],
  ['invariants', () => invariantErrors()],
  ['schemas', () => schemaErrors()],
];

async function main(): Promise<number> {
  let failed = 0;
  for (const [name, run] of steps) {
    const start = performance.now();
    const errors = await run();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${errors.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    for (const error of errors) console.log(error);
    if (errors.length > 0) failed += 1;
  }
  if (process.argv.includes('--static')) return failed === 0 ? 0 : 1;
  const tallies = [await runTests([])];
  if (process.argv.includes('--all')) {
    // The end-to-end suites start what is published: the bundle, built from these sources.
    const errors = await script('build.mjs');
    for (const error of errors) console.log(`FAILED build\n${error}`);
    failed += errors.length;
    process.env['AMBIT_EVAL_CLI'] = join(root, 'dist', 'ambit.js');
    tallies.push(await runTests(['--e2e']));
  }
  const sum = (key: 'passed' | 'failed' | 'skipped') => tallies.reduce((total, tally) => total + tally[key], 0);
  console.log(`${sum('passed')} passed, ${sum('failed') + failed} failed, ${sum('skipped')} skipped`);
  return failed === 0 && sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
}

process.exitCode = await main();
