// What goes wrong on real machines: no git, no workspace, disks that are full or read-only, state files cut in half, two
// Ambits at once, odd files. Each ends with a clear word and with either the old or the new state.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cli } from '../support/cli.ts';
import { type Script, startScriptedModel } from '../support/scripted-model.ts';
import { makeSpecStage, type PlannedTask, project, type SpecStage, specFiles } from '../support/spec-stage.ts';

const task: PlannedTask = { id: '1', title: 'Add a module', scope: 'src/**' };
const write = (path: string, content: string) => ({ tool: 'write', arguments: { path, content } });
const addsModule: Script['steps'] = [write('src/added.js', 'export const added = 1;\n'), { text: 'Done.' }];

async function stageWith(
  t: TestContext,
  steps: Script['steps'],
  more: Record<string, string> = {},
): Promise<SpecStage> {
  const model = await startScriptedModel({ steps });
  const stage = makeSpecStage({ ...project, ...more, ...specFiles('plan', [task]) }, model.url);
  t.after(async () => {
    stage.close();
    await model.close();
  });
  await stage.approve('plan');
  return stage;
}

function run(
  stage: SpecStage,
  args: string[],
  more: { env?: Record<string, string>; cwd?: string; before?: string } = {},
) {
  const env = { ...stage.env, ...more.env };
  const options = { cwd: more.cwd ?? stage.workspace, env, stdio: 'pipe' as const };
  const script = `${more.before ?? ''}\nexec "$0" "$@"`;
  const child = more.before
    ? spawn('unshare', ['-m', 'sh', '-ec', script, process.execPath, cli, ...args], options)
    : spawn(process.execPath, [cli, ...args], options);
  child.stdin.end();
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
  });
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, out, err })),
  );
}

/** Why a small disk of its own cannot be mounted here. */
const noMounts =
  spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs -o size=1m tmpfs /mnt']).status === 0
    ? false
    : 'no right to mount a small disk here';

/** A search path with everything but git. */
function pathWithoutGit(folder: string): string {
  mkdirSync(folder);
  for (const from of (process.env['PATH'] ?? '').split(delimiter))
    for (const name of existsSync(from) ? readdirSync(from) : [])
      if (!/^git/.test(name) && !existsSync(join(folder, name)))
        try {
          symlinkSync(join(from, name), join(folder, name));
        } catch {}
  return folder;
}

test('without git the line works, undo too', async (t) => {
  const stage = await stageWith(t, addsModule);
  const env = { PATH: pathWithoutGit(join(stage.workspace, '..', 'bin')) };
  const done = await run(stage, ['run', 'plan', '--autopilot'], { env });
  assert.equal(done.code, 0, done.out + done.err);
  assert.equal(stage.text('src/added.js'), 'export const added = 1;\n');
  const undone = await run(stage, ['undo'], { env });
  assert.equal(undone.code, 0, undone.err);
  assert.equal(stage.text('src/added.js'), undefined);
  const doctor = await run(stage, ['doctor'], { env });
  assert.match(doctor.out, /missing\s+git\s+not found/);
});

test('outside any workspace, or for a spec that is not there, the error says what to do', async (t) => {
  const stage = await stageWith(t, addsModule);
  const empty = join(stage.workspace, '..', 'empty');
  mkdirSync(empty);
  const nowhere = await run(stage, ['run', 'plan'], { cwd: empty });
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.err, /there is no spec `plan`/);
  const unknown = await run(stage, ['run', 'login']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /there are: plan/);
  const noTask = await run(stage, ['run', 'plan', '7']);
  assert.equal(noTask.code, 2);
  assert.match(noTask.err, /there is no task `7`/);
  assert.deepEqual(readdirSync(empty), []);
});

test('a full or read-only disk under the workspace: nothing half applied, and it works once there is room', {
  skip: noMounts,
}, async (t) => {
  const big = 'x'.repeat(400_000);
  const stage = await stageWith(t, [
    write('src/big.txt', big),
    write('src/base.js', 'export const base = 1; // edited\n'),
    { text: 'Done.' },
  ]);
  assert.equal((await run(stage, ['run', 'plan'])).code, 4);
  // The small disk lies over the workspace for one command at a time; its content comes from a copy beside it.
  const copy = join(stage.workspace, '..', 'copy');
  const onSmallDisk = (size: string, after: string) =>
    `cp -a '${stage.workspace}' '${copy}'; mount -t tmpfs -o size=${size} tmpfs '${stage.workspace}'; cp -a '${copy}/.' '${stage.workspace}'; rm -rf '${copy}'; cd '${stage.workspace}'; ${after}`;
  const check = `find . -type f | sort | xargs cat | sha256sum`;
  const before = spawnSync('sh', ['-c', check], { cwd: stage.workspace, encoding: 'utf8' }).stdout;
  const judged = (size: string, after: string) => {
    const script = `${onSmallDisk(size, after)}; '${process.execPath}' '${cli}' review apply --yes >&2 || echo "code $?" >&2; ${check}; ls -a`;
    return spawnSync('unshare', ['-m', 'sh', '-ec', script], {
      cwd: stage.workspace,
      env: stage.env,
      encoding: 'utf8',
    });
  };
  for (const [size, after] of [
    ['200k', 'true'],
    ['2m', `mount -o remount,ro '${stage.workspace}'`],
  ] as const) {
    const failed = judged(size, after);
    assert.match(failed.stderr, /code 2/, failed.stderr);
    assert.match(failed.stderr, /nothing was changed/);
    assert.ok(failed.stdout.startsWith(before), `${size} ${after}\n${failed.stdout}`);
    assert.ok(!failed.stdout.includes('.ambit-apply'), 'no staging folder is left');
  }
  const applied = await run(stage, ['review', 'apply', '--yes']);
  assert.equal(applied.code, 0, applied.err);
  assert.equal(stage.text('src/big.txt'), big);
});

