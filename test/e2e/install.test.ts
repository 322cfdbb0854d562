import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readInstall } from '../../packages/guard/src/install/index.ts';
import { askPackageManager } from '../../packages/guard/src/install/registry.ts';
import { childEnvironment, systemProgram } from '../../packages/guard/src/sandbox/index.ts';
import { openWorkingCopy } from '../../packages/guard/src/working-copy/index.ts';
import { removeTree } from '../../packages/guard/src/working-copy/tree.ts';
import { startRegistry } from '../support/registry.ts';
import { sandboxes } from '../support/sandboxes.ts';

const mark = `require('fs').writeFileSync(process.env.INIT_CWD + '/postinstall-ran', 'x')\n`;
const npm = {
  'demo-lib': { versions: { '1.0.0': { dependencies: { 'demo-deep': '^1.0.0' } } } },
  'demo-deep': { versions: { '1.0.0': { scripts: { postinstall: 'node post.js' }, files: { 'post.js': mark } } } },
};

async function lab(t: TestContext, subject: Awaited<ReturnType<typeof sandboxes>>[number]) {
  const registry = await startRegistry(npm);
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ambit-install-')));
  const workspace = join(root, 'workspace');
  mkdirSync(workspace);
  writeFileSync(join(workspace, '.npmrc'), `registry=${registry.address}/\n`);
  const manifest = { name: 'demo', version: '1.0.0', dependencies: { 'demo-lib': '^1.0.0' } };
  writeFileSync(join(workspace, 'package.json'), JSON.stringify(manifest));
  const entry = (name: string, more = {}) => ({ version: '1.0.0', ...registry.tarball(name, '1.0.0'), ...more });
  const lock = {
    name: 'demo',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': manifest,
      'node_modules/demo-lib': entry('demo-lib', { dependencies: { 'demo-deep': '^1.0.0' } }),
      'node_modules/demo-deep': entry('demo-deep', { hasInstallScript: true }),
    },
  };
  writeFileSync(join(workspace, 'package-lock.json'), JSON.stringify(lock));
  const copy = await openWorkingCopy({ workspace, stateDir: join(root, 'state'), prefer: [subject.copies] });
  t.after(async () => {
    await copy.discard();
    await registry.close();
    await removeTree(root);
  });
  const path = process.env['PATH'] ?? '';
  const sandbox = subject.make({ system: subject.catalog.system, home: homedir(), path, node: process.execPath });
  const run = async (shell: string, hosts: string[], installs = true) => {
    const env = childEnvironment(process.env, subject.catalog.environment, { path, workspace, installs });
    const limits = { wallSeconds: 60, processes: 200, memoryMegabytes: 2_048, outputBytes: 20_000, fileMegabytes: 100 };
    const { protect } = subject.catalog.environment;
    const view = await copy.view();
    const result = await sandbox.run({
      command: { shell },
      cwd: workspace,
      env,
      view,
      hosts,
      limits,
      protect,
      hide: [],
    });
    await copy.settled();
    return result;
  };
  return { registry, copy, run, workspace };
}

for (const subject of await sandboxes()) {
  const skip = subject.skip ?? (systemProgram('npm') ? false : 'npm is not installed for the whole system');
  test(`npm ci works through the proxy, with scripts off: ${subject.name} on ${subject.copies}`, {
    skip,
  }, async (t) => {
    const { registry, copy, run, workspace } = await lab(t, subject);
    const online = await run("npm ci && node -e \"console.log(require('demo-lib'), require('demo-deep'))\"", [
      registry.host,
    ]);
    assert.equal(online.exitCode, 0, online.output);
    assert.match(online.output, /demo-lib demo-deep/);
    assert.equal(await copy.exists('postinstall-ran'), false);
    assert.equal(existsSync(join(workspace, 'node_modules')), false);
    assert.deepEqual(online.refusedHosts, []);
    const changed = await copy.changes({ skip: (path) => path === 'node_modules' });
    assert.deepEqual(changed, [], 'the lockfile is kept');
    await run('npm ci', [registry.host], false);
    assert.equal(await copy.exists('postinstall-ran'), true, 'the script would have run, had it not been switched off');
    assert.equal(existsSync(join(workspace, 'postinstall-ran')), false);
  });
}

const [first] = (await sandboxes()).filter((subject) => !subject.skip);
const skip = !first ? 'no sandbox here' : systemProgram('npm') ? false : 'npm is not installed for the whole system';
test('without a grant the registry is not reached, and another host is refused by name', { skip }, async (t) => {
  assert.ok(first);
  const { registry, run } = await lab(t, first);
  const offline = await run('npm ci --fetch-retries=0', []);
  assert.notEqual(offline.exitCode, 0);
  assert.deepEqual(registry.requests, []);
  const other = await run('npm ci --fetch-retries=0', ['localhost:1']);
  assert.notEqual(other.exitCode, 0);
  assert.deepEqual(registry.requests, []);
  assert.ok(other.refusedHosts.includes(registry.host) || /ECONNREFUSED|403/.test(other.output), other.output);
});

test('the package manager tells its registry, whatever the folder it is asked in says', { skip }, async () => {
  const address = await askPackageManager('npm', process.env);
  assert.match(address ?? '', /^https?:\/\//);
  assert.equal(await askPackageManager('npm', process.env, () => undefined), undefined);
  assert.equal(readInstall(['npm', 'ci'])?.mode, 'locked');
});
