// Runs a TypeScript script on the Node of the `node` development dependency (24.x), whatever Node started npm.
// Plain JavaScript on purpose: it must run, and explain itself, on any Node >= 20.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundled = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const major = Number(process.versions.node.split('.')[0]);

export function node24() {
  if (existsSync(bundled)) return bundled;
  if (major >= 24) return process.execPath;
  return undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const node = node24();
  if (!node) {
    console.error(
      `Development and tests need Node 24; this is ${process.version} and node_modules/node has no binary.\n` +
        'Why: the install script of the npm package "node" did not run (ignore-scripts?).\n' +
        'What to do: npm rebuild node --ignore-scripts=false, or put Node 24 on the PATH. The built bundle (npm start) works without it.',
    );
    process.exit(2);
  }
  const run = spawnSync(node, process.argv.slice(2), { stdio: 'inherit', cwd: root });
  process.exit(run.status ?? 130);
}
