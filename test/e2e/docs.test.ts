// Runs the examples of README and guides as a reader would: in a small project of their own, with `ambit` on the PATH.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { cli } from '../support/cli.ts';
import { consoleExamples, missingLine } from '../support/console-blocks.ts';

const root = join(import.meta.dirname, '..', '..');
const pages = ['README.md', ...readdirSync(join(root, 'docs/guides')).map((name) => `docs/guides/${name}`)].filter(
  (name) => name.endsWith('.md'),
);

const project: Record<string, string> = {
  'package.json': '{\n  "name": "shop",\n  "type": "module",\n  "scripts": { "test": "node --test" }\n}\n',
  'src/total.js': 'export const total = (items) => items.reduce((sum, item) => sum + item.price, 0);\n',
  'src/middleware/auth.js':
    'export function auth(req, res, next) {\n  if (!req.user) return res.status(401).end();\n  next();\n}\n',
};

function makeProject(): { folder: string; env: NodeJS.ProcessEnv; remove: () => void } {
  const base = mkdtempSync(join(tmpdir(), 'ambit-docs-'));
  const folder = join(base, 'shop');
  for (const [name, text] of Object.entries(project)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const bin = join(base, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'ambit'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  chmodSync(join(bin, 'ambit'), 0o755);
  const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: join(base, 'home'), NO_COLOR: '1', LANG: 'C.UTF-8' };
  mkdirSync(env.HOME);
  spawnSync('git', ['init', '-q'], { cwd: folder, env });
  return { folder, env, remove: () => rmSync(base, { recursive: true, force: true }) };
}

for (const page of pages) {
  const examples = consoleExamples(readFileSync(join(root, page), 'utf8'));
  if (examples.length === 0) continue;
  test(`the examples of ${page} do what the page says`, (t) => {
    const { folder, env, remove } = makeProject();
    t.after(remove);
    for (const example of examples) {
      const run = spawnSync('sh', ['-c', example.command], { cwd: folder, env, encoding: 'utf8', timeout: 60_000 });
      const output = `${run.stdout}${run.stderr}`;
      assert.equal(run.status, example.exitCode, `${page}:${example.line} ${example.command}\n${output}`);
      const missing = missingLine(example, output);
      assert.equal(missing, undefined, `${page}:${example.line} ${example.command}\nlacks: ${missing}\n${output}`);
    }
  });
}
