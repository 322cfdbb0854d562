// A real session in a real sandbox, with the project's own TypeScript: the classic one and the native one.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { testConfinement } from '../../../../test/support/confinement.ts';
import { call, makePlace, type Place, startSession } from '../../../../test/support/session.ts';

const engine = join(import.meta.dirname, '..', '..');
const classic = join(engine, 'node_modules', 'typescript');
const native = join(engine, '..', '..', 'node_modules', 'typescript');

const base = {
  'tsconfig.json': JSON.stringify({
    compilerOptions: { strict: true, module: 'nodenext', target: 'es2022', noEmit: true, types: [] },
    include: ['src'],
  }),
  'package.json': '{ "name": "p", "type": "module" }\n',
  'src/sum.ts': 'export const sum = (a: number, b: number): number => a + b;\n',
  'src/use.ts':
    "import { sum } from './sum.js';\n\nexport const known: string = 7;\nexport const three: number = sum(1, 2);\n",
};

async function withCompiler(place: Place, kind: 'classic' | 'native'): Promise<void> {
  const modules = join(place.workspace, 'node_modules');
  await mkdir(join(modules, '.bin'), { recursive: true });
  const from = kind === 'classic' ? classic : native;
  await cp(from, join(modules, 'typescript'), { recursive: true, dereference: true });
  const bins = kind === 'classic' ? ['tsc', 'tsserver'] : ['tsc'];
  for (const bin of bins) {
    await chmod(join(modules, 'typescript', 'bin', bin), 0o755);
    await symlink(`../typescript/bin/${bin}`, join(modules, '.bin', bin));
  }
  if (kind === 'native') {
    const platform = `typescript-${process.platform}-${process.arch}`;
    await cp(join(native, '..', '@typescript', platform), join(modules, '@typescript', platform), { recursive: true });
  }
}

async function staged(t: TestContext, kind: 'classic' | 'native' | undefined, files: Record<string, string> = base) {
  const place = await makePlace(files);
  t.after(() => place.close());
  const confinement = await testConfinement(place.workspace);
  if (!confinement) {
    t.skip('there is no sandbox on this machine');
    return undefined;
  }
  if (kind) await withCompiler(place, kind);
  return { place, confinement };
}

const edit = (path: string, old: string, now: string) => call('edit', { path, old, new: now });
const signal = () => new AbortController().signal;

for (const kind of ['classic', 'native'] as const)
  test(`${kind} TypeScript: a new type error is told with the edit, an old one is not, a mended one is gone`, async (t) => {
    if (kind === 'classic' && !existsSync(classic)) return t.skip('the classic compiler is not installed');
    const stage = await staged(t, kind);
    if (!stage) return;
    const { session, results, close } = await startSession(
      stage.place,
      [
        edit('src/use.ts', 'sum(1, 2)', "sum(1, '2')"),
        edit('src/use.ts', "sum(1, '2')", 'sum(1, 3)'),
        // A changed signature breaks a file that was edited before.
        edit('src/sum.ts', 'b: number', 'b: string'),
        call('write', { path: 'src/fresh.ts', content: 'export const x: number = nothing;\n' }),
        call('write', { path: 'src/plain.js', content: 'export const y = 1;\n' }),
        { text: 'done' },
      ],
      { confinement: stage.confinement, copyKinds: ['overlay', 'copy'] },
    );
    await session.prompt('go', signal());
    const [wrong = '', mended = '', signature = '', fresh = '', plain = ''] = results();
    assert.match(wrong, /problems in it now:\nsrc\/use\.ts:4: .*'string' is not assignable.*\(TS2345\)/);
    assert.doesNotMatch(wrong, /TS2322/, 'what stood there before is not told');
    assert.doesNotMatch(mended, /problems/);
    assert.match(signature, /src\/sum\.ts:1: .*\(TS\d+\)|src\/use\.ts:4: .*\(TS2345\)/);
    assert.match(signature, /src\/use\.ts:4/);
    assert.match(fresh, /src\/fresh\.ts:1: Cannot find name 'nothing'\.? \(TS2304\)/);
    assert.doesNotMatch(plain, /problems in it/);
    await close();
  });

