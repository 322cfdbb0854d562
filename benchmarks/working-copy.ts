// What a working copy costs by the number of files in the workspace: it must not grow with them. Prints one table.
// Usage: node benchmarks/working-copy.ts [rounds]; on an otherwise idle machine.
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readCatalogSources } from '../packages/cli/src/catalog.ts';
import { shippedPolicy } from '../packages/guard/src/policy/index.ts';
import { childEnvironment, chooseSandbox, confine, sandboxCatalog } from '../packages/guard/src/sandbox/index.ts';
import { openWorkingCopy } from '../packages/guard/src/working-copy/index.ts';
import { removeTree } from '../packages/guard/src/working-copy/tree.ts';

const rounds = Number(process.argv[2] ?? 5);
const sizes = [1_000, 10_000, 100_000];
const filesInFolder = 50;

const policies = await readCatalogSources(fileURLToPath(new URL('../catalog/', import.meta.url)), 'policies');
const { system, environment } = sandboxCatalog(policies);
const { protections } = shippedPolicy(policies);
const isSecret = (path: string) => protections.of(path, 'secret').length > 0;
const root = realpathSync(mkdtempSync(join(tmpdir(), 'ambit-bench-')));
const path = process.env['PATH'] ?? '';
const { sandbox } = await chooseSandbox({
  system,
  home: homedir(),
  path,
  node: process.execPath,
  cache: join(root, 'cache'),
});
const limits = { wallSeconds: 30, processes: 200, memoryMegabytes: 2_048, outputBytes: 20_000, fileMegabytes: 100 };

function makeWorkspace(count: number): string {
  const workspace = join(root, `w${count}`);
  for (let i = 0; i < count; i += 1) {
    const folder = join(workspace, `a${Math.floor(i / (filesInFolder * 20))}`, `b${Math.floor(i / filesInFolder)}`);
    if (i % filesInFolder === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `f${i}.ts`), `export const f${i} = ${i};\n`);
  }
  writeFileSync(join(workspace, '.env'), 'TOKEN=abc\n');
  return workspace;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

type Steps = Record<
  'first write' | 'look for secret files' | 'first command' | 'next command' | 'changes' | 'discard',
  number
>;

async function once(workspace: string, round: number): Promise<Steps> {
  const copy = await openWorkingCopy({ workspace, stateDir: join(root, `state-${round}`) });
  const write = await timed(() => copy.write('a0/b0/f0.ts', 'changed\n'));
  const options = { rules: environment, isSecret, index: { file: `${workspace}.index`, key: 'benchmark' } };
  let confined: Awaited<ReturnType<typeof confine>> = { protect: [], hide: [] };
  const look = await timed(async () => {
    confined = await confine(copy, options);
  });
  const env = childEnvironment(process.env, environment, { path, workspace, installs: false });
  const command = async () => {
    const request = { command: { shell: 'true' }, cwd: workspace, env, view: await copy.view(), hosts: [], limits };
    await sandbox?.run({ ...request, ...confined });
    await copy.settled();
  };
  const first = await timed(command);
  const next = await timed(command);
  const changes = await timed(() => copy.changes());
  const discard = await timed(() => copy.discard());
  return {
    'first write': write,
    'look for secret files': look,
    'first command': first,
    'next command': next,
    changes,
    discard,
  };
}

const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
const columns: Steps[][] = [];
for (const size of sizes) {
  const workspace = makeWorkspace(size);
  // What was changed less than two seconds ago is looked at again.
  await sleep(2_500);
  const samples: Steps[] = [];
  for (let round = 0; round < rounds + 1; round += 1) samples.push(await once(workspace, round));
  columns.push(samples);
}
console.log(
  `| milliseconds, ${sandbox?.name ?? 'no sandbox'}, ${rounds} rounds | ${sizes.join(' | ')} |\n| --- | --- | --- | --- |`,
);
const names = Object.keys(columns[0]?.[0] ?? {}) as (keyof Steps)[];
for (const name of names) {
  const cells = columns.map((samples) => {
    const [cold, ...warm] = samples.map((sample) => sample[name]);
    return `${median(warm).toFixed(1)} (first ever ${cold?.toFixed(1)})`;
  });
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
await removeTree(root);
