import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonLine } from './report.ts';

test('SECURITY: an event has no raw character that is not what it looks like, and says the same', () => {
  const value = { files: ['gpj.\u202eexe', 'a\u200bb', '\u{e0041}tag', 'x\u009b2Jy\u007f', 'Ünïcode 文件 👍 é'] };
  const line = jsonLine(value);
  assert.doesNotMatch(line, /[\u007f-\u009f\u200b\u202e]|\u{e0041}/u);
  assert.match(line, /Ünïcode 文件 👍 é/);
  assert.deepEqual(JSON.parse(line), value);
});
