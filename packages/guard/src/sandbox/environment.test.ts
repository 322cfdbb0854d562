import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shippedSandboxCatalog } from '../../../../test/support/sandboxes.ts';
import { sandboxCatalog } from './catalog.ts';
import { childEnvironment } from './environment.ts';
import { fstabLine } from './fstab.ts';
import { pidLimit } from './linux.ts';
import { mountOf, mountsBelow, parseMountTable } from './mount-table.ts';
import { keepOutput } from './output.ts';

const { environment } = await shippedSandboxCatalog();
const options = {
  path: '/usr/bin:/home/me/repo/node_modules/.bin:bin::/opt/tool/bin',
  workspace: '/home/me/repo',
  installs: false,
};

test('no credential of the own environment reaches a child, language and locale do', () => {
  const own = {
    AWS_SECRET_ACCESS_KEY: 'x',
    GITHUB_TOKEN: 'x',
    npm_config__authToken: 'x',
    DATABASE_URL: 'x',
    SSH_AUTH_SOCK: '/run/x',
    NODE_OPTIONS: '--require /tmp/x',
    LD_PRELOAD: '/tmp/x',
    GIT_SSH_COMMAND: 'x',
    HTTPS_PROXY: 'http://u:p@proxy',
    UNHEARD_OF: 'x',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
  };
  const child = childEnvironment(own, environment, options);
  assert.deepEqual(
    Object.keys(child)
      .filter((name) => name in own)
      .sort(),
    ['LC_ALL', 'TZ'],
  );
  assert.equal(child['HOME'], '/home/agent');
});

test('PATH has no folder of the workspace and no relative one', () => {
  const { PATH = '' } = childEnvironment({}, environment, options);
  assert.deepEqual(PATH.split(':').slice(0, 3), ['/run/ambit/first', '/usr/bin', '/opt/tool/bin']);
  assert.ok(!PATH.includes('/home/me/repo') && !PATH.split(':').includes('bin') && !PATH.split(':').includes(''));
});

test('a toolchain in the home is told where its parts are, and only one that PATH names', () => {
  const child = childEnvironment({}, environment, {
    ...options,
    home: '/home/me',
    path: '/home/me/.pyenv/shims:/usr/bin',
  });
  assert.equal(child['PYENV_ROOT'], '/home/me/.pyenv');
  assert.equal(child['NVM_DIR'], undefined);
});

test('a grant adds its variable, but none that a loader, shell or git obeys', () => {
  const granted = {
    STAGING_URL: 'https://s',
    LD_PRELOAD: '/x',
    NODE_OPTIONS: '-r x',
    GIT_SSH: 'x',
    PATH: '/x',
    https_proxy: 'x',
  };
  const child = childEnvironment({}, environment, { ...options, granted });
  assert.equal(child['STAGING_URL'], 'https://s');
  for (const name of ['LD_PRELOAD', 'NODE_OPTIONS', 'GIT_SSH', 'https_proxy']) assert.equal(child[name], undefined);
  assert.notEqual(child['PATH'], '/x');
});

test('git gets its safe settings, and installs run no scripts', () => {
  const child = childEnvironment({}, environment, { ...options, installs: true });
  const pairs = Array.from({ length: Number(child['GIT_CONFIG_COUNT']) }, (_, i) => [
    child[`GIT_CONFIG_KEY_${i}`],
    child[`GIT_CONFIG_VALUE_${i}`],
  ]);
  const git = Object.fromEntries(pairs);
  assert.equal(git['core.hooksPath'], '/dev/null');
  assert.equal(git['core.fsmonitor'], 'false');
  assert.equal(child['npm_config_ignore_scripts'], 'true');
  assert.equal(childEnvironment({}, environment, options)['npm_config_ignore_scripts'], undefined);
});

test('an unknown field or a missing file of the catalogue is an error', () => {
  assert.throws(() => sandboxCatalog([]), { code: 'input.missing' });
  const system = { roots: [], etc: [], hidden: [], toolchains: [], alongside: {} };
  const files = (data: unknown) => [
    { file: 'policies/sandbox/system-paths.yaml', data },
    {
      file: 'policies/sandbox/environment.yaml',
      data: { pass: [], set: {}, installs: {}, homes: {}, git: {}, protect: [] },
    },
  ];
  assert.doesNotThrow(() => sandboxCatalog(files(system)));
  assert.throws(() => sandboxCatalog(files({ ...system, extra: 1 })), { code: 'input.broken' });
});

test('mounts: names in any script survive the list, tables are read with their flags', () => {
  const line = fstabLine({ source: '/a b\tc\\d#e', target: '/ünï\nx', type: 'none', options: ['bind', 'ro'] });
  assert.equal(line, '/a\\040b\\011c\\134d\\043e /ünï\\012x none bind,ro 0 0\n');
  const table = parseMountTable(
    '21 1 8:1 / / rw,relatime - ext4 /dev/a rw\n30 21 0:5 / /a\\040b rw,nosuid,noexec - tmpfs t rw\n31 30 0:6 / /a\\040b/c ro - tmpfs t rw\n',
  );
  assert.deepEqual([...(mountOf(table, '/a b/x')?.flags ?? [])], ['rw', 'nosuid', 'noexec']);
  assert.equal(mountOf(table, '/a bc')?.at, '/');
  assert.deepEqual(
    mountsBelow(table, '/a b').map((mount) => mount.at),
    ['/a b/c'],
  );
});

test("the process limit of a namespace is set only where it is the namespace's own", () => {
  const limits = { wallSeconds: 1, processes: 50, memoryMegabytes: 1, outputBytes: 1, fileMegabytes: 1 };
  assert.equal(pidLimit(limits, '6.14.0-x'), '301');
  assert.equal(pidLimit({ ...limits, processes: 900 }, '7.0.1'), '900');
  assert.equal(pidLimit(limits, '6.8.0-generic'), '0');
  assert.equal(pidLimit(limits, '5.15'), '0');
});

test('output keeps head and tail whatever the chunks', () => {
  const text = Array.from({ length: 3_000 }, (_, i) => String(i)).join(',');
  for (const size of [1, 7, 1_000, 100_000]) {
    const output = keepOutput(1_000, '/dev/null');
    for (let at = 0; at < text.length; at += size) output.push(Buffer.from(text.slice(at, at + size)));
    const kept = output.text();
    assert.ok(kept.startsWith(text.slice(0, 500)) && kept.endsWith(text.slice(-500)), String(size));
    assert.match(kept, new RegExp(`\n… ${text.length - 1_000} bytes left out …\n`));
  }
  const short = keepOutput(1_000, '/dev/null');
  short.push(Buffer.from(text.slice(0, 999)));
  assert.equal(short.text(), text.slice(0, 999));
});
