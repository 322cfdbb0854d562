import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from '../support/scripted-model.ts';
import { onStage } from '../support/terminal-stage.ts';
import { tmuxMissing } from '../support/tmux.ts';

const skip = tmuxMissing() ?? false;

const makeB: Step[] = [
  { tool: 'write', arguments: { path: 'src/b.js', content: 'export const b = 2;\n' }, text: 'I will **write** it.' },
  { text: 'Made `src/b.js`.' },
];
/** A command that no rule allows while somebody is there to ask. */
const amend = (): Step => ({ tool: 'bash', arguments: { command: 'git commit --amend -m x' } });

test('a prompt streams, its change is shown, applied, and taken back', { skip }, () =>
  onStage(makeB, async ({ open, has }) => {
    const screen = open();
    await screen.shows('supervised');
    screen.type('make b');
    screen.keys('Enter');
    const offered = await screen.shows('keep working on it');
    assert.ok(offered.includes('I will write it.') && offered.includes('created  src/b.js  +1 -0'));
    assert.equal(has('src/b.js'), false);
    screen.type('d');
    await screen.shows('+export const b = 2;');
    screen.type('a');
    await screen.shows('applied 1 file');
    assert.equal(has('src/b.js'), true);
    screen.type('/undo');
    screen.keys('Enter');
    await screen.shows(/back to \d+/);
    assert.equal(has('src/b.js'), false);
    screen.type('/quit');
    screen.keys('Enter');
    await screen.shows('EXIT 0');
  }),
);

test('a question shows the exact effect; denied it does not happen, allowed it does', { skip }, () =>
  onStage([amend(), { text: 'left it' }, amend(), { text: 'did it' }], async ({ open, model }) => {
    const screen = open();
    await screen.shows('supervised');
    screen.type('amend it');
    screen.keys('Enter');
    const asked = await screen.shows('allow once');
    assert.ok(asked.includes('["commit","--amend","-m","x"]') && asked.includes('history-rewrite'));
    screen.type('n');
    await screen.shows('left it');
    assert.match(model.toolResults()[0] ?? '', /denied/);
    screen.type('again');
    screen.keys('Enter');
    await screen.shows(/left it[\s\S]*allow once/);
    screen.type('y');
    await screen.shows('did it');
    assert.doesNotMatch(model.toolResults()[1] ?? '', /denied/);
  }),
);

test('Ctrl-C stops the turn, twice leaves; the session is resumed with what it knew', { skip }, () =>
  onStage([{ fault: 'hang' }, { text: 'I remember.' }], async ({ open, model }) => {
    const screen = open();
    await screen.shows('supervised');
    screen.type('the port is 8472');
    screen.keys('Enter');
    await screen.shows('thinking');
    while (model.requests.length === 0) await sleep(50);
    screen.keys('C-c');
    await screen.shows('stopped; say what to do instead');
    screen.keys('C-c');
    screen.keys('C-c');
    await screen.shows('EXIT 0');
    const again = open('resume');
    await again.shows('supervised');
    again.type('which port?');
    again.keys('Enter');
    await again.shows('I remember.');
    assert.ok(model.requests.at(-1)?.prompts.some((prompt) => prompt.includes('the port is 8472')));
  }),
);

test('plain mode: lines only, letters answer, no escape sequence moves anything', { skip }, () =>
  onStage(makeB, async ({ open, has, workspace }) => {
    const screen = open('--plain');
    await screen.shows('supervised');
    screen.type('make b');
    screen.keys('Enter');
    await screen.shows('[k] keep working on it');
    screen.type('a');
    screen.keys('Enter');
    await screen.shows('applied 1 file');
    assert.ok(has('src/b.js') && readFileSync(join(workspace, 'src/b.js'), 'utf8').includes('b = 2'));
    screen.type('/help');
    screen.keys('Enter');
    await screen.shows('/compact');
    screen.type('/nonsense');
    screen.keys('Enter');
    await screen.shows('there is no /nonsense');
    screen.keys('C-d');
    await screen.shows('EXIT 0');
  }),
);

test('a narrow terminal, a resize and control sequences of the model do not break the screen', { skip }, () =>
  onStage([{ text: 'a \u001b[2Jwiped\u0007 \u202etext '.repeat(30) }], async ({ open }) => {
    const screen = open();
    await screen.shows('supervised');
    screen.type('talk');
    screen.keys('Enter');
    const shown = await screen.shows('wiped');
    assert.ok(shown.includes('supervised'));
    screen.type('/cost');
    screen.keys('Enter');
    await screen.shows('100 tokens in');
  }),
);

test('what is typed before the session is open is not lost', { skip }, () =>
  onStage([{ text: 'heard it' }], async ({ open, model }) => {
    const screen = open();
    // As soon as the terminal takes keys; the session opens behind it.
    await screen.shows('────');
    screen.type('are you there');
    screen.keys('Enter');
    await screen.shows('heard it');
    assert.ok(model.requests[0]?.prompts.join(' ').includes('are you there'));
  }),
);
