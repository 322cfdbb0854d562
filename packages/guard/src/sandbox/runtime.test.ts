import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openWorkingCopy } from '../working-copy/index.ts';
import { type RuntimeConfig, type RuntimeManager, runtimeSandbox } from './runtime.ts';
import type { SandboxRequest } from './sandbox.ts';
import { unconfined } from './unconfined.ts';

async function lab(t: TestContext) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ambit-rt-')));
  const workspace = join(root, 'w');
  mkdirSync(workspace);
  const copy = await openWorkingCopy({ workspace, stateDir: join(root, 'state'), prefer: ['copy'] });
  t.after(async () => {
    await copy.discard();
    rmSync(root, { recursive: true, force: true });
  });
  const request = async (shell: string, more: Partial<SandboxRequest> = {}): Promise<SandboxRequest> => ({
    command: { shell },
    cwd: workspace,
    env: { PATH: '/usr/bin:/bin', HOME: '/home/agent', TMPDIR: '/tmp', npm_config_cache: '/home/agent/.npm' },
    view: await copy.view(),
    hosts: [],
    limits: { wallSeconds: 10, processes: 50, memoryMegabytes: 500, outputBytes: 10_000, fileMegabytes: 10 },
    protect: ['.git/hooks/', '.mcp.json'],
    hide: [{ path: '.env', shows: 'A=\n' }],
    ...more,
  });
  return { copy, request, workspace };
}

/** Takes down what it is asked and runs the line as it is: what it confines is the real runtime's matter. */
function recording(configs: RuntimeConfig[]): RuntimeManager {
  return {
    isSupportedPlatform: () => true,
    checkDependenciesAsync: async () => ({ errors: [] }),
    initialize: async (config) => {
      configs.push(config);
    },
    updateConfig: (config) => {
      configs.push(config);
    },
    wrapWithSandboxArgv: async (command, shell) => ({
      argv: [shell, '-c', command],
      env: { HTTPS_PROXY: 'http://127.0.0.1:9', AWS_SECRET: 'no' },
    }),
    cleanupAfterCommand: () => undefined,
    reset: async () => undefined,
  };
}

test('the runtime is asked for nothing but the copy, the private folders and exact hosts', async (t) => {
  const { copy, request } = await lab(t);
  const configs: RuntimeConfig[] = [];
  const sandbox = runtimeSandbox({
    private: ['/Users'],
    readable: ['/Users/me/.nvm'],
    load: async () => recording(configs),
  });
  const result = await sandbox.run(
    await request('pwd; echo "$HOME $npm_config_cache $TMPDIR $HTTPS_PROXY $AWS_SECRET"; echo x > made'),
  );
  const view = await copy.view();
  assert.equal(result.output, `${view.source}\n${view.home} ${view.home}/.npm ${view.temporary} http://127.0.0.1:9 \n`);
  assert.deepEqual(
    (await copy.changes()).map((change) => change.path),
    ['made'],
  );
  const [config] = configs;
  assert.deepEqual(config?.network, {
    allowedDomains: [],
    deniedDomains: [],
    strictAllowlist: true,
    allowLocalBinding: false,
  });
  assert.deepEqual(config?.filesystem.allowWrite, [view.source, view.home, view.temporary]);
  assert.deepEqual(config?.filesystem.denyRead, ['/Users', join(view.source, '.env')]);
  assert.ok(config?.filesystem.denyWrite.includes(join(view.source, '.git/hooks')));
  await sandbox.run(await request('true', { hosts: ['example.com', 'localhost:1'] }));
  assert.deepEqual(configs[1]?.network.allowedDomains, ['example.com:80', 'example.com:443', 'localhost:1']);
  await assert.rejects(sandbox.run(await request('true', { hosts: ['*'] })), { code: 'usage' });
});

test('commands with other grants do not run at the same time', async (t) => {
  const { request } = await lab(t);
  const sandbox = runtimeSandbox({ private: [], readable: [], load: async () => recording([]) });
  const background = await sandbox.start(await request('sleep 20'));
  await assert.rejects(sandbox.run(await request('true', { hosts: ['example.com'] })), { code: 'environment' });
  assert.equal((await sandbox.run(await request('echo same'))).output, 'same\n');
  await background.kill();
  assert.equal((await sandbox.run(await request('echo other', { hosts: ['example.com'] }))).output, 'other\n');
});

test('without the package the runtime is not available, and says why', async () => {
  const state = await runtimeSandbox({
    private: [],
    readable: [],
    load: () => Promise.reject(new Error('not found')),
  }).available();
  assert.equal(state.ok, false);
  assert.match(state.ok ? '' : state.reason, /cannot be loaded: not found/);
});

test('without any sandbox: clean environment, private home, the copy as folder, limits on time, whole group ended', async (t) => {
  const { copy, request, workspace } = await lab(t);
  const view = await copy.view();
  const bare = unconfined();
  const result = await bare.run(await request('pwd; env | sort | cut -d= -f1 | tr "\\n" " "; echo x > made'));
  assert.match(result.output, new RegExp(`^${view.source}\n`));
  assert.match(result.output, /HOME .*PATH .*TMPDIR/);
  assert.deepEqual(
    (await copy.changes()).map((change) => change.path),
    ['made'],
  );
  const slow = await bare.run({
    ...(await request('sleep 30 & sleep 30')),
    limits: { ...(await request('')).limits, wallSeconds: 0.3 },
  });
  assert.equal(slow.timedOut, true);
  assert.equal((await bare.run(await request('exit 4'))).exitCode, 4);
  await assert.rejects(bare.run({ ...(await request('true')), cwd: '/' }), { code: 'denied' });
  assert.ok(workspace !== view.source);
});
