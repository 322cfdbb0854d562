// A project with a spec of two tasks, each a small module with its test, and what a model writes for a task.
import type { HeardRequest, Step } from './scripted-model.ts';
import { specFiles } from './spec-stage.ts';

export const sums = {
  'package.json': '{\n  "name": "sums",\n  "type": "module",\n  "scripts": { "test": "node --test" }\n}\n',
  ...specFiles('sums', [
    { id: '1', title: 'Write part one', scope: 'src/part1.js, test/part1.test.js' },
    { id: '2', title: 'Write part two', scope: 'src/part2.js, test/part2.test.js', depends: '1' },
  ]),
};

/** The number of the task that a request is about. */
export function sumsTask({ body }: HeardRequest): string | undefined {
  return /Spec sums, task (\d+):/.exec(body)?.[1];
}

const testOf = (id: string) =>
  `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { part } from '../src/part${id}.js';\n\ntest('sums part ${id}', () => assert.equal(part, ${id}));\n`;

/** The first answer of a model that carries a task out. */
export function writesPart(id: string): Step {
  return {
    calls: [
      { tool: 'write', arguments: { path: `src/part${id}.js`, content: `export const part = ${id};\n` } },
      { tool: 'write', arguments: { path: `test/part${id}.test.js`, content: testOf(id) } },
    ],
  };
}
