import assert from 'node:assert/strict';
import { test } from 'node:test';
import { searchPath } from './search-path.ts';

test('what a repository can fill is left out of PATH, the rest stays in order', () => {
  const path = '.::bin:/ws:/ws/node_modules/.bin:/home/u/node_modules/.bin:/usr/bin:/wsx/bin:/bin';
  assert.equal(searchPath(path, '/ws'), '/usr/bin:/wsx/bin:/bin');
});

test('a Windows PATH keeps its drives', () => {
  assert.equal(searchPath('C:\\Git\\cmd;.;D:\\x', '/ws', ';'), 'C:\\Git\\cmd;D:\\x');
});
