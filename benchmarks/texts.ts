// Texts as tools return them, of any length, the same in every run: what redaction and truncation are measured on.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** Bytes that depend on a name alone. */
function noise(seed: string, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i * 64 < length; i += 1) parts.push(createHash('sha512').update(`${seed}:${i}`).digest());
  return Buffer.concat(parts).subarray(0, length);
}
const hex = (seed: string, length: number) => noise(seed, length).toString('hex');
const uuid = (seed: string) => hex(seed, 16).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-a$4-$5');
const lines = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join('');
const day = (i: number) => new Date(Date.UTC(2026, 0, 1) + i * 617_003).toISOString();

function sources(): string[] {
  const folder = new URL('packages/', root);
  const names = readdirSync(fileURLToPath(folder), { recursive: true, encoding: 'utf8' });
  const kept = names.filter((name) => /^\w+\/src\/.*[^t]\.ts$/.test(name) && !name.includes('.test.')).sort();
  return kept.map((name) => readFileSync(new URL(name, folder), 'utf8'));
}

interface Locked {
  name: string;
  version: string;
  integrity: string;
}

function locked(lock: string): Locked[] {
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version?: string; integrity?: string }> };
  return Object.entries(packages).flatMap(([path, { version, integrity }]) => {
    const name = path.split('node_modules/').at(-1);
    return name && version && integrity ? [{ name, version, integrity }] : [];
  });
}

const pnpm = (all: readonly Locked[]) =>
  `lockfileVersion: '9.0'\n\npackages:\n\n${all
    .map(
      ({ name, version, integrity }) =>
        `  '${name}@${version}':\n    resolution: {integrity: ${integrity}}\n    engines: {node: '>=18'}\n\n`,
    )
    .join('')}`;
const yarn = (all: readonly Locked[]) =>
  all
    .map(
      ({ name, version, integrity }) =>
        `"${name}@^${version}":\n  version "${version}"\n  resolved "https://registry.yarnpkg.com/${name}/-/${name}-${version}.tgz#${hex(name, 20)}"\n  integrity ${integrity}\n  dependencies:\n    tslib "^2.8.0"\n\n`,
    )
    .join('');
const cargo = (all: readonly Locked[]) =>
  all
    .map(
      ({ name, version }) =>
        `[[package]]\nname = "${name}"\nversion = "${version}"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${hex(name, 32)}"\ndependencies = [\n "serde",\n "syn",\n]\n\n`,
    )
    .join('');

const testOutput = (code: string) =>
  code
    .split('\n')
    .slice(0, 4_000)
    .map((line, i) =>
      i % 9 === 0
        ? `▶ packages/core/src/part-${i}.test.ts\n`
        : `  ✔ ${line.trim().slice(0, 60)} (${(i * 0.37).toFixed(3)}ms)\n`,
    )
    .join('');
const diff = (code: string) =>
  code
    .split('\n')
    .slice(0, 12_000)
    .map((line, i) =>
      i % 40 === 0
        ? `diff --git a/src/f${i}.ts b/src/f${i}.ts\nindex ${hex(`a${i}`, 4)}..${hex(`b${i}`, 4)} 100644\n--- a/src/f${i}.ts\n+++ b/src/f${i}.ts\n@@ -${i},7 +${i},9 @@\n`
        : `${' +-'[i % 7 < 4 ? 0 : (i % 2) + 1]}${line}\n`,
    )
    .join('');
const history = lines(
  2_000,
  (i) =>
    `commit ${hex(`c${i}`, 20)}\nAuthor: A <a@example.invalid>\nDate:   ${day(i)}\n\n    change ${i}\n src/f${i}.ts | 2 +-\n\n`,
);
const answer = JSON.stringify(
  Array.from({ length: 2_000 }, (_, i) => ({
    id: uuid(`j${i}`),
    login: `user-${i}`,
    node_id: noise(`n${i}`, 18).toString('base64'),
    html_url: `https://example.invalid/users/user-${i}?tab=repositories&page=${i % 7}`,
    description: 'A small library that reads what others wrote, and says what it found.',
    created_at: day(i),
    score: i / 7,
    labels: ['bug', 'help wanted', 'good first issue'],
    etag: hex(`e${i}`, 16),
  })),
  undefined,
  1,
);
const log = lines(
  4_000,
  (i) =>
    `${day(i)} INFO  [http-${i % 9}] request=${uuid(`l${i}`)} GET /api/v1/items/${i}?q=a%20b 200 ${i % 900}ms sha256:${hex(`h${i}`, 32)}\n`,
);
const page = lines(
  40,
  (i) =>
    `<p>Figure ${i}: what the text above means.</p>\n<img alt="figure ${i}" src="data:image/png;base64,${Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'),
      noise(`p${i}`, 9_000 + i * 100),
    ]).toString('base64')}">\n`,
);
const table = lines(
  9_000,
  (i) =>
    `${i},Name ${i},user${i}@example.invalid,${day(i).slice(0, 10)},${(i * 1.37).toFixed(2)},${i % 3 ? 'open' : 'closed'}\n`,
);

/** The kinds, each as one text that is repeated to the length wanted. */
export function texts(): Record<string, string> {
  const lock = read('package-lock.json');
  const files = sources();
  const code = files.join('');
  const all = locked(lock);
  const own = read('benchmarks/sandbox.ts');
  return {
    mixture: lock + own + history.slice(0, 60_000),
    'lock, npm': lock,
    'lock, pnpm': pnpm(all),
    'lock, yarn': yarn(all),
    'lock, cargo': cargo(all),
    'source code': code,
    'minified code': files.map((file) => transformSync(file, { loader: 'ts', minify: true }).code).join(''),
    'test output': testOutput(code),
    'git diff': diff(code),
    'git log': history,
    'JSON answer': answer,
    'server log': log,
    'inlined images': page,
    CSV: table,
  };
}