test('a full disk under the state folder: nothing is done that cannot be recorded', { skip: noMounts }, async (t) => {
  const stage = await stageWith(t, addsModule);
  const state = stage.state.root;
  const before = `mv '${state}' '${state}.kept'; mkdir '${state}'; mount -t tmpfs -o size=64k tmpfs '${state}'; cp -a '${state}.kept/.' '${state}'; mv '${state}.kept' '${state}/../kept'; head -c 60000 /dev/zero > '${state}/filler' || true`;
  const full = await run(stage, ['run', 'plan', '--autopilot'], { before });
  assert.notEqual(full.code, 0);
  assert.ok(full.err.length > 0);
  assert.doesNotMatch(full.err, /unexpected failure/);
  assert.equal(stage.text('src/added.js'), undefined);
});

test('state files cut in half are named, never taken for less than they were', async (t) => {
  const stage = await stageWith(t, addsModule);
  assert.equal((await run(stage, ['run', 'plan'])).code, 4);
  const [id] = readdirSync(stage.state.changeSets);
  truncateSync(join(stage.state.changeSets, id!, 'change-set.json'), 40);
  const list = await run(stage, ['review', 'list']);
  assert.match(list.err, new RegExp(`${id} was damaged`));
  const apply = await run(stage, ['review', 'apply', id!, '--yes']);
  assert.equal(apply.code, 2);
  assert.match(apply.err, /cannot be read/);
  const runs = join(stage.state.root, 'runs');
  for (const name of readdirSync(runs)) truncateSync(join(runs, name), 30);
  for (const name of readdirSync(stage.state.approvals).filter((one) => one.endsWith('.json')))
    truncateSync(join(stage.state.approvals, name), 30);
  const refused = await run(stage, ['run', 'plan', '--autopilot']);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /approvals are not valid JSON/);
  assert.equal(stage.text('src/added.js'), undefined);
  for (const name of readdirSync(stage.state.approvals)) writeFileSync(join(stage.state.approvals, name), '[]');
  await stage.approve('plan');
  const again = await run(stage, ['run', 'plan', '--autopilot']);
  assert.equal(again.code, 1, 'the script has no answer left that changes a file, and the run says so');
  assert.match(again.out, /no file was changed/);
});

test('two Ambits in one workspace: the second names the first, a dead one is recovered', async (t) => {
  let hang = true;
  const stage = await stageWith(t, (_request, index) =>
    hang ? { fault: 'hang' } : ((addsModule as [])[index % 2] ?? { text: 'Done.' }),
  );
  const first = stage.start(['run', 'plan', '--autopilot']);
  for (let i = 0; i < 200 && !existsSync(join(stage.state.root, 'run.lock')); i += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  const second = await run(stage, ['run', 'plan', '--autopilot']);
  assert.equal(second.code, 2, second.out + second.err);
  assert.match(second.err, new RegExp(`another Ambit is working here \\(pid ${first.pid}\\)`));
  const ended = new Promise((resolve) => first.on('close', resolve));
  first.kill('SIGKILL');
  await ended;
  hang = false;
  const third = await run(stage, ['run', 'plan', '--autopilot']);
  assert.match(`${third.out}${third.err}`, /goes on with the run of/);
  assert.doesNotMatch(third.err, /another Ambit/);
});

test('CRLF, binary files, link loops and names in any script keep every byte', async (t) => {
  const crlf = 'export const a = 1;\r\nexport const b = 2;\r\n';
  const steps: Script['steps'] = [
    { tool: 'edit', arguments: { path: 'src/crlf.js', edits: [{ old: 'b = 2', new: 'b = 3' }] } },
    write('src/深/ñ ü 😀.txt', 'names in any script\n'),
    { tool: 'bash', arguments: { command: "printf '\\000\\377\\r\\n' > src/made.bin" } },
    { text: 'Done.' },
  ];
  // Node 20's own search for tests stumbles over link loops, so they are named.
  const manifest = '{ "type": "module", "scripts": { "test": "node --test test/base.test.js" } }\n';
  const stage = await stageWith(t, steps, { 'src/crlf.js': crlf, 'package.json': manifest });
  writeFileSync(join(stage.workspace, 'src/old.bin'), Buffer.from([0, 1, 255]));
  symlinkSync('loop', join(stage.workspace, 'loop'));
  symlinkSync('.', join(stage.workspace, 'src/self'));
  const done = await run(stage, ['run', 'plan', '--autopilot']);
  const set = async () =>
    JSON.stringify(JSON.parse((await run(stage, ['review', 'show', '--json'])).out).changeSet.checks);
  assert.equal(done.code, 0, done.out + done.err + (done.code === 0 ? '' : await set()));
  assert.match(stage.text('src/crlf.js') ?? '', /b = 3;\r\n$/);
  assert.equal(stage.text('src/深/ñ ü 😀.txt'), 'names in any script\n');
  assert.deepEqual([...readFileSync(join(stage.workspace, 'src/made.bin'))], [0, 255, 13, 10]);
  assert.deepEqual([...readFileSync(join(stage.workspace, 'src/old.bin'))], [0, 1, 255]);
  assert.equal((await run(stage, ['undo'])).code, 0);
  assert.equal(stage.text('src/crlf.js'), crlf);
  assert.equal(existsSync(join(stage.workspace, 'src/made.bin')), false);
});
