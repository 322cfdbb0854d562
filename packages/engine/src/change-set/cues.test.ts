import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as z from 'zod/mini';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { cueFile, readReviewCues } from './cues.ts';
import { isPlainLink } from './flags.ts';
import {
  additionFlags,
  dependencyFlags,
  invisibleFlags,
  movedTests,
  protectionFlags,
  testFlags,
} from './text-flags.ts';

const files = await readCatalogSources('review');
const cues = readReviewCues(files);
const sources = files.map((file) => cueFile.parse(file.data) as z.infer<typeof cueFile>);
const hits = (pattern: RegExp, text: string) => [...text.matchAll(pattern)].length > 0;

test('every cue has samples that match and samples that do not', () => {
  const counted = { derived: 0, protections: 0, additions: 0, tests: 0, runners: 0, manifests: 0 };
  for (const source of sources) {
    for (const one of source.derived ?? []) {
      const cue = cues.derived.find((known) => known.id === one.id)!;
      for (const path of one.samples!.match) assert.ok(cue.matches(path), `${one.id} misses ${path}`);
      for (const path of one.samples!.noMatch) assert.ok(!cue.matches(path), `${one.id} takes ${path}`);
      counted.derived += 1;
    }
    for (const one of source.protections ?? []) {
      const cue = cues.protections.find((known) => known.id === one.id)!;
      for (const line of one.samples!.match) assert.ok(hits(cue.match, line), `${one.id} misses ${line}`);
      for (const line of one.samples!.noMatch) assert.ok(!hits(cue.match, line), `${one.id} takes ${line}`);
      counted.protections += 1;
    }
    for (const one of source.additions ?? []) {
      const added = ({ file, text }: { file: string; text: string }) =>
        additionFlags({ path: file, kind: 'created', before: '', after: text }, cues).some(
          (flag) => flag.rule === one.id,
        );
      for (const sample of one.samples!.match) assert.ok(added(sample), `${one.id} misses ${sample.text}`);
      for (const sample of one.samples!.noMatch) assert.ok(!added(sample), `${one.id} takes ${sample.text}`);
      counted.additions += 1;
    }
    for (const one of source.tests ?? []) {
      const cue = cues.tests.find((known) => known.id === one.id)!;
      for (const [samples, wanted] of [
        [one.samples!.match, true],
        [one.samples!.noMatch, false],
      ] as const)
        for (const sample of samples) {
          assert.equal(cue.matches(sample.file), wanted, `${one.id} on ${sample.file}`);
          for (const key of ['case', 'skip', 'check'] as const)
            assert.equal(hits(cue[key], sample[key]), wanted, `${one.id} ${key}: ${sample[key]}`);
        }
      counted.tests += 1;
    }
    for (const one of source.runners ?? []) {
      const cue = cues.runners.find((known) => known.id === one.id)!;
      for (const text of one.samples!.match) assert.ok(cue.has.test(text), `${one.id} misses ${text}`);
      for (const text of one.samples!.noMatch) assert.ok(!cue.has.test(text), `${one.id} takes ${text}`);
      counted.runners += 1;
    }
    for (const one of source.failures ?? []) {
      const pattern = new RegExp(one.match, 'm');
      for (const line of one.samples!.match) assert.ok(pattern.test(line), `${one.id} misses ${line}`);
      for (const line of one.samples!.noMatch) assert.ok(!pattern.test(line), `${one.id} takes ${line}`);
    }
    for (const one of source.manifests ?? []) {
      for (const { file, before, after, names } of one.samples!) {
        const change = { path: file, kind: 'modified' as const, before, after };
        const found = dependencyFlags(change, cues).map((flag) => /`([^`]+)`/.exec(flag.reason)?.[1]);
        assert.deepEqual(found.sort(), [...names].sort(), one.id);
        assert.deepEqual(dependencyFlags({ ...change, after: before }, cues), [], one.id);
      }
      counted.manifests += 1;
    }
  }
  assert.ok(Object.values(counted).every((count) => count > 0));
});

test('a broken cue file is refused with its place', () => {
  assert.throws(() => readReviewCues([{ file: 'review/x.yaml', data: { derived: [{ id: 'a', unknown: 1 }] } }]), {
    code: 'input.broken',
    where: 'review/x.yaml',
  });
});

const change = (path: string, before: string, after: string) => ({ path, kind: 'modified' as const, before, after });

test('removed, skipped and emptied tests are told; moved and added ones are not', () => {
  const whole = "test('a', () => { assert.equal(1, 1); });\ntest('b', () => { assert.equal(2, 2); });\n";
  const codes = (after: string) => testFlags(change('test/a.test.ts', whole, after), cues).map((flag) => flag.code);
  assert.deepEqual(codes(whole.split('\n')[0]!), ['removed-test']);
  assert.deepEqual(codes(whole.replace("test('b'", "test.skip('b'")), ['removed-test', 'weakened-test']);
  assert.deepEqual(codes(whole.replace('assert.equal(2, 2);', '')), ['weakened-test']);
  assert.deepEqual(codes(whole.split('\n').reverse().join('\n')), []);
  assert.deepEqual(codes(`${whole}test('c', () => { assert.ok(1); });\n`), []);
});

test('a test that was moved is not a removed one; one that lost something on the way is', () => {
  const text = "import { a } from './a.js';\ntest('a', () => { assert.equal(a, 1); });\n";
  const gone = { path: 'src/a.test.js', kind: 'deleted' as const, before: text, after: '' };
  const made = (path: string, after: string) => ({ path, kind: 'created' as const, before: '', after });
  const moved = (...texts: Parameters<typeof movedTests>[0]) => [...movedTests(texts, cues)];
  assert.deepEqual(moved(gone, made('lib/a.test.mjs', text.replace('./a.js', '../src/a.mjs'))), ['src/a.test.js']);
  assert.deepEqual(moved(gone, made('lib/a.test.mjs', text.replace('assert.equal(a, 1)', 'a'))), []);
  assert.deepEqual(moved(gone, made('archive/a.js.txt', text)), []);
  const renamed = text.replace('./a.js', './total.js').replaceAll(/\ba\b(?!')/g, 'total');
  assert.deepEqual(moved(gone, made('src/total.test.js', renamed)), ['src/a.test.js']);
  assert.deepEqual(moved(gone, made('src/b.test.js', text.replace('a, 1', '1, 1'))), []);
  assert.deepEqual(moved(gone, made('src/b.test.js', text.replace("test('a'", "xit('a'"))), []);
});

test('a link inside the workspace is a plain one; to what is protected, outside or around it is told', () => {
  const protections = {
    of: (path: string) => (/^\.env|^\.vscode/.test(path) ? [{ kind: 'secret' as const, rule: 'r', reason: 'r' }] : []),
  };
  const plain = (path: string, target: string) => isPlainLink({ path, target, kind: 'created' }, protections);
  for (const [path, target] of [
    ['src/shared', '../shared'],
    ['a', 'b.txt'],
    ['x/y', './z'],
  ] as const)
    assert.equal(plain(path, target), true, target);
  for (const [path, target] of [
    ['a', '/etc'],
    ['a', '../x'],
    ['a/b', '../../x'],
    ['a/b/c', '..'],
    ['a', '.'],
    ['a/b', '../.git/hooks'],
    ['public/e', '../.env'],
    ['a', '.vscode/x'],
    ['a', 'b/../../c'],
    ['a', 'C:\\x'],
  ] as const)
    assert.equal(plain(path, target), false, target);
});

test('a removed access check is told with its line; the same check rewritten is not', () => {
  const before = 'export async function GET() {\n  const session = await getServerSession(o);\n  return rows;\n}\n';
  const gone = before.replace('  const session = await getServerSession(o);\n', '');
  const [flag] = protectionFlags(change('app/api/route.ts', before, gone), cues);
  assert.equal(flag?.code, 'access-change');
  assert.equal(flag?.line, 2);
  const moved = before.replace('getServerSession(o)', 'requireUser(request)');
  assert.deepEqual(protectionFlags(change('app/api/route.ts', before, moved), cues), []);
});

test('a package from elsewhere and a script that runs by itself count as new dependencies', () => {
  const before = '{"dependencies":{"a":"1.0.0"},"scripts":{"test":"x"}}';
  const reasons = (after: string) =>
    dependencyFlags(change('package.json', before, after), cues).map((flag) => flag.reason);
  assert.deepEqual(reasons('{"dependencies":{"a":"git+https://x/y"},"scripts":{"test":"x"}}'), [
    '`a` now comes from git+https://x/y',
  ]);
  assert.equal(reasons('{"dependencies":{"a":"1.0.0"},"scripts":{"test":"x","postinstall":"node x"}}').length, 1);
  assert.deepEqual(reasons('{"dependencies":{"a":"1.2.0"},"scripts":{"test":"y"}}'), []);
});

test('what package programs obey by themselves, and a test script that cannot fail, are told', () => {
  const before = '{"scripts":{"test":"node --test","build":"tsc"}}';
  const codes = (after: string) =>
    dependencyFlags(change('package.json', before, after), cues).map((flag) => flag.code);
  assert.deepEqual(codes('{"scripts":{"test":"node --test","build":"tsc","prepare":"x"}}'), ['runs-by-itself']);
  assert.deepEqual(codes('{"packageManager":"yarn@4","scripts":{"test":"node --test","build":"tsc"}}'), [
    'runs-by-itself',
  ]);
  for (const weak of ['true', 'node --test || true', 'node --test; exit 0', 'echo ok'])
    assert.deepEqual(codes(JSON.stringify({ scripts: { test: weak, build: 'tsc' } })), ['weakened-test'], weak);
  assert.deepEqual(codes('{"scripts":{"build":"tsc"}}'), ['weakened-test']);
  for (const fine of ['node --test --watch', 'vitest run', 'npm run build && node --test'])
    assert.deepEqual(codes(JSON.stringify({ scripts: { test: fine, build: 'tsc -b', dev: 'vite' } })), [], fine);
});

test('characters that nobody sees are told where they are new', () => {
  assert.equal(invisibleFlags(change('a.ts', 'x\n', 'x\nif (admin\u202e) {}\n'))[0]?.line, 2);
  assert.deepEqual(invisibleFlags(change('a.md', '\u{1f468}\u200d\u{1f469}\n', '\u{1f468}\u200d\u{1f469} hi\n')), []);
});
