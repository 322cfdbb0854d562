import assert from 'node:assert/strict';
import { appendFile, readFile } from 'node:fs/promises';
import { afterEach, test } from 'node:test';
import { call, makePlace, type Place, startSession } from '../../../test/support/session.ts';
import { branchOf, listSessions, readSession, turnsOf } from './session/log.ts';
import { continueSession } from './session.ts';

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

test('what tools write is in the working copy; the workspace stays as it was', async () => {
  const at = await place({ 'src/a.txt': 'one\ntwo\n', 'win.txt': 'one\r\ntwo\r\n' });
  const { session, copy, close } = await startSession(at, [
    call('edit', { path: 'src/a.txt', old: 'two', new: '2' }),
    call('edit', { path: 'win.txt', old: 'one\ntwo', new: 'ONE\ntwo' }),
    call('write', { path: 'src/new/b.txt', content: 'fresh\n' }),
    call('read', { path: 'src/a.txt' }),
    { text: 'done' },
  ]);
  const result = await session.prompt('change it', signal());
  assert.equal(result.status, 'done');
  assert.equal(await at.text('src/a.txt'), 'one\ntwo\n');
  assert.equal(await at.text('src/new/b.txt'), undefined);
  const changed = (await copy.changes()).filter((change) => change.type === 'file');
  assert.deepEqual(
    changed.map((change) => `${change.kind} ${change.path}`),
    ['modified src/a.txt', 'created src/new/b.txt', 'modified win.txt'],
  );
  assert.equal(Buffer.from(await copy.read('win.txt')).toString(), 'ONE\r\ntwo\r\n');
  await close();
});

test('SECURITY: writes to control files and outside the workspace do not happen; reads of secrets show nothing', async () => {
  const at = await place({ '.env': 'KEY=CANARY-ENV', 'notes.txt': 'plain CANARY-SECRET here' });
  const { session, copy, results, model, close } = await startSession(at, [
    call('write', { path: '.git/hooks/pre-commit', content: 'x' }),
    call('write', { path: '../outside.txt', content: 'x' }),
    call('read', { path: '.env' }),
    call('edit', { path: '.env', old: 'NOPE', new: 'x' }),
    call('search', { pattern: 'CANARY' }),
    call('read', { path: 'notes.txt' }),
    call('edit', { path: 'notes.txt', old: 'plain text', new: 'x' }),
    { text: 'done' },
  ]);
  await session.prompt('look around', signal());
  assert.deepEqual(
    session.passage.refusals.map((refusal) => refusal.rule),
    ['control.git', 'path.outside', 'secret.env', 'secret.env'],
  );
  assert.equal(await at.text('../outside.txt'), undefined);
  assert.deepEqual(await copy.changes(), []);
  const shown = JSON.stringify(model.requests);
  assert.ok(!shown.includes('CANARY-ENV') && !shown.includes('CANARY-SECRET'));
  assert.ok(results()[5]?.includes('plain [redacted] here'));
  await close();
});

test('a secret in the prompt is not sent, and said so', async () => {
  const at = await place();
  const { session, model, events, close } = await startSession(at, [{ text: 'ok' }]);
  await session.prompt('use CANARY-SECRET please', signal());
  assert.ok(!JSON.stringify(model.requests).includes('CANARY-SECRET'));
  assert.ok(events.some((event) => event.type === 'note' && event.text.includes('not sent')));
  const stored = await readFile((await listSessions(at.state.sessions))[0]?.path ?? '', 'utf8');
  assert.ok(!stored.includes('CANARY-SECRET'));
  await close();
});

test('without a sandbox no command runs, and the model is told', async () => {
  const at = await place();
  const { session, results, copy, close } = await startSession(at, [
    call('bash', { command: 'echo x > ran.txt' }),
    { text: 'ok' },
  ]);
  await session.prompt('run it', signal());
  assert.match(results()[0] ?? '', /denied|sandbox/);
  assert.deepEqual(await copy.changes(), []);
  await close();
});

test('a question nobody can answer is a denial that says so; a rule that forbids is another', async () => {
  const at = await place();
  const { session, close } = await startSession(at, [
    call('write', { path: 'src/middleware/auth.ts', content: 'x' }),
    call('write', { path: '.git/config', content: 'x' }),
    { text: 'ok' },
  ]);
  await session.prompt('go', signal());
  const [guarded, control] = session.passage.refusals;
  assert.equal(control?.needsHuman, false);
  assert.equal(guarded?.rule.startsWith('guarded'), true);
  await close();
});

test('facts planted early survive three compactions word for word', async () => {
  const at = await place({ 'big.txt': 'filler words here\n'.repeat(400) });
  const { session, model, events, close } = await startSession(
    at,
    (turn) => (turn % 9 === 8 ? { text: `step ${turn}` } : call('read', { path: 'big.txt', offset: (turn % 7) + 1 })),
    { contextTokens: 12_000 },
  );
  await session.keep('Spec', 'R1.2 THE SYSTEM SHALL keep the token for 17 minutes.');
  await session.prompt('the port is 8472, never 8080', signal());
  await session.keep('Decisions', 'Redis was rejected: operations cannot run it.');
  for (let i = 0; i < 8; i += 1) await session.prompt(`go on with part ${i}`, signal());
  const compactions = events.filter((event) => event.type === 'note' && event.text.includes('compacted')).length;
  assert.ok(compactions >= 3, `${compactions} compactions`);
  const last = JSON.stringify(model.requests.at(-1)?.messages);
  for (const fact of ['the port is 8472', 'for 17 minutes', 'Redis was rejected']) assert.ok(last.includes(fact), fact);
  await close();
});

