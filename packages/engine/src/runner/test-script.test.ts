import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlainTestScript, scriptObjection } from './test-script.ts';

test('calls of test runners are plain; what prints, hides or replaces a report is not', () => {
  const plain = [
    'node --test',
    'node --test --test-reporter=spec test/**/*.test.js',
    'node --import tsx --test',
    'NODE_ENV=test vitest run',
    'tsc -p . && node --test dist',
    'npx jest --ci',
    'cross-env CI=1 mocha',
    'npm run build && ava',
    'python3 -m pytest -q',
  ];
  const other = [
    "echo 'ok 1 - login/1.1 locks'",
    'node fake.js',
    'node --test || true',
    'node --test; exit 0',
    'node --test --test-reporter=./fake.mjs',
    'node --import ./fake.mjs --test',
    'node -e "console.log(1)"',
    'vitest run | tee out',
    'vitest run && true',
    'vitest run --reporter ./fake.ts',
    'npm run build',
    'sh test.sh',
    'node --test > /dev/null',
    'cat report.tap && node --test',
    'node --test $(ls)',
    'node --test & node fake.js',
  ];
  assert.deepEqual(
    plain.filter((script) => !isPlainTestScript(script)),
    [],
  );
  assert.deepEqual(other.filter(isPlainTestScript), []);
});

const text = (scripts: Record<string, string>) => Buffer.from(JSON.stringify({ scripts }));
const copy = (base: Record<string, string> | undefined, now: Record<string, string>) => ({
  base: async () => (base ? text(base) : undefined),
  read: async () => text(now),
});

test('a test script that the task turned into a print is objected to; one that stood there, or is plain, is not', async () => {
  const odd = { test: 'make check' };
  const fake = { test: "echo 'ok 1 - login/1.1 locks'" };
  assert.equal(await scriptObjection(copy(odd, odd), 'npm test'), undefined);
  assert.equal(await scriptObjection(copy(undefined, { test: 'node --test' }), 'npm test'), undefined);
  assert.match((await scriptObjection(copy(odd, fake), 'npm test')) ?? '', /changed the `test` script/);
  assert.match((await scriptObjection(copy(undefined, fake), 'npm test')) ?? '', /proves nothing/);
  const hooked = { ...odd, posttest: 'node fake.js' };
  assert.match((await scriptObjection(copy(odd, hooked), 'npm test')) ?? '', /`posttest`/);
  assert.equal(await scriptObjection(copy(odd, fake), 'go test ./...'), undefined);
});
