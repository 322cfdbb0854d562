// Started by test/e2e/sandbox.test.ts and killed with SIGKILL in the middle of its work.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '../../packages/guard/src/sandbox/environment.ts';
import { openWorkingCopy, type WorkingCopyKind } from '../../packages/guard/src/working-copy/index.ts';
import { sandboxes, shippedSandboxCatalog } from './sandboxes.ts';

const [work = '', folder = '', name = '', kind = '', mark = ''] = process.argv.slice(2);
const workspace = join(folder, 'workspace');
mkdirSync(workspace, { recursive: true });
const copy = await openWorkingCopy({
  workspace,
  stateDir: join(folder, 'state'),
  prefer: [kind as WorkingCopyKind],
});

if (work === 'writes') {
  for (let i = 0; ; i++) {
    await copy.write(`f${i % 20}`, `new ${i} ${'x'.repeat(5000)}\n`);
    if (i === 0) console.log('begun');
  }
} else if (work === 'full') {
  // Runs on a disk with hardly any space: a failed write must leave the old content and say why.
  await copy.write('kept', 'old\n');
  let failure = '';
  for (let i = 0; i < 200 && !failure; i++) {
    const content = i % 2 === 0 ? `old\n${'x'.repeat(20_000 * i)}` : 'old\n';
    await copy.write('kept', content).catch((error: NodeJS.ErrnoException) => {
      failure = error.code ?? error.message;
    });
  }
  const kept = Buffer.from(await copy.read('kept')).toString();
  const names = (await copy.list('.')).map((entry) => entry.name);
  console.log(JSON.stringify({ failure, whole: /^old\n(?:x{20000})*$/.test(kept), names, kind: copy.kind }));
  await copy.close();
} else {
  const subject = (await sandboxes()).find((one) => one.name === name && one.copies === kind);
  const catalog = await shippedSandboxCatalog();
  const path = process.env['PATH'] ?? '';
  const facts = { system: catalog.system, home: '/nonexistent', path, node: process.execPath };
  const sandbox = subject?.make(facts);
  await sandbox?.start({
    command: { shell: `(setsid sleep ${mark} &); sleep ${mark} & echo up; sleep ${mark}` },
    cwd: workspace,
    env: childEnvironment({}, catalog.environment, { path, workspace, installs: true }),
    view: await copy.view(),
    hosts: [],
    limits: { wallSeconds: 60, processes: 50, memoryMegabytes: 500, outputBytes: 1000, fileMegabytes: 10 },
    protect: [],
    hide: [],
    onOutput: ({ data }) => process.stdout.write(data),
  });
}