test('a session cut by a crash is resumed: the torn line is dropped, open calls are answered, changes are there', async () => {
  const at = await place({ 'a.txt': 'one\n' });
  const first = await startSession(at, [call('write', { path: 'b.txt', content: 'two\n' }), { text: 'half' }]);
  await first.session.prompt('make b', signal());
  await first.close();
  const [stored] = await listSessions(at.state.sessions);
  assert.ok(stored);
  const { entries } = await readSession(stored.path);
  const open = { role: 'assistant', parts: [{ type: 'call', id: 'c9', name: 'bash', arguments: '{}' }] };
  const line = { id: 'x1', parentId: entries.at(-1)?.id, time: '', type: 'message', message: open };
  await appendFile(stored.path, `${JSON.stringify(line)}\n{"id":"torn","par`);
  const continuation = await continueSession(at.state, stored.id, () => new Date());
  const second = await startSession(at, [call('read', { path: 'b.txt' }), { text: 'all there' }], {
    continuation,
    run: { id: continuation.run },
  });
  const result = await second.session.prompt('go on', signal());
  assert.equal(result.text, 'all there');
  assert.deepEqual(second.results().at(-1), 'two');
  assert.match(second.results().at(-2) ?? '', /interrupted: whether this happened is not known/);
  await second.close();
  const again = await readSession(stored.path);
  assert.equal(again.torn, 1);
  assert.equal(turnsOf(branchOf(again.entries)).length, 2);
});

test('a branch goes on after an earlier turn, and the later turns stay in the file', async () => {
  const at = await place();
  const first = await startSession(at, [{ text: 'red' }, { text: 'green' }]);
  await first.session.prompt('first', signal());
  await first.session.prompt('second', signal());
  await first.close();
  const [stored] = await listSessions(at.state.sessions);
  const turns = turnsOf(branchOf((await readSession(stored?.path ?? '')).entries));
  const continuation = await continueSession(at.state, stored?.id ?? '', () => new Date(), turns[0]?.id);
  const branch = await startSession(at, [{ text: 'blue' }], { continuation });
  await branch.session.prompt('other second', signal());
  const asked = JSON.stringify(branch.model.requests[0]?.messages);
  assert.ok(asked.includes('red') && !asked.includes('green'));
  await branch.close();
  const after = (await readSession(stored?.path ?? '')).entries;
  assert.deepEqual(
    turnsOf(branchOf(after)).map((turn) => turn.prompt),
    ['first', 'other second'],
  );
  assert.deepEqual(
    turnsOf(branchOf(after, turns[1]?.id)).map((turn) => turn.prompt),
    ['first', 'second'],
  );
});

test('a second process on the same session is refused', async () => {
  const at = await place();
  const first = await startSession(at, [{ text: 'ok' }]);
  const { session } = first;
  await assert.rejects(
    continueSession(at.state, session.id, () => new Date()),
    /another Ambit is working here/,
  );
  await first.close();
  const second = await continueSession(at.state, session.id, () => new Date());
  await second.log.close();
});

test('hooks may change or block a prompt and keep a run going; a stop hook cannot loop for ever', async () => {
  const at = await place();
  const blocked = await startSession(at, [{ text: 'x' }], {
    hooks: { prompt: async () => ({ blocked: 'not on a Friday' }) },
  });
  assert.equal((await blocked.session.prompt('go', signal())).text, 'not on a Friday');
  assert.equal(blocked.model.requests.length, 0);
  await blocked.close();
  const endless = await startSession(at, () => ({ text: 'done' }), { hooks: { stop: async () => 'run the tests' } });
  await endless.session.prompt('go', signal());
  assert.equal(endless.model.requests.length, 4);
  await endless.close();
});

test('a structured answer is checked here, and asked again when it does not fit', async () => {
  const at = await place();
  const schema = { type: 'object', properties: { files: { type: 'integer' } }, required: ['files'] };
  const started = await startSession(at, [
    { text: 'looked' },
    { text: 'I found {"files": "three"}' },
    { text: '```json\n{"files": 3}\n```' },
  ]);
  const result = await started.session.prompt('count', signal(), { output: schema });
  assert.equal(result.text, '{"files":3}');
  assert.deepEqual(started.model.requests[1]?.output, schema);
  assert.deepEqual(started.model.requests[1]?.tools, []);
  await started.close();
  const hopeless = await startSession(at, () => ({ text: 'no' }));
  const failed = await hopeless.session.prompt('count', signal(), { output: schema });
  assert.deepEqual([failed.status, failed.modelFailed], ['failed', true]);
  await hopeless.close();
});

test('live output of a command is shown redacted, also when the pipe cuts a secret in two', async () => {
  const at = await place();
  const shown: string[] = [];
  const noisy = await startSession(at, [call('noisy', {}), { text: 'ok' }], {
    progress: (text) => void shown.push(text),
    tools: [
      {
        name: 'noisy',
        description: 'd',
        schema: { type: 'object' },
        readOnly: false,
        summary: () => '',
        use: async (_args, context) => {
          for (const piece of ['key CANARY-', 'SECRET end\nnext', ' line\n']) context.progress(piece);
          return { text: 'done', failed: false };
        },
      },
    ],
  });
  await noisy.session.prompt('go', signal());
  assert.deepEqual(shown, ['key [redacted] end\n', 'next line\n']);
  await noisy.close();
});
