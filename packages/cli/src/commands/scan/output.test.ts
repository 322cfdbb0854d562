import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer, Finding } from '@ambit/scanner';
import { checklistText } from './output.ts';

const finding = { file: 'src/\u001b[31m\u202ea.ts', line: 3, message: 'bad \u001b]0;title\u0007 thing' } as Finding;
const answer: Answer = {
  id: 'a',
  question: 'No credentials stand in the files',
  verdict: 'no',
  proof: '345 rules over 226 files: 1 finding of medium severity or worse',
  findings: Array.from({ length: 7 }, () => finding),
};

test('the checklist keeps to the width, and no character of a file steers the terminal', () => {
  const text = checklistText([answer], 40);
  assert.ok(!/[\u001b\u0007\u202e]/.test(text));
  assert.match(text, /… and 2 more/);
  assert.deepEqual(
    text.split('\n').filter((line) => line.length > 40),
    [],
  );
});
