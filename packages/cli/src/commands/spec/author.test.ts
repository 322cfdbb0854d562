import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Io } from '../../command.ts';
import { command as check } from './check.ts';
import { command as criteria } from './criteria.ts';
import { command as create } from './new.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ambit-spec-'));
  await mkdir(join(root, '.git'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function io(stdin = ''): Io & { text: () => string } {
  let out = '';
  return {
    cwd: root,
    env: { HOME: root, XDG_CONFIG_HOME: join(root, 'config') },
    out: (text) => {
      out += text;
    },
    err: () => undefined,
    stdin: Readable.from([stdin]) as unknown as Io['stdin'],
    interactive: false,
    colour: false,
    columns: 80,
    signal: new AbortController().signal,
    now: () => new Date(0),
    text: () => out,
  };
}

describe('ambit spec new', () => {
  it('writes a spec that the check passes, and says that no model was used', async () => {
    const to = io();
    assert.equal(await create.run(['Members rate films and comment on them', '--no-model'], to), 0);
    assert.match(to.text(), /No model was used/);
    assert.deepEqual((await readdir(join(root, '.kiro/specs/films-comments'))).sort(), [
      '.config.kiro',
      'design.md',
      'requirements.md',
      'tasks.md',
    ]);
    assert.equal(await check.run(['--strict'], io()), 0);
  });

  it('prints what it wrote as JSON, and takes a name, a file and a phase', async () => {
    await writeFile(join(root, 'prompt.md'), 'Members log in and see their page.');
    const to = io();
    await create.run(
      ['--no-model', '--json', '--name', 'member-page', '-f', 'prompt.md', '--phase', 'requirements'],
      to,
    );
    const written = JSON.parse(to.text());
    assert.equal(written.name, 'member-page');
    assert.equal(written.model, null);
    assert.deepEqual(written.files, [
      '.kiro/specs/member-page/requirements.md',
      '.kiro/specs/member-page/.config.kiro',
    ]);
    assert.equal(written.questions[0]?.topic, 'authentication');
    assert.equal(await check.run([], io()), 1, 'an open question stops the approval');
    await create.run(['member-page', '--phase', 'design'], io());
    assert.match(
      await readFile(join(root, '.kiro/specs/member-page/design.md'), 'utf8'),
      /## Components and Interfaces/,
    );
  });

  it('writes a bug spec', async () => {
    await create.run(['--bugfix', 'The app crashes when the cart is empty'], io());
    const [name = ''] = await readdir(join(root, '.kiro/specs'));
    assert.match(await readFile(join(root, '.kiro/specs', name, 'bugfix.md'), 'utf8'), /SHALL CONTINUE TO/);
    assert.equal(await check.run([], io()), 0);
  });

  it('overwrites nothing and refuses wrong usage', async () => {
    await create.run(['Members vote', '--no-model', '--name', 'votes'], io());
    const before = await readFile(join(root, '.kiro/specs/votes/requirements.md'), 'utf8');
    await assert.rejects(create.run(['Something else', '--no-model', '--name', 'votes'], io()), /exists already/);
    assert.equal(await readFile(join(root, '.kiro/specs/votes/requirements.md'), 'utf8'), before);
    for (const args of [
      [],
      ['  '],
      ['x', '--phase', 'nothing'],
      ['x', '--name', '../up', '--no-model'],
      ['-f', 'missing'],
    ])
      await assert.rejects(create.run(args, io()), { name: 'AmbitError' });
    assert.deepEqual(await readdir(join(root, '.kiro/specs')), ['votes']);
  });
});

describe('ambit spec criteria', () => {
  it('reads the manifests of a code base, with file and line of each package', async () => {
    await mkdir(join(root, 'apps/web'), { recursive: true });
    await mkdir(join(root, 'node_modules/ws'), { recursive: true });
    await writeFile(join(root, 'apps/web/package.json'), '{\n  "dependencies": {\n    "stripe": "18.0.0"\n  }\n}\n');
    await writeFile(join(root, 'node_modules/ws/package.json'), '{\n  "dependencies": {\n    "ldapjs": "1"\n  }\n}\n');
    const to = io();
    assert.equal(await criteria.run(['--code', '.', '--json'], to), 0);
    const raised = JSON.parse(to.text()) as { id: string; cue: unknown }[];
    const paid = raised.find((one) => one.id === 'payment/verified-paid');
    assert.deepEqual(paid?.cue, { quote: '"stripe": "18.0.0"', line: 3, file: 'apps/web/package.json' });
    assert.ok(!raised.some((one) => one.id.startsWith('directory/')), 'packages of packages are not the app');
  });

  it('refuses a folder without manifests, one that is not there, and two sources at once', async () => {
    for (const args of [['--code', '.'], ['--code', 'nowhere'], ['--code', '.', '--text', '-'], []])
      await assert.rejects(criteria.run(args, io()), { name: 'AmbitError' });
  });

  it('prints ranked criteria of a text with exactly the documented fields', async () => {
    const to = io('Users can create accounts\n');
    assert.equal(await criteria.run(['--text', '-', '--json'], to), 0);
    const list = JSON.parse(to.text()) as Record<string, unknown>[];
    assert.ok(list.length >= 10);
    for (const [index, one] of list.entries()) {
      assert.deepEqual(Object.keys(one), ['id', 'text', 'cwe', 'asvs', 'level', 'rank', 'cue', 'verify']);
      assert.equal(one['rank'], index + 1);
    }
    assert.deepEqual(list[0]?.['cue'], { quote: 'Users can create accounts', line: 1 });
  });

  it('shows decisions of a spec, and what is open', async () => {
    await create.run(['Members upload a picture', '--no-model', '--name', 'pictures'], io());
    const all = io();
    await criteria.run(['pictures'], all);
    assert.match(all.text(), /upload\/type[\s\S]*accepted as \d+\.\d+/);
    const path = join(root, '.kiro/specs/pictures/requirements.md');
    const text = await readFile(path, 'utf8');
    const closed = io();
    await criteria.run(['pictures', '--open', '--json'], closed);
    assert.ok(!closed.text().includes('upload/outside-web'));
    await writeFile(
      path,
      text.replace(/^upload\/outside-web: .*\n/m, '').replace(/^\d+\. THE System SHALL store uploads outside.*\n/m, ''),
    );
    const open = io();
    await criteria.run(['pictures', '--open', '--json'], open);
    assert.ok(open.text().includes('upload/outside-web'));
  });

  it('refuses wrong usage', async () => {
    for (const args of [[], ['--text', 'missing.txt'], ['../x'], ['--text', '-', '--level', '9']])
      await assert.rejects(criteria.run(args, io()), { name: 'AmbitError' });
  });
});
