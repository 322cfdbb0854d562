import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sandboxContract } from '../../packages/guard/src/sandbox/sandbox.contract.ts';
import { openWorkingCopy } from '../../packages/guard/src/working-copy/index.ts';
import { removeTree } from '../../packages/guard/src/working-copy/tree.ts';
import { sandboxes } from '../support/sandboxes.ts';

const subjects = await sandboxes();
for (const subject of subjects) {
  if (subject.name !== 'namespaces' || subject.copies !== 'overlay') sandboxContract(subject);
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const plug = fileURLToPath(new URL('../support/pull-the-plug.ts', import.meta.url));

const processes = () => execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });

async function until(done: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (done()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(what);
}

for (const subject of subjects) {
  const { name, copies, skip = false } = subject;
  test(`kill -9 of Ambit ends background processes and the holder: ${name} on ${copies}`, { skip }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'ambit-plug-'));
    t.after(() => removeTree(folder));
    const mark = `5${process.pid}.${name.length}${copies.length}`;
    const child = spawn(process.execPath, [plug, 'background', folder, name, copies, mark], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    await until(() => output.includes('up'), 'the background process did not start');
    assert.ok(processes().includes(`sleep ${mark}`));
    child.kill('SIGKILL');
    await once(child, 'close');
    await until(() => !processes().includes(mark) && !processes().includes(folder), 'something outlived Ambit');
  });
}

const overlay = subjects.find((subject) => subject.copies === 'overlay' && !subject.skip);
for (const kind of ['overlay', 'copy'] as const) {
  const skip = kind === 'overlay' && !overlay ? 'no overlay on this machine' : false;
  test(`the plug is pulled at random points of a run: ${kind}`, { skip }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'ambit-plug-'));
    t.after(() => removeTree(folder));
    let seen = 0;
    for (let round = 0; round < 12; round++) {
      const place = join(folder, String(round));
      mkdirSync(join(place, 'workspace'), { recursive: true });
      for (let i = 0; i < 20; i++) writeFileSync(join(place, 'workspace', `f${i}`), `old ${i}\n`);
      const child = spawn(process.execPath, [plug, 'writes', place, 'namespaces', kind, ''], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      // Some rounds end while the copy is being made, the others somewhere in the writing.
      if (round < 3) setTimeout(() => child.kill('SIGKILL'), 80 + round * 40);
      else child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), (round * 7) % 40));
      await once(child, 'close');
      for (let i = 0; i < 20; i++)
        assert.equal(
          readFileSync(join(place, 'workspace', `f${i}`), 'utf8'),
          `old ${i}\n`,
          'the workspace is untouched',
        );
      const copy = await openWorkingCopy({
        workspace: join(place, 'workspace'),
        stateDir: join(place, 'state'),
        prefer: [kind],
      });
      for (const change of await copy.changes()) {
        seen++;
        assert.match(change.path, /^f\d+$/, 'no half-written file is a change');
        assert.match(Buffer.from(await copy.read(change.path)).toString(), /^new \d+ x{5000}\n$/);
      }
      // What was begun can be gone on with.
      await copy.write('f0', 'again\n');
      assert.ok((await copy.changes()).some((change) => change.path === 'f0'));
      await copy.discard();
      assert.equal(existsSync(join(place, 'state')), false);
    }
    assert.ok(seen > 0, 'some rounds were ended in the middle of writing');
  });
}

for (const kind of ['overlay', 'copy'] as const) {
  const skip = !overlay ? 'no mounts of our own on this machine' : false;
  test(`a full disk fails the write and keeps the old content: ${kind}`, { skip }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'ambit-full-'));
    t.after(() => removeTree(folder));
    mkdirSync(join(folder, 'workspace'));
    mkdirSync(join(folder, 'state'));
    const mount = `mount -t tmpfs -o size=600k tmpfs '${folder}/state' && exec "$0" "$@"`;
    const own = process.getuid?.() === 0 ? ['-m'] : ['-Urm'];
    const args = [...own, 'sh', '-c', mount, process.execPath, plug, 'full', folder, 'namespaces', kind];
    const report = JSON.parse(execFileSync('unshare', args, { encoding: 'utf8' })) as Record<string, unknown>;
    assert.deepEqual(report, { failure: 'ENOSPC', whole: true, names: ['kept'], kind });
  });
}

const asRoot = process.getuid?.() === 0;
test('the contracts hold for an ordinary user as well', { skip: asRoot ? false : 'this is one' }, (t) => {
  const home = mkdtempSync(join(tmpdir(), 'ambit-user-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
  try {
    execFileSync('setpriv', [...user, process.execPath, '-e', `require('fs').accessSync(${JSON.stringify(plug)})`]);
  } catch {
    t.skip('the project cannot be read by another user here');
    return;
  }
  const files = ['sandbox/linux.test.ts', 'working-copy/working-copy.test.ts'].map((file) =>
    join(root, 'packages/guard/src', file),
  );
  const env = { PATH: process.env['PATH'] ?? '', HOME: home };
  const args = [...user, process.execPath, '--test', '--test-isolation=none', '--test-reporter=tap', ...files];
  const output = execFileSync('setpriv', args, { cwd: tmpdir(), env, encoding: 'utf8', maxBuffer: 1e8 });
  assert.match(output, /^# fail 0$/m);
  assert.doesNotMatch(output, /^# pass 0$/m);
});
