// node benchmarks/scan.ts [--files 5700] [--packages a,b,c]
// The scanner against eslint-plugin-security and secretlint's library on the same files in the same run, each in a
// process of its own. Peers and subjects are installed into a cache folder outside the repository. On a machine that does
// other work at the same time, the ratio of the processor times says more than that of the clock.
// Budgets: >= 20 x the files per second of the two peers together; second scan <= 20 % of the first; one saved file
// <= 10 ms; peak memory <= 300 MB.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '5700' },
    packages: {
      type: 'string',
      default:
        'ghost@5.130.6,parse-server@9.10.0,typeorm@1.1.1,nodebb@1.4.0,payload@3.90.2,@medusajs/medusa,@directus/api,@strapi/core,ep_etherpad-lite,ai',
    },
  },
});
const wanted = Number(values.files);
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ambit-bench', 'scan');
const cli = process.env['AMBIT_CLI'] ?? join(import.meta.dirname, '..', 'dist', 'ambit.js');

const eslintPeer = `
import { ESLint } from 'eslint';
import security from 'eslint-plugin-security';
import tseslint from 'typescript-eslint';
const eslint = new ESLint({ cwd: process.argv[2], overrideConfigFile: true, warnIgnored: false, errorOnUnmatchedPattern: false,
  overrideConfig: [{ files: ['**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}'], languageOptions: { parser: tseslint.parser, parserOptions: { ecmaFeatures: { jsx: true } } },
    linterOptions: { reportUnusedDisableDirectives: 'off' }, plugins: { security }, rules: security.configs.recommended.rules }] });
const results = await eslint.lintFiles(['.']);
console.log(JSON.stringify({ files: results.length, findings: results.reduce((n, r) => n + r.messages.filter((m) => m.ruleId).length, 0) }));
`;
const secretlintPeer = `
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
let files = 0; let findings = 0;
for (const e of readdirSync(process.argv[2], { recursive: true, withFileTypes: true })) {
  if (!e.isFile()) continue;
  const filePath = join(e.parentPath, e.name);
  const content = readFileSync(filePath, 'utf8');
  const result = await lintSource({ source: { filePath, content, contentType: 'text' }, options: { config: { rules: [{ id: 'preset', rule: creator }] } } });
  files += 1; findings += result.messages.length;
}
console.log(JSON.stringify({ files, findings }));
`;

function install(): void {
  mkdirSync(cache, { recursive: true });
  if (existsSync(join(cache, 'node_modules', '@secretlint'))) return;
  writeFileSync(join(cache, 'package.json'), '{"private":true,"type":"module"}\n');
  const peers = ['eslint@9.39.0', 'typescript@5.9.3', 'typescript-eslint@8.46.0', 'eslint-plugin-security@3.0.1'];
  const secret = ['@secretlint/core@11.2.5', '@secretlint/secretlint-rule-preset-recommend@11.2.5'];
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...peers, ...secret], {
    cwd: cache,
    stdio: 'inherit',
  });
}

/** Sources of the subjects, unpacked once; `wanted` files of them, spread evenly, copied into a folder. */
function subject(): string {
  const root = join(cache, 'subjects');
  for (const name of values.packages.split(',')) {
    const target = join(root, name.replaceAll('/', '+'));
    if (existsSync(target)) continue;
    mkdirSync(target, { recursive: true });
    const tarball = execFileSync('npm', ['pack', '--silent', name], { cwd: root, encoding: 'utf8' }).trim();
    execFileSync('tar', ['xzf', join(root, tarball), '-C', target]);
  }
  const all = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:[cm]?[jt]sx?|json|ya?ml|html|sql|md)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size < 300_000 && !/\.min\.|\.map$/.test(path))
    .sort();
  const step = Math.max(1, all.length / wanted);
  const folder = mkdtempSync(join(tmpdir(), 'ambit-bench-'));
  for (let i = 0; i < all.length && i / step < wanted; i += step) {
    const from = all[Math.floor(i)] ?? '';
    const to = join(folder, relative(root, from));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to);
  }
  return folder;
}

interface Run {
  seconds: number;
  /** Processor time of all threads. */
  cpu: number;
  peakMb: number;
  said: { files?: number; findings?: number | unknown[]; stats?: { files: number; milliseconds: number } };
}

function measure(argv: string[]): Run {
  const started = performance.now();
  const env = { ...process.env, XDG_STATE_HOME: join(cache, 'state') };
  const done = spawnSync('/usr/bin/env', ['time', '-f', 'PEAK %M %U %S', ...argv], {
    encoding: 'utf8',
    env,
    maxBuffer: 1 << 28,
  });
  const seconds = (performance.now() - started) / 1000;
  const [, peak = '', user = '', system = ''] = /PEAK (\d+) ([\d.]+) ([\d.]+)/.exec(done.stderr) ?? [];
  const peakMb = Number(peak) / 1024;
  try {
    return { seconds, cpu: Number(user) + Number(system), peakMb, said: JSON.parse(done.stdout) as Run['said'] };
  } catch {
    throw new Error(`${argv.join(' ')} failed: ${done.stderr.slice(-2000)}`);
  }
}

install();
const folder = subject();
try {
  writeFileSync(join(cache, 'eslint-peer.mjs'), eslintPeer);
  writeFileSync(join(cache, 'secretlint-peer.mjs'), secretlintPeer);
  rmSync(join(cache, 'state'), { recursive: true, force: true });
  const node = process.execPath;
  const rows: [string, Run][] = [
    [
      'ambit, first scan',
      measure([node, cli, 'scan', folder, '--no-ignore', '--format', 'json', '--fail-on', 'never']),
    ],
    [
      'ambit, second scan',
      measure([node, cli, 'scan', folder, '--no-ignore', '--format', 'json', '--fail-on', 'never']),
    ],
    ['secretlint library', measure([node, join(cache, 'secretlint-peer.mjs'), folder])],
    ['eslint-plugin-security', measure([node, join(cache, 'eslint-peer.mjs'), folder])],
  ];
  for (const [name, { seconds, cpu, peakMb, said }] of rows) {
    const files = said.stats?.files ?? said.files ?? 0;
    const findings = Array.isArray(said.findings) ? said.findings.length : said.findings;
    console.log(
      `${name.padEnd(24)} ${seconds.toFixed(2)} s  ${cpu.toFixed(1)} s of processor  ${(files / seconds).toFixed(0)} files/s  ${peakMb.toFixed(0)} MB  ${findings} findings in ${files} files`,
    );
  }
  const time = (at: number) => rows[at]?.[1].seconds ?? Number.NaN;
  console.log(`times the speed of both peers: ${((time(2) + time(3)) / time(0)).toFixed(1)} (budget 20)`);
  const cpu = (at: number) => rows[at]?.[1].cpu ?? Number.NaN;
  console.log(
    `by processor time: ${((cpu(2) + cpu(3)) / cpu(0)).toFixed(1)}; second scan ${((cpu(1) / cpu(0)) * 100).toFixed(0)} %`,
  );
  console.log(`second scan: ${((time(1) / time(0)) * 100).toFixed(0)} % of the first (budget 20 %)`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
