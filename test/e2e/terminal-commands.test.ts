// The same flows by single commands at a terminal: written, approved, run with questions, reviewed in part, taken back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HeardRequest, Step } from '../support/scripted-model.ts';
import { sums, sumsTask, writesPart } from '../support/sums.ts';
import { onStage, type TerminalStage } from '../support/terminal-stage.ts';
import { type Screen, tmuxMissing } from '../support/tmux.ts';

const skip = tmuxMissing() ?? false;

function say(screen: Screen, text: string): void {
  screen.type(text);
  screen.keys('Enter');
}

const asking = 'git fetch https://git.example.invalid/x.git';

/** Writes the part of each task; task 1 asks twice for what only a person may allow. */
function sumsModel(request: HeardRequest): Step {
  const { results } = request;
  const id = sumsTask(request) ?? '0';
  if (results.length === 0) return writesPart(id);
  if (id === '1' && results.length < 4) return { tool: 'bash', arguments: { command: asking } };
  return { text: `Task ${id} is done.` };
}

async function approve(open: TerminalStage['open']): Promise<void> {
  const screen = open('spec', 'approve', 'sums', 'all');
  for (const phase of ['requirements', 'design', 'tasks']) {
    await screen.shows(`Approve .kiro/specs/sums/${phase}.md exactly as shown`);
    say(screen, 'y');
    await screen.shows(`Approved ${phase} of sums.`);
  }
  await screen.shows('EXIT 0');
}

