import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { call, makePlace, type Place, startSession, type TestSession } from '../../../../test/support/session.ts';
import { continueSession } from '../session.ts';
import { historyOf } from './log.ts';
import { rewindSession, turnPoints } from './rewind.ts';

const places: Place[] = [];
const place = async (files?: Record<string, string>) => {
  const made = await makePlace(files);
  places.push(made);
  return made;
};
afterEach(async () => {
  for (const made of places.splice(0)) await made.close();
});
const signal = () => new AbortController().signal;
const now = () => new Date();
const shownIn = async ({ copy }: TestSession): Promise<string[]> =>
  (await copy.changes()).filter(({ type }) => type === 'file').map(({ kind, path }) => `${kind} ${path}`);

const write = (path: string, content: string) => call('write', { path, content });

/** Three prompts: one creates, one edits and adds, one rewrites all of it. */
async function threeTurns(at: Place) {
  const started = await startSession(at, [
    write('new.txt', 'first\n'),
    { text: 'made' },
    write('new.txt', 'second\n'),
    write('old.txt', 'changed\n'),
    { text: 'edited' },
    write('new.txt', 'third\n'),
    write('later.txt', 'x\n'),
    { text: 'rewritten' },
  ]);
  for (const prompt of ['make it', 'edit it', 'rewrite it']) await started.session.prompt(prompt, signal());
  const { id, run } = started.session;
  await started.close();
  return { id, run };
}

test('back to before any prompt: the files of the session and its conversation are as they were', async () => {
  const at = await place({ 'old.txt': 'as it was\n' });
  const { id, run } = await threeTurns(at);
  const points = await turnPoints(at.state, id);
  assert.deepEqual(
    points.map(({ prompt, pending }) => [prompt, pending]),
    [
      ['make it', 0],
      ['edit it', 1],
      ['rewrite it', 2],
    ],
  );
  const back = await rewindSession(at.state, id, points[1]?.id ?? '', now, ['copy']);
  assert.equal(back.prompt, 'edit it');
  assert.deepEqual(back.restored, ['later.txt', 'new.txt', 'old.txt']);
  const continuation = await continueSession(at.state, id, now);
  assert.equal(continuation.run, run.id);
  const again = await startSession(at, [call('read', { path: 'new.txt' }), { text: 'ok' }], {
    continuation,
    run: { id: continuation.run },
  });
  assert.deepEqual(await shownIn(again), ['created new.txt']);
  await again.session.prompt('go on otherwise', signal());
  assert.equal(again.results().at(-1), 'first');
  const asked = JSON.stringify(again.model.requests[0]?.messages);
  assert.ok(asked.includes('make it') && !asked.includes('edit it') && !asked.includes('rewrite it'));
  assert.deepEqual(
    (await turnPoints(at.state, id)).map(({ prompt }) => prompt),
    ['make it', 'go on otherwise'],
  );
  await again.close();
  assert.equal(await at.text('old.txt'), 'as it was\n');
});

test('back to before the first prompt leaves nothing of the session; a deleted file of a turn comes back', async () => {
  const at = await place({ 'old.txt': 'as it was\n' });
  const { id } = await threeTurns(at);
  const points = await turnPoints(at.state, id);
  await rewindSession(at.state, id, points[0]?.id ?? '', now, ['copy']);
  const continuation = await continueSession(at.state, id, now);
  const again = await startSession(at, [], { continuation, run: { id: continuation.run } });
  assert.deepEqual(await shownIn(again), []);
  assert.deepEqual(historyOf([]), [...continuation.history]);
  await again.copy.write('a.txt', 'a\n');
  await again.copy.remove('old.txt');
  await again.close();
  const next = await continueSession(at.state, id, now);
  const third = await startSession(at, [write('old.txt', 'again\n'), { text: 'ok' }], {
    continuation: next,
    run: { id: next.run },
  });
  await third.session.prompt('put it back', signal());
  await third.close();
  const [point] = await turnPoints(at.state, id);
  assert.equal(point?.pending, 2);
  await rewindSession(at.state, id, point?.id ?? '', now, ['copy']);
  const last = await continueSession(at.state, id, now);
  const seen = await startSession(at, [], { continuation: last, run: { id: last.run } });
  assert.deepEqual((await shownIn(seen)).sort(), ['created a.txt', 'deleted old.txt']);
  await seen.close();
});

test('a session that is in use, an unknown turn and a damaged point change nothing', async () => {
  const at = await place();
  const { id } = await threeTurns(at);
  const [, second] = await turnPoints(at.state, id);
  await assert.rejects(rewindSession(at.state, id, 'nope', now, ['copy']), /no turn `nope`/);
  const held = await continueSession(at.state, id, now);
  await assert.rejects(rewindSession(at.state, id, second?.id ?? '', now, ['copy']), /another Ambit is working here/);
  await held.log.close();
  await rm(join(at.state.checkpoints, 'turns'), { recursive: true });
  await assert.rejects(rewindSession(at.state, id, second?.id ?? '', now, ['copy']), /a kept content cannot be read/);
  assert.equal((await turnPoints(at.state, id)).length, 3);
  const continuation = await continueSession(at.state, id, now);
  const again = await startSession(at, [], { continuation, run: { id: continuation.run } });
  assert.equal(Buffer.from(await again.copy.read('new.txt')).toString(), 'third\n');
  await again.close();
});
