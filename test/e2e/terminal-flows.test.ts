// The flows of a spec in a real terminal: write, approve, run, answer, review hunk by hunk, go back, go on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HeardRequest, Step } from '../support/scripted-model.ts';
import { sums, sumsTask, writesPart } from '../support/sums.ts';
import { onStage } from '../support/terminal-stage.ts';
import { type Screen, tmuxMissing } from '../support/tmux.ts';

const skip = tmuxMissing() ?? false;

function say(screen: Screen, text: string): void {
  screen.type(text);
  screen.keys('Enter');
}

const write = (path: string, content: string): Step => ({ tool: 'write', arguments: { path, content } });

/** Nothing that a task may do unasked. */
const fetching = 'git fetch https://git.example.invalid/x.git';
const pushing = 'git push https://git.example.invalid/x.git HEAD';

/** Carries the tasks of `sums` out; task 2 also asks for something that only a person may allow. */
function sumsModel(request: HeardRequest): Step {
  const id = sumsTask(request);
  if (id === undefined) return { text: 'hello' };
  const { results } = request;
  if (results.length === 0) return writesPart(id);
  const asked = id === '2' ? [fetching, fetching, pushing][results.length - 2] : undefined;
  if (asked !== undefined) return { tool: 'bash', arguments: { command: asked } };
  return { text: `Task ${id} is done.` };
}

async function approveAll(screen: Screen): Promise<void> {
  say(screen, '/spec approve sums all');
  for (const phase of ['requirements', 'design', 'tasks']) {
    await screen.shows(`Approve .kiro/specs/sums/${phase}.md exactly as shown`);
    say(screen, 'y');
    await screen.shows(`Approved ${phase} of sums.`);
  }
}

test('a new spec comes into view, without a usable model from the built-in author', { skip }, () =>
  onStage([], async ({ open, has }) => {
    const screen = open();
    await screen.shows('supervised');
    say(screen, '/spec new "Users sign in with a password" --name login');
    const shown = await screen.shows(/── login +· requirements +· design +· tasks +0\/\d+ tasks/);
    assert.match(shown, /\[ \] 1 /);
    assert.ok(has('.kiro/specs/login/requirements.md'));
    say(screen, '/spec off');
    for (let tries = 0; tries < 100 && /── login/.test(screen.raw()); tries += 1) await sleep(100);
    assert.doesNotMatch(screen.raw(), /── login/);
  }),
);