test(
  'run at a terminal: a question denied, one allowed, the change shown and applied, undone by task and by choice',
  {
    skip,
  },
  () =>
    onStage(
      sumsModel,
      async ({ open, has, text, model }) => {
        await approve(open);
        const left = open('run', 'sums');
        await left.shows(/\["fetch","https:[^"]*"\][\s\S]*n deny/);
        left.keys('C-c');
        await left.shows(/EXIT 130/);
        assert.equal(has('src/part1.js'), false);
        const run = open('run', 'sums');
        await run.shows(/\["fetch","https:[^"]*"\][\s\S]*n deny/);
        say(run, 'n');
        await run.shows(/n deny[\s\S]*\["fetch","https:[^"]*"\][\s\S]*n deny/);
        say(run, 'y');
        await run.shows('apply it');
        assert.equal(has('src/part1.js'), false);
        say(run, 'yes');
        await run.shows(/applied [\s\S]*EXIT 0/);
        const told = model.toolResults();
        assert.match(told.join('\n'), /denied/);
        assert.match(text('.kiro/specs/sums/tasks.md'), /- \[x\] 1\. /);
        const second = open('run', 'sums', '--autopilot');
        await second.shows('EXIT 0');
        assert.ok(has('src/part1.js') && has('src/part2.js'));

        // By task: all that came since goes with it, the boxes too.
        const task = open('undo', '--task', 'sums/2');
        await task.shows('EXIT 0');
        assert.deepEqual([has('src/part1.js'), has('src/part2.js')], [true, false]);
        assert.match(text('.kiro/specs/sums/tasks.md'), /- \[x\] 1\. [\s\S]*- \[ \] 2\. /);

        // By choice: the undo just made is itself a point.
        const none = open('undo', '--pick');
        await none.shows('back to which');
        none.keys('Enter');
        await none.shows(/nothing was changed[\s\S]*EXIT 130/);
        const closed = open('undo', '--pick');
        await closed.shows('back to which');
        closed.keys('C-d');
        await closed.shows(/EXIT 130/);
        const wrong = open('undo', '--pick');
        await wrong.shows('back to which');
        say(wrong, '99');
        await wrong.shows(/not a number from 1 to \d[\s\S]*EXIT 2/);
        const pick = open('undo', '--pick');
        const points = await pick.shows('back to which');
        const first = /^ *(\d+) .*$/m.exec(points)?.[1] ?? '';
        say(pick, first);
        await pick.shows('EXIT 0');
        assert.deepEqual([has('src/part1.js'), has('src/part2.js')], [false, false]);
        assert.match(text('.kiro/specs/sums/tasks.md'), /- \[ \] 1\. [\s\S]*- \[ \] 2\. /);
      },
      { files: sums },
    ),
);

const base = Array.from({ length: 40 }, (_, i) => `line ${i + 1}\n`).join('');
const edited = base.replace('line 3\n', 'line three\n').replace('line 30\n', 'line thirty\n');
const edits: Step[] = [{ tool: 'write', arguments: { path: 'notes.txt', content: edited } }, { text: 'edited' }];

test('review at a terminal: hunks chosen one by one; end of input and Ctrl-C change nothing', { skip }, () =>
  onStage(
    edits,
    async ({ open, text }) => {
      await open('-p', 'edit it').shows('EXIT 4');
      for (const [key, code] of [
        ['C-c', 130],
        ['C-d', 130],
      ] as const) {
        const left = open('review', 'pick', 'last');
        await left.shows(/hunk 1 of 2[\s\S]*\[y take this/);
        left.keys(key);
        await left.shows(`EXIT ${code}`);
        assert.equal(text('notes.txt'), base);
      }
      const screen = open('review', 'pick', 'last');
      await screen.shows(/hunk 1 of 2[\s\S]*\[y take this/);
      say(screen, 'y');
      await screen.shows(/hunk 2 of 2[\s\S]*\[y take this/);
      say(screen, 'n');
      await screen.shows('apply it?');
      say(screen, 'y');
      await screen.shows(/applied in part[\s\S]*EXIT 0/);
      assert.equal(text('notes.txt'), base.replace('line 3\n', 'line three\n'));
    },
    { files: { 'notes.txt': base } },
  ),
);

test('plain mode: Ctrl-C stops the turn, twice leaves, and the session goes on', { skip }, () =>
  onStage([{ fault: 'hang' }, { text: 'I remember.' }], async ({ open, model }) => {
    const screen = open('--plain');
    await screen.shows('supervised');
    say(screen, 'the port is 8472');
    while (model.requests.length === 0) await sleep(50);
    screen.keys('C-c');
    await screen.shows('stopped; say what to do instead');
    screen.keys('C-c');
    screen.keys('C-c');
    await screen.shows('EXIT 0');
    const again = open('resume', '--plain');
    await again.shows('supervised');
    say(again, 'which port?');
    await again.shows('I remember.');
    assert.ok(model.requests.at(-1)?.prompts.some((prompt) => prompt.includes('the port is 8472')));
  }),
);

test('one prompt at a terminal: Ctrl-C ends it with 130 and says how to go on; resume does', { skip }, () =>
  onStage(
    [edits[0] as Step, { fault: 'hang' }, { text: 'edited' }],
    async ({ open, model, text }) => {
      const screen = open('-p', 'edit it');
      while (model.requests.length < 2) await sleep(50);
      screen.keys('C-c');
      const said = await screen.shows('EXIT 130');
      const id = /to go on: ambit resume (\S+)/.exec(said)?.[1] ?? '';
      await open('resume', id, '-p', 'go on', '--autopilot').shows('EXIT 0');
      assert.equal(text('notes.txt'), edited);
    },
    { files: { 'notes.txt': base } },
  ),
);

test('a new spec at a terminal of forty columns, and its approval refused by an empty answer', { skip }, () =>
  onStage(
    [],
    async ({ open, has }) => {
      const written = open('spec', 'new', 'Users sign in with a password', '--name', 'login', '--no-model');
      await written.shows('EXIT 0');
      assert.ok(has('.kiro/specs/login/requirements.md'));
      const screen = open('spec', 'approve', 'login', 'requirements');
      await screen.shows('exactly as shown');
      screen.keys('Enter');
      await screen.shows(/EXIT [1-9]/);
      const status = open('spec', 'show', 'login');
      assert.doesNotMatch(await status.shows('EXIT 0'), /✓ requirements/);
    },
    { columns: 40, rows: 20 },
  ),
);
