import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readerOf } from './packages.ts';
import { imitated, isOneEditApart, knownNames } from './typosquat.ts';
import { compareVersions, isAffected } from './versions.ts';

test('versions are ordered by their numbers, releases after what precedes them', () => {
  const sorted = ['1.0.0-alpha', '1.0.0', '1.0.1', '1.2.0', '1.10.0', '2.0.0rc1', '2.0.0', '10.0'];
  assert.deepEqual([...sorted].reverse().sort(compareVersions), sorted);
  assert.equal(compareVersions('1.0', '1.0.0'), 0);
  assert.equal(compareVersions('v1.2.3+build', '1.2.3'), 0);
});

test('an advisory holds from its introduction to its repair', () => {
  const ranges = [
    { introduced: '1.0.0', fixed: '1.2.3' },
    { introduced: '2.0.0', lastAffected: '2.1.0' },
  ];
  assert.deepEqual(
    ['0.9.0', '1.0.0', '1.2.2', '1.2.3', '2.1.0', '2.1.1'].map((version) => isAffected(version, ranges)),
    [false, true, true, false, true, false],
  );
  assert.ok(isAffected('9.9.9', [{ introduced: '0' }]));
});

test('look-alikes are one edit or a separator away; versions and plurals are names of their own', () => {
  assert.ok(
    isOneEditApart('lodash', 'loadash') && isOneEditApart('lodash', 'lodahs') && !isOneEditApart('lodash', 'lodash'),
  );
  const known = knownNames(['cross-env', 'lodash', 'express', 'vue', 'numpy']);
  assert.equal(imitated('crossenv', known, 'npm'), 'cross-env');
  assert.equal(imitated('expres', known, 'npm'), 'express');
  assert.equal(imitated('expresss', known, 'npm'), 'express');
  assert.equal(imitated('numpyy', known, 'PyPI'), 'numpy');
  for (const fine of ['vuex', 'vues', 'numpi', 'lodash', 'expressjs', '@my/lodash', 'left-pad'])
    assert.equal(imitated(fine, known, 'npm'), undefined, fine);
  assert.equal(imitated('python_dateutil', knownNames(['python-dateutil']), 'PyPI'), undefined);
});

const shown = (path: string, text: string) =>
  (readerOf(path)?.(text) ?? []).map(
    ({ name, version, line, source }) => `${name} ${version} ${line}${source ? ` ${source}` : ''}`,
  );

test('lockfiles of each package manager give names, versions and lines', () => {
  const npm =
    '{"packages":{\n"":{"version":"1"},\n"node_modules/a":{"version":"1.0.0"},\n"node_modules/a/node_modules/@s/b":{"version":"2.0.0","resolved":"git+ssh://git@x/b.git#1"}}}';
  assert.deepEqual(shown('package-lock.json', npm), ['a 1.0.0 3', '@s/b 2.0.0 4 git+ssh://git@x/b.git#1']);
  assert.deepEqual(
    shown('x/package-lock.json', '{"dependencies":{"a":{"version":"1.0.0","dependencies":{"b":{"version":"2.0.0"}}}}}'),
    ['a 1.0.0 1', 'b 2.0.0 1'],
  );
  assert.deepEqual(
    shown(
      'yarn.lock',
      '"@s/a@^1.0.0", "@s/a@^1.1.0":\n  version "1.2.0"\n\n"b@npm:^2.0.0":\n  version: 2.1.0\n  checksum: x\n',
    ),
    ['@s/a 1.2.0 1', 'b 2.1.0 4'],
  );
  assert.deepEqual(
    shown(
      'pnpm-lock.yaml',
      "packages:\n\n  '@s/a@1.0.0':\n    resolution: {integrity: x}\n  /b/2.0.0:\n    dev: true\nsnapshots:\n  c@1.0.0: {}\n",
    ),
    ['@s/a 1.0.0 3', 'b 2.0.0 5'],
  );
  assert.deepEqual(
    shown(
      'uv.lock',
      '[[package]]\nname = "a"\nversion = "1.0"\nsource = { git = "https://x/a" }\n\n[metadata]\nname = "no"\n',
    ),
    ['a 1.0 1 https://x/a'],
  );
  assert.deepEqual(
    shown('requirements.txt', '# note\na==1.0 --hash=sha256:1\nb[x]>=2\n-r other.txt\ngit+https://x/c.git#egg=c\n'),
    ['a 1.0 2', 'b 2 3', 'c  5 git+https://x/c.git#egg=c'],
  );
  assert.deepEqual(shown('Pipfile.lock', '{"default":{"a":{"version":"==1.0"}}}'), ['a 1.0 1']);
  assert.deepEqual(shown('package.json', '{\n "dependencies": {\n  "a": "^1",\n  "b": "x/b"\n }\n}'), [
    'a ^1 3',
    'b x/b 4 x/b',
  ]);
  assert.equal(readerOf('src/package.ts'), undefined);
});
