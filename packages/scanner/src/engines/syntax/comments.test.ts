import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutComments } from './comments.ts';

test('comments that begin a line are left out, and nothing else', () => {
  const cases: [string, string][] = [
    ['a();\n  // eval(b)\nc();', 'a();\n\nc();'],
    ['/** eval(x)\n * y\n */\nf();', '\nf();'],
    ["g('/*'); // kept\nh('*/');", "g('/*'); // kept\nh('*/');"],
    ['/* never closed\neval(a);\n/* nor this', '/* never closed\neval(a);\n/* nor this'],
    ['// only', ''],
    ['/* a */ run(b);', ' run(b);'],
  ];
  for (const [text, expected] of cases) assert.equal(withoutComments(text), expected);
});

test('comments that are never closed cost no more than their length', () => {
  assert.equal(withoutComments('/*\n'.repeat(400_000)).length, 1_200_000);
});
