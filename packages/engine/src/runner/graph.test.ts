import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTasks } from '@ambit/core/spec';
import { readySteps, taskGraph, wavesOf } from './graph.ts';

const plan = (lines: string[], waves?: string[][]) =>
  parseTasks(
    `# Implementation Plan\n\n## Tasks\n\n${lines.join('\n')}\n${
      waves
        ? `\n## Task Dependency Graph\n\`\`\`json\n${JSON.stringify({ waves: waves.map((tasks, id) => ({ id, tasks })) })}\n\`\`\`\n`
        : ''
    }`,
  );

test('only boxes without boxes below are steps, and a parent means all of its steps', () => {
  const graph = taskGraph(plan(['- [ ] 1. A', '  - [ ] 1.1 B', '  - [ ] 1.2 C', '- [ ] 2. D', '  - _Depends: 1_']));
  assert.deepEqual(graph.problems, []);
  assert.deepEqual(wavesOf(graph), [['1.1', '1.2'], ['2']]);
});

test('without a word on order, one after the other', () => {
  assert.deepEqual(wavesOf(taskGraph(plan(['- [ ] 1. A', '- [ ] 2. B', '- [ ] 3. C']))), [['1'], ['2'], ['3']]);
});

test('waves are sequential, and dependencies narrow them further', () => {
  const lines = ['- [ ] 1. A', '- [ ] 2. B', '- [ ] 3. C', '  - _Depends: 2_', '- [ ] 4. D'];
  assert.deepEqual(wavesOf(taskGraph(plan(lines, [['1', '2', '3'], ['4']]))), [['1', '2'], ['3'], ['4']]);
});

test('a checkpoint waits for everything before it', () => {
  const lines = [
    '- [ ] 1. A',
    '  - _Depends: 2_',
    '- [ ] 2. B',
    '- [ ] 3. Checkpoint - Ensure all tests pass',
    '- [ ] 4. D',
  ];
  assert.deepEqual(wavesOf(taskGraph(plan(lines))), [['2', '4'], ['1'], ['3']]);
});

test('a circle and an unknown number are problems with their line, and nothing in the circle is ready', () => {
  const circle = taskGraph(plan(['- [ ] 1. A', '  - _Depends: 2_', '- [ ] 2. B', '  - _Depends: 1_']));
  assert.match(circle.problems[0]?.message ?? '', /wait for each other: 1 → 2 → 1|wait for each other: 2 → 1 → 2/);
  assert.deepEqual(readySteps(circle, new Set(), new Set()), []);
  const unknown = taskGraph(plan(['- [ ] 1. A', '  - _Depends: 9_']));
  assert.match(unknown.problems[0]?.message ?? '', /`9`/);
  assert.equal(unknown.problems[0]?.line, 6);
});
