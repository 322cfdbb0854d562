import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ChangedFile, Flag } from '../change-set/index.ts';
import {
  ansiPaint,
  describeFile,
  describeFlag,
  describeHeld,
  foldHeld,
  hunksOf,
  inRiskOrder,
  sideBySide,
  unified,
} from './index.ts';

const file = (path: string, more: Partial<ChangedFile> = {}): ChangedFile => ({
  path,
  kind: 'modified',
  type: 'file',
  binary: false,
  size: 1,
  added: 1,
  removed: 1,
  ...more,
});
const lines = (n: number) => Array.from({ length: n }, (_, i) => `line ${i + 1}\n`).join('');
const texts = {
  before: lines(40),
  after: lines(40)
    .replace('line 3\n', 'three\nmore\n')
    .replace('line 30\n', '')
    .replace(/line 40\n$/, 'line 40'),
};

test('the unified diff is one that git takes', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ambit-patch-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'a.txt'), texts.before);
  writeFileSync(join(folder, 'p.patch'), unified(file('a.txt'), texts, undefined, true));
  const applied = spawnSync('git', ['apply', 'p.patch'], { cwd: folder, encoding: 'utf8' });
  assert.equal(applied.status, 0, applied.stderr);
  assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), texts.after);
});

test('created, deleted and empty files make diffs that git takes too', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ambit-patch-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'gone.txt'), 'a\nb');
  const patch = [
    unified(file('new.txt', { kind: 'created' }), { before: '', after: 'x\ny\n' }, undefined, true),
    unified(file('gone.txt', { kind: 'deleted' }), { before: 'a\nb', after: '' }, undefined, true),
  ].join('');
  writeFileSync(join(folder, 'p.patch'), patch);
  const applied = spawnSync('git', ['apply', 'p.patch'], { cwd: folder, encoding: 'utf8' });
  assert.equal(applied.status, 0, applied.stderr);
  assert.equal(readFileSync(join(folder, 'new.txt'), 'utf8'), 'x\ny\n');
});

test('line ends are shown where they change or are mixed, not where a file has one kind of them', () => {
  const crlf = { before: 'one\r\ntwo\r\n', after: 'one\r\n2\r\n' };
  const moved = { before: 'one\ntwo\n', after: 'one\r\ntwo\r\n' };
  for (const show of [
    (texts: typeof crlf) => unified(file('a.txt'), texts),
    (texts: typeof crlf) => sideBySide(file('a.txt'), texts, 80),
  ]) {
    assert.ok(!show(crlf).includes('U+000D'));
    assert.ok(show(moved).includes('two⟨U+000D⟩'));
  }
  assert.ok(unified(file('a.txt'), crlf, undefined, true).includes('+2\r\n'), 'a patch keeps them');
});

test('hunks are numbered as they are chosen', () => {
  assert.deepEqual(
    hunksOf(texts).map((hunk) => hunk.number),
    [1, 2, 3],
  );
  assert.match(unified(file('a.txt'), texts), /hunk 1\n.*\+three\n.*hunk 2\n.*-line 30\n.*hunk 3\n/s);
});

test('what a run wrote is shown as text: no control character reaches the terminal', () => {
  const evil = { before: 'a\n', after: '\u001b]0;owned\u0007\u001b[2J\u202eevil\u200b\r\rb\n' };
  const name = 'x\u001b[31m.txt';
  const shown = [
    unified(file(name), evil),
    sideBySide(file(name), evil, 100),
    describeFile(file(name, { withheld: { kind: 'control', reason: 'r' } })),
    describeFlag({ code: 'finding', path: name, reason: 'why\u001b[2J' }),
  ].join('');
  assert.doesNotMatch(shown, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u200b]/);
  assert.match(unified(file('a.txt'), texts, ansiPaint), /\u001b\[32m\+three/);
});

test('side by side fits the terminal and keeps both sides in line', () => {
  for (const columns of [60, 100]) {
    const rows = sideBySide(
      file('a.txt'),
      { before: `${'long '.repeat(30)}\nsame\n`, after: 'short\nsame\n' },
      columns,
    ).split('\n');
    for (const row of rows) assert.ok([...row].length <= columns, row);
  }
  assert.match(sideBySide(file('a.txt'), texts, 60), /line 3 +│ three\n/);
});

test('what deserves eyes first comes first, what is held back last', () => {
  const flags: Flag[] = [
    { code: 'new-dependency', path: 'package.json', reason: 'x' },
    { code: 'guarded-file', path: 'src/auth.ts', reason: 'x' },
    { code: 'removed-test', path: 'test/a.test.ts', reason: 'x' },
  ];
  const files = [
    file('a.ts'),
    file('node_modules', { withheld: { kind: 'derived', reason: 'x' } }),
    file('package.json'),
    file('src/auth.ts'),
    file('test/a.test.ts'),
  ];
  assert.deepEqual(
    inRiskOrder({ files, flags }).map((one) => one.path),
    ['src/auth.ts', 'test/a.test.ts', 'package.json', 'a.ts', 'node_modules'],
  );
});

test('many files held back for one reason are counted; few are named, and what lands always is', () => {
  const held = (path: string, reason: string) => file(path, { withheld: { kind: 'never', reason } });
  const set = [
    ...Array.from({ length: 10 }, (_, i) => held(`.git/objects/${i}`, 'git’s own')),
    file('src/a.ts'),
    held('out', 'a link that leads outside'),
  ];
  const { named, counted } = foldHeld(set);
  assert.deepEqual(
    named.map(({ path }) => path),
    ['src/a.ts', 'out'],
  );
  assert.deepEqual(counted.map(describeHeld), ['10 files not applied: git’s own']);
});
