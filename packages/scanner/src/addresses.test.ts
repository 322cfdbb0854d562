import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { readCatalogSources } from '../../../test/support/catalog.ts';
import { readRules } from './catalog.ts';
import { openTransfer } from './engines/syntax/transfer.ts';
import { scan } from './scan.ts';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

interface Sampled {
  rules?: { samples?: { match?: { file?: string; code?: string }[] } }[];
}

/** A project of all samples of code that the rules come with, a folder for each. */
async function sampleProject(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'ambit-addresses-'));
  folders.push(root);
  const sources = (await readCatalogSources('rules')).filter(({ file }) => file.includes('/code/'));
  const samples = sources
    .flatMap(({ data }) => (data as Sampled).rules ?? [])
    .flatMap(({ samples: of }) => of?.match ?? []);
  for (const [i, { file, code }] of samples.entries()) {
    if (file === undefined || code === undefined) continue;
    const path = join(root, `s${i}`, file);
    await mkdir(dirname(path), { recursive: true });
    // A character of several bytes before everything else: offsets of the parser count bytes, ours do not.
    await writeFile(path, file.endsWith('.py') ? code : `/* é→𝒳 */ ${code}`);
  }
  return root;
}

const told = (findings: readonly { ruleId: string; file: string; line: number; message: string }[]): string[] =>
  findings.map(({ ruleId, file, line, message }) => `${file}:${line} ${ruleId} ${message}`);

const child = `
  import { readCatalogSources } from ${JSON.stringify(new URL('../../../test/support/catalog.ts', import.meta.url))};
  import { readRules } from ${JSON.stringify(new URL('catalog.ts', import.meta.url))};
  import { openTransfer } from ${JSON.stringify(new URL('engines/syntax/transfer.ts', import.meta.url))};
  import { scan } from ${JSON.stringify(new URL('scan.ts', import.meta.url))};
  const catalog = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
  const { findings } = await scan(process.argv[2], { catalog, now: () => new Date('2026-06-01'), threads: 1 });
  console.log(JSON.stringify({ given: (await openTransfer()) !== undefined, findings }));
`;

test('the same is found where the parser may not have the addresses it would like to share its memory at', async (t) => {
  if (process.platform !== 'linux') return t.skip('no limit on addresses to be set here');
  if ((await openTransfer()) === undefined) return t.skip('this machine does not give them without a limit either');
  const root = await sampleProject();
  const program = await mkdtemp(join(tmpdir(), 'ambit-addresses-'));
  folders.push(program);
  await writeFile(join(program, 'child.mjs'), child);
  const limited = execFileSync(
    '/bin/sh',
    // Room for the process itself, and not for the six gigabytes more that are asked for.
    ['-c', 'ulimit -v 7000000 && exec "$@"', 'sh', process.execPath, join(program, 'child.mjs'), root],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  const said = JSON.parse(limited) as { given: boolean; findings: Parameters<typeof told>[0] };
  assert.equal(said.given, false);
  const catalog = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
  const { findings } = await scan(root, { catalog, now: () => new Date('2026-06-01'), threads: 1 });
  assert.ok(findings.length > 150, `${findings.length} findings`);
  assert.deepEqual(told(said.findings), told(findings));
});
