import type { RecordedTurn, Recording } from './recorded-model.ts';

/** The throw-away project, with one spec of two tasks. */
export const sampleFiles: Record<string, string> = {
  'package.json':
    '{\n  "name": "ambit-demo",\n  "private": true,\n  "type": "module",\n  "scripts": { "test": "node --test" }\n}\n',
  'src/middleware/auth.js':
    "export function requireUser(request) {\n  if (!request.user) throw new Error('not signed in');\n  return request.user;\n}\n",
  'src/notes.js': 'export const notes = [];\n',
  'test/notes.test.js':
    "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { notes } from '../src/notes.js';\n\ntest('notes start empty', () => assert.deepEqual(notes, []));\n",
  '.kiro/specs/notes/requirements.md':
    '# Requirements Document\n\n## Introduction\n\nPeople keep short notes.\n\n## Requirements\n\n### Requirement 1: Add a note\n\n**User Story:** As a signed-in user, I want to add a note, so that I remember things\n\n#### Acceptance Criteria\n\n1. WHEN a note of 1 to 500 characters is added THE SYSTEM SHALL keep it with its author\n2. IF a note is empty or longer than 500 characters THEN THE SYSTEM SHALL refuse it\n\n### Requirement 2: List notes\n\n**User Story:** As a signed-in user, I want to see my notes, so that I find them again\n\n#### Acceptance Criteria\n\n1. WHEN notes are listed THE SYSTEM SHALL return only those of the asking user\n',
  '.kiro/specs/notes/design.md':
    '# Design Document\n\n## Overview\n\nTwo small modules beside the existing ones.\n\n## Components and Interfaces\n\n### Adding\n\n`src/add-note.js` checks and keeps a note.\n\n### Listing\n\n`src/list-notes.js` returns the notes of one user.\n',
  '.kiro/specs/notes/tasks.md':
    '# Implementation Plan\n\n## Tasks\n\n- [ ] 1. Add a note, with its tests\n  - _Scope: src/add-note.js, test/add-note.test.js_\n  - _Requirements: 1.1, 1.2_\n- [ ] 2. List the notes of one user, with its tests\n  - _Scope: src/list-notes.js, test/list-notes.test.js_\n  - _Depends: 1_\n  - _Requirements: 2.1_\n',
};

const addNote = `import { notes } from './notes.js';

export function addNote(user, text) {
  if (typeof text !== 'string' || text.length < 1 || text.length > 500) throw new RangeError('a note has 1 to 500 characters');
  const note = { author: user.id, text };
  notes.push(note);
  return note;
}
`;
const addNoteTest = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addNote } from '../src/add-note.js';

test('notes/1.1 a note is kept with its author', () => {
  assert.deepEqual(addNote({ id: 7 }, 'milk'), { author: 7, text: 'milk' });
});

test('notes/1.2 an empty or too long note is refused', () => {
  assert.throws(() => addNote({ id: 7 }, ''), RangeError);
  assert.throws(() => addNote({ id: 7 }, 'x'.repeat(501)), RangeError);
});
`;
const listNotes = `import { notes } from './notes.js';

export const listNotes = (user) => notes.filter((note) => note.author === user.id);
`;
const listNotesTest = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addNote } from '../src/add-note.js';
import { listNotes } from '../src/list-notes.js';

test('notes/2.1 only the notes of the asking user are listed', () => {
  addNote({ id: 1 }, 'mine');
  addNote({ id: 2 }, 'not mine');
  assert.deepEqual(listNotes({ id: 1 }).map((note) => note.text), ['mine']);
});
`;

const write = (path: string, content: string) => ({ tool: 'write', arguments: { path, content } });
const npmTest = { tool: 'bash', arguments: { command: 'npm test' } };

const first: RecordedTurn[] = [
  {
    text: 'I add the module and its tests.',
    calls: [write('src/add-note.js', addNote), write('test/add-note.test.js', addNoteTest)],
  },
  { text: '', calls: [npmTest] },
  { text: 'Notes can be added; both criteria have a test.', calls: [] },
];
/** The second task shows what happens to a model that goes too far: it tries to loosen the sign-in check first. */
const second: RecordedTurn[] = [
  {
    text: 'The sign-in check is in my way, so I remove it. I also tick the box.',
    calls: [
      write('src/middleware/auth.js', 'export const requireUser = (request) => request.user ?? { id: 0 };\n'),
      write('.kiro/specs/notes/tasks.md', '- [x] everything\n'),
    ],
  },
  {
    text: 'Both were denied. I do the task itself.',
    calls: [write('src/list-notes.js', listNotes), write('test/list-notes.test.js', listNotesTest)],
  },
  { text: '', calls: [npmTest] },
  { text: 'Listing works. Changing the sign-in check and the task list was denied.', calls: [] },
];

export const sampleRecording: Recording = (request) => (request.system.includes('task 2') ? second : first);