test('SECURITY: the project’s compiler runs confined: no way out of the sandbox, and not where the policy asks first', async (t) => {
  const stage = await staged(t, undefined);
  if (!stage) return;
  const { place, confinement } = stage;
  const outside = join(place.workspace, '..', 'canary.txt');
  const script = `#!/bin/sh\necho out > '${outside}'\necho in > '${place.workspace}/touched.txt'\n`;
  await mkdir(join(place.workspace, 'node_modules', '.bin'), { recursive: true });
  await writeFile(join(place.workspace, 'node_modules', '.bin', 'tsserver'), script, { mode: 0o755 });
  const steps = () => [edit('src/use.ts', 'sum(1, 2)', 'sum(1, 4)'), { text: 'done' }];
  const opened = await startSession(place, steps(), { confinement, copyKinds: ['overlay', 'copy'] });
  await opened.session.prompt('go', signal());
  assert.equal(existsSync(outside), false);
  assert.equal(await place.text('touched.txt'), undefined);
  assert.equal(await opened.copy.exists('touched.txt'), true, 'it did run, in the working copy');
  await opened.close();
  const strict = await startSession(place, steps(), {
    confinement,
    copyKinds: ['overlay', 'copy'],
    judges: [
      (resolved) =>
        resolved.kind === 'execute'
          ? [{ rule: 'test.ask', effect: 'ask', source: 'test', reason: 'commands are asked here' }]
          : [],
    ],
    ask: async () => assert.fail('nobody is asked for a check nobody asked for'),
  });
  await strict.session.prompt('go', signal());
  assert.equal(await strict.copy.exists('touched.txt'), false);
  assert.match(strict.results()[0] ?? '', /^edited src\/use\.ts/);
  await strict.close();
});

test('a compiler that never answers costs its time once or twice, then nothing; without a tsconfig none is started', async (t) => {
  const stage = await staged(t, undefined);
  if (!stage) return;
  const { place, confinement } = stage;
  await mkdir(join(place.workspace, 'node_modules', '.bin'), { recursive: true });
  const script = `#!/bin/sh\ntouch '${place.workspace}/started.txt'\nexec cat > /dev/null\n`;
  await writeFile(join(place.workspace, 'node_modules', '.bin', 'tsserver'), script, { mode: 0o755 });
  await place.put({ 'lone/a.ts': 'export const a = 1;\n' });
  const opened = await startSession(
    place,
    [
      call('write', { path: 'src/a.ts', content: 'export const a = 1;\n' }),
      call('write', { path: 'src/b.ts', content: 'export const b = 1;\n' }),
      call('write', { path: 'src/c.ts', content: 'export const c = 1;\n' }),
      { text: 'done' },
    ],
    { confinement, copyKinds: ['overlay', 'copy'] },
  );
  const result = await opened.session.prompt('go', signal());
  assert.equal(result.status, 'done');
  assert.ok(opened.results().every((text) => text.startsWith('created')));
  await opened.close();
  const { 'tsconfig.json': _gone, ...without } = base;
  const bare = await staged(t, undefined, without);
  if (!bare) return;
  await mkdir(join(bare.place.workspace, 'node_modules', '.bin'), { recursive: true });
  const noted = script.replaceAll(place.workspace, bare.place.workspace);
  await writeFile(join(bare.place.workspace, 'node_modules', '.bin', 'tsserver'), noted, { mode: 0o755 });
  const quiet = await startSession(
    bare.place,
    [call('write', { path: 'src/a.ts', content: 'export const a = 1;\n' }), { text: 'done' }],
    { confinement: bare.confinement, copyKinds: ['overlay', 'copy'] },
  );
  await quiet.session.prompt('go', signal());
  assert.equal(await quiet.copy.exists('started.txt'), false);
  await quiet.close();
});
