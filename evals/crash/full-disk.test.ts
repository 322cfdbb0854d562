// A full disk and read-only folders, in a mount namespace of the test's own: works for root too, for whom permissions mean
// nothing. What must hold: the workspace is wholly old or wholly new, the reason is said, nothing is done unrecorded.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { cli } from '../../test/support/cli.ts';
import { startScriptedModel } from '../../test/support/scripted-model.ts';
import { makeStage, type Stage } from '../attacks/stage.ts';

const namespace = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
const tried = spawnSync('unshare', [...namespace, 'mount', '-t', 'tmpfs', 'none', '/mnt']);
const skip = tried.status === 0 ? false : 'this machine gives no mount namespace';

const steps = [
  { tool: 'write', arguments: { path: 'src/new.js', content: 'export const fresh = 1;\n' } },
  { tool: 'bash', arguments: { command: 'echo by-command > docs.txt; rm src/old.js' } },
  { tool: 'write', arguments: { path: 'big.txt', content: 'x'.repeat(400_000) } },
  { text: 'done' },
];

interface Ran {
  code: number;
  output: string;
  /** Names and sizes in the workspace when the run had ended. */
  tree: string;
}

/** Runs a prompt with `mounts` in force; STATE and WS in it stand for the folders. */
async function runWith(stage: Stage, mounts: string): Promise<Ran> {
  const model = await startScriptedModel({ steps });
  const state = join(stage.home, '.local/state');
  const list = `cd '${stage.workspace}' && find . -path ./.git -prune -o -type f -printf '%p %s\\n' | sort`;
  const script = `
set -e
mkdir -p '${state}'
${mounts.replaceAll('STATE', `'${state}'`).replaceAll('WS', `'${stage.workspace}'`)}
cd '${stage.workspace}'
set +e
'${process.execPath}' '${cli}' -p 'do it' --model openai-compatible/scripted --autopilot 2>&1
echo "CODE $?"
echo TREE
${list}
`;
  const child = spawn('unshare', [...namespace, 'sh', '-c', script], {
    env: { ...stage.environment, OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_API_KEY: 'x' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let all = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (all += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  await model.close();
  const [output = '', tree = ''] = all.split(/^TREE$/m);
  return { code: Number(/^CODE (\d+)$/m.exec(output)?.[1] ?? -1), output, tree: tree.trim() };
}

function treeOf(stage: Stage): string {
  const listed = spawnSync('sh', ['-c', "find . -path ./.git -prune -o -type f -printf '%p %s\\n' | sort"], {
    cwd: stage.workspace,
    encoding: 'utf8',
  });
  return listed.stdout.trim();
}

async function onStage(work: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await makeStage();
  try {
    await work(stage);
  } finally {
    await stage.close();
  }
}

test('on a healthy disk the same run lands whole', { skip }, () =>
  onStage(async (stage) => {
    const { code, tree, output } = await runWith(stage, ':');
    assert.equal(code, 0, output);
    assert.match(tree, /^\.\/big\.txt 400000$/m);
    assert.doesNotMatch(tree, /old\.js/);
  }),
);

for (const kilobytes of [64, 256, 700, 1_200])
  test(
    `a state folder of ${kilobytes} kB: the workspace is wholly old or wholly new, and the reason is said`,
    { skip },
    () =>
      onStage(async (stage) => {
        const old = treeOf(stage);
        const { code, tree, output } = await runWith(stage, `mount -t tmpfs -o size=${kilobytes}k none STATE`);
        // A tool call that found no room was told to the model as failed: what it then finished with lands whole.
        if (code === 0) {
          assert.match(tree, /^\.\/src\/new\.js 24$/m);
          assert.match(tree, /^\.\/docs\.txt 11$/m);
          assert.doesNotMatch(tree, /old\.js|big\.txt (?!400000$)/m);
        } else {
          assert.equal(tree, old);
          assert.match(output, /no space left|ENOSPC|space/i, output);
        }
        assert.doesNotMatch(output, /^\s+at .*\.(?:js|ts):\d+/m);
      }),
  );

test('a workspace without room: nothing of the change lands, and the reason is said', { skip }, () =>
  onStage(async (stage) => {
    const old = treeOf(stage);
    const mounts = `cp -a WS /tmp/kept-$$ && mount -t tmpfs -o size=300k none WS && cp -a /tmp/kept-$$/. WS && rm -rf /tmp/kept-$$`;
    const { code, tree, output } = await runWith(stage, mounts);
    assert.notEqual(code, 0, output);
    assert.equal(tree, old, output);
    assert.match(output, /space/i);
  }),
);

test('a read-only state folder: nothing is done, and the reason is said', { skip }, () =>
  onStage(async (stage) => {
    const old = treeOf(stage);
    const { code, tree, output } = await runWith(stage, 'mount --bind STATE STATE && mount -o remount,bind,ro STATE');
    assert.notEqual(code, 0);
    assert.equal(tree, old);
    // Node's own word for a folder that cannot be made there differs by version.
    assert.match(output, /could not be written: (?:EROFS|ENOENT)/);
  }),
);

test('a read-only workspace: the change waits, nothing of it lands, and the reason is said', { skip }, () =>
  onStage(async (stage) => {
    const old = treeOf(stage);
    const { code, tree, output } = await runWith(stage, 'mount --bind WS WS && mount -o remount,bind,ro WS');
    assert.notEqual(code, 0);
    assert.equal(tree, old);
    assert.match(output, /read-only|EROFS|cannot be written/i);
  }),
);