test('a spec is approved, run, its questions allowed and denied, its change reviewed, its box ticked', { skip }, () =>
  onStage(
    sumsModel,
    async ({ open, has, text, model }) => {
      const screen = open();
      await screen.shows('supervised');
      say(screen, '/spec sums');
      await screen.shows('[ ] 1 Write part one');
      say(screen, '/run sums');
      await screen.shows('requirements is not approved');
      await approveAll(screen);
      await screen.shows(/── sums +✓ requirements +✓ design +✓ tasks +0\/2 tasks/);
      say(screen, '/run sums');
      await screen.shows(/apply it\?/);
      assert.equal(has('src/part1.js'), false);
      say(screen, 'y');
      await screen.shows(/── sums .*1\/2 tasks/);
      assert.match(await screen.shows('[x] 1 Write part one'), /\[ \] 2 Write part two/);
      assert.equal(text('src/part1.js'), 'export const part = 1;\n');
      assert.match(text('.kiro/specs/sums/tasks.md'), /- \[x\] 1\. Write part one/);

      // Task 2 asks: denied once, allowed once; what cannot be undone wants its own word typed.
      say(screen, '/run sums');
      const asked = await screen.shows(/\["fetch","https:[^"]*"\][\s\S]*n deny/);
      assert.match(asked, /effects: .*network/);
      say(screen, 'n');
      await screen.shows(/⊘ bash git fetch[\s\S]*\["fetch","https:[^"]*"\][\s\S]*n deny/);
      say(screen, 'y');
      await screen.shows(/This cannot be undone\. Type `HEAD` to allow it/);
      say(screen, 'yes');
      await screen.shows('apply it, flags and all? Type yes:');
      const told = model.toolResults();
      assert.match(told.at(-3) ?? '', /denied/);
      assert.doesNotMatch(told.at(-2) ?? '', /denied/);
      assert.match(told.at(-1) ?? '', /denied/);
      say(screen, 'n');
      await screen.shows('[?] 2 Write part two');
      assert.equal(has('src/part2.js'), false);
      say(screen, '/quit');
      await screen.shows('EXIT 0');
    },
    { files: sums },
  ),
);

const base = Array.from({ length: 40 }, (_, i) => `line ${i + 1}\n`).join('');
const edited = base.replace('line 3\n', 'line three\n').replace('line 30\n', 'line thirty\n');

test('a change is reviewed hunk by hunk: what is taken lands, what is left waits', { skip }, () =>
  onStage(
    [write('notes.txt', edited), { text: 'edited' }],
    async ({ open, text }) => {
      const screen = open();
      await screen.shows('supervised');
      say(screen, 'edit it');
      await screen.shows('choose hunk by hunk');
      screen.type('h');
      await screen.shows('notes.txt: hunk 1 of 2');
      screen.type('n');
      const second = await screen.shows('notes.txt: hunk 2 of 2');
      assert.ok(second.includes('+line thirty'));
      screen.type('y');
      await screen.shows('what you left out waits');
      assert.equal(text('notes.txt'), base.replace('line 30\n', 'line thirty\n'));
      say(screen, '/review pick last');
      await screen.shows(/hunk 1 of 2[\s\S]*\[y take this/);
      say(screen, 'y');
      await screen.shows(/hunk 2 of 2[\s\S]*\[y take this/);
      say(screen, 'y');
      await screen.shows(/apply it\?/);
      say(screen, 'y');
      await screen.shows(/to take it back: ambit undo/);
      assert.equal(text('notes.txt'), edited);
    },
    { files: { 'notes.txt': base } },
  ),
);

test('back to before a prompt: what was applied since is taken back, the words stand in the editor', { skip }, () =>
  onStage(
    [
      write('one.txt', '1\n'),
      { text: 'made one' },
      write('two.txt', '2\n'),
      { text: 'made two' },
      { text: 'otherwise' },
    ],
    async ({ open, has, model }) => {
      const screen = open('--autopilot');
      await screen.shows('autopilot');
      for (const [prompt, done] of [
        ['make one', 'made one'],
        ['make two', 'made two'],
      ] as const) {
        say(screen, prompt);
        await screen.shows(new RegExp(`${done}[\\s\\S]*applied \\(undo`));
      }
      assert.ok(has('one.txt') && has('two.txt'));
      say(screen, '/rewind');
      await screen.shows(/a {2}\d\d:\d\d "make two"[\s\S]*b {2}\d\d:\d\d "make one"/);
      screen.type('a');
      await screen.shows('back to before your prompt; two.txt');
      assert.deepEqual([has('one.txt'), has('two.txt')], [true, false]);
      // The prompt is there again, to be changed.
      screen.type(' differently');
      screen.keys('Enter');
      await screen.shows('otherwise');
      const heard = model.requests.at(-1)?.prompts.join('\n') ?? '';
      assert.ok(heard.includes('make one') && heard.includes('make two differently') && !heard.includes('made two'));
      say(screen, '/quit');
      await screen.shows('EXIT 0');
      const again = open('resume');
      const shown = await again.shows('supervised');
      assert.ok(shown.includes('› make two differently') && shown.includes('otherwise'));
    },
  ),
);

test('Ctrl-C ends a run that was started here, not the session; it goes on afterwards', { skip }, () =>
  onStage(
    (request) => (/Spec sums, task/.test(request.body) ? { fault: 'hang' } : { text: 'still here' }),
    async ({ open, model }) => {
      const screen = open();
      await screen.shows('supervised');
      await approveAll(screen);
      say(screen, '/run sums');
      while (!model.requests.some(({ body }) => body.includes('Spec sums, task'))) await sleep(50);
      screen.keys('C-c');
      await screen.shows('/run was stopped');
      say(screen, 'are you there?');
      await screen.shows('still here');
    },
    { files: sums },
  ),
);

test(
  '@ completes files below folders, the arrow key brings back what was said, also from earlier sessions',
  { skip },
  () =>
    onStage(
      [{ text: 'seen' }],
      async ({ open, model }) => {
        const screen = open();
        await screen.shows('supervised');
        screen.type('look at @ordr');
        await screen.shows('orders.js');
        screen.keys('Tab');
        await screen.shows('look at @src/shop/orders.js');
        screen.keys('Enter');
        await screen.shows('seen');
        assert.ok(model.requests[0]?.prompts.some((prompt) => prompt.includes('@src/shop/orders.js')));
        say(screen, '/quit');
        await screen.shows('EXIT 0');
        const again = open();
        await again.shows('supervised');
        again.keys('Up');
        await again.shows('look at @src/shop/orders.js');
      },
      { files: { 'src/shop/orders.js': 'export const orders = [];\n' } },
    ),
);

test('a large paste is one prompt, shown short, sent whole; nothing of it is taken as keys', { skip }, () =>
  onStage([{ text: 'read it all' }], async ({ open, model, has }) => {
    const screen = open();
    await screen.shows('supervised');
    const pasted = Array.from({ length: 2_000 }, (_, i) => `${i} /quit y n \u0003 text`).join('\n');
    screen.paste(pasted);
    await screen.shows(/\[paste #1 \+\d+ lines\]/);
    screen.keys('Enter');
    await screen.shows('read it all');
    const heard = model.requests[0]?.prompts.join('\n') ?? '';
    assert.ok(heard.includes('0 /quit') && heard.includes('1999 /quit'));
    assert.equal(has('quit'), false);
  }),
);

test('forty columns, twenty rows, then wider and back: every line fits, the pane stays in bounds', { skip }, () =>
  onStage(
    [{ text: `A long answer ${'with many words '.repeat(20)}end.` }],
    async ({ open }) => {
      const screen = open();
      await screen.shows('supervised');
      say(screen, '/spec sums');
      await screen.shows('[ ] 1 Write part one');
      say(screen, 'talk');
      await screen.shows('end.');
      for (const [columns, rows] of [
        [90, 30],
        [40, 20],
        [24, 12],
      ] as const) {
        screen.resize(columns, rows);
        await sleep(600);
        const lines = screen
          .raw()
          .replaceAll(/\u001b\[[0-9;]*m/g, '')
          .split('\n');
        assert.ok(
          lines.every((line) => [...line].length <= columns),
          lines.join('\n'),
        );
        assert.ok(lines.filter((line) => /^(── sums|\[ \])/.test(line)).length <= Math.max(3, Math.floor(rows / 3)));
      }
      screen.resize(100, 30);
      say(screen, '/cost');
      await screen.shows('in all: 100 tokens in');
    },
    { files: sums, columns: 40, rows: 20 },
  ),
);

test('NO_COLOR: no colour is sent, in no part of the screen', { skip }, () =>
  onStage(
    [write('b.js', 'export const b = 2;\n'), { text: 'Made **b**.\n\n- a `list`\n' }],
    async ({ open }) => {
      const screen = open();
      await screen.shows('supervised');
      say(screen, 'make b');
      await screen.shows('keep working on it');
      screen.type('d');
      await screen.shows('+export const b');
      // Colours and intensities; a return to the default paints nothing. The cursor is drawn as an inverse cell.
      assert.doesNotMatch(screen.raw(), /\u001b\[(?:[1-69]|3[0-8]|4[0-8]|9\d|10\d)(?:;\d+)*m/);
    },
    { env: { NO_COLOR: '1' } },
  ),
);
