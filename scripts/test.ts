// Runs test files with Node's own runner: a few processes (one per core), many files in each, because a process per
// file costs more than most of our files. Usage: scripts/test.ts [path-prefix or file ...] [--e2e]
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { projectFiles, root } from './files.ts';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

function selectFiles(args: string[]): string[] {
  const prefixes = args.filter((arg) => !arg.startsWith('--')).map((arg) => arg.replace(/^\.\//, ''));
  const all = projectFiles('packages/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts', 'evals/**/*.test.ts');
  const wanted = all.filter((name) => !/(^|\/)(fixtures|samples|apps)\//.test(name));
  if (prefixes.length > 0) return wanted.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
  const isE2e = (name: string) => name.startsWith('test/e2e/') || name.startsWith('evals/');
  return wanted.filter((name) => isE2e(name) === args.includes('--e2e'));
}

function shards(files: string[], count: number): string[][] {
  const out: string[][] = Array.from({ length: count }, () => []);
  for (const [i, file] of files.entries()) out[i % count]?.push(file);
  return out.filter((shard) => shard.length > 0);
}

function runShard(files: string[]): Promise<Tally> {
  const reporter = process.env['AMBIT_TEST_REPORTER'] ?? './scripts/test-reporter.ts';
  const args = ['--test', '--test-isolation=none', `--test-reporter=${reporter}`, ...files];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let tail = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      tail = (tail + text).slice(-2_000);
      process.stdout.write(text.replace(/^#tally .*\n/m, ''));
    });
    child.on('close', (code) => {
      const match = /#tally (\d+) (\d+) (\d+)/.exec(tail);
      if (!match) {
        console.log(`a test process ended with code ${code} before it could report; its files: ${files.join(' ')}`);
        resolve({ passed: 0, failed: 1, skipped: 0 });
        return;
      }
      const failed = Number(match[2]);
      resolve({ passed: Number(match[1]), failed: code !== 0 && failed === 0 ? 1 : failed, skipped: Number(match[3]) });
    });
  });
}

/** Runs the selected files; prints `N passed, N failed, N skipped` and resolves to whether all passed. */
export async function runTests(args: string[]): Promise<Tally> {
  const files = selectFiles(args);
  const tallies = await Promise.all(shards(files, Math.min(availableParallelism(), 4)).map(runShard));
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const tally of tallies) {
    sum.passed += tally.passed;
    sum.failed += tally.failed;
    sum.skipped += tally.skipped;
  }
  return sum;
}

if (import.meta.main) {
  const sum = await runTests(process.argv.slice(2));
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
}
