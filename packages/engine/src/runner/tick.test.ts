import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tickTask } from './tick.ts';

const text =
  '# Implementation Plan\n\n- [ ] 1. Parent\r\n  - [x] 1.1 One\n  - [ ] 1.2 Two\n  - [ ]* 1.3 Optional\n- [ ] 2. Other\n';

test('ticking the last required child ticks its parent and changes nothing else', () => {
  assert.equal(tickTask(text, '1.2'), text.replace('[ ] 1. Parent', '[x] 1. Parent').replace('[ ] 1.2', '[x] 1.2'));
});

test('a parent with open children stays open, an unknown task changes nothing', () => {
  const open = text.replace('[x] 1.1', '[ ] 1.1');
  assert.equal(tickTask(open, '1.2'), open.replace('[ ] 1.2', '[x] 1.2'));
  assert.equal(tickTask(text, '9'), text);
  assert.equal(tickTask(text, '2'), text.replace('[ ] 2.', '[x] 2.'));
});
