import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientStep, scriptedClient } from '../../../../test/support/scripted-client.ts';
import type { Message, ModelRequest } from '../providers/model.ts';
import type { AnyTool, ToolContext } from '../tools/tool.ts';
import { runAgent } from './loop.ts';
import { type AgentPorts, type EventBody, type RunLimits, userMessage } from './types.ts';

const run = { id: 'r1', kind: 'chat' as const, depth: 0 };

interface Setup {
  steps: readonly ClientStep[] | ((request: ModelRequest, turn: number) => ClientStep);
  tools?: AnyTool[];
  limits?: RunLimits;
  ports?: Partial<AgentPorts>;
  signal?: AbortSignal;
  contextTokens?: number;
}

function echo(options: { readOnly?: boolean; use?: AnyTool['use'] } = {}): AnyTool {
  return {
    name: 'echo',
    description: 'Says it back.',
    schema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    readOnly: options.readOnly ?? true,
    summary: (args) => String(args['text']),
    use: options.use ?? (async (args) => ({ text: `echo ${args['text']}`, failed: false })),
  };
}

async function go({ steps, tools = [echo()], limits = { turns: 50 }, ports, signal, contextTokens }: Setup) {
  const model = scriptedClient(steps, contextTokens);
  const appended: Message[] = [];
  const events: EventBody[] = [];
  let clock = 0;
  const all: AgentPorts = {
    emit: (event) => void events.push(event),
    append: async (message) => void appended.push(message),
    callContext: () => ({ context: {} as ToolContext, images: () => [] }),
    queued: () => [],
    compact: async () => undefined,
    compacted: async () => undefined,
    dollars: () => undefined,
    now: () => {
      clock += 10;
      return clock;
    },
    ...ports,
  };
  const result = await runAgent(
    { model, system: 's', tools, messages: [userMessage('go')], run, limits },
    all,
    signal ?? new AbortController().signal,
  );
  return { result, model, appended, events };
}

const call = (text: unknown, name = 'echo'): ClientStep => ({ calls: [{ name, arguments: { text } }] });
const resultsOf = (messages: readonly Message[]) =>
  messages.flatMap((message) => (message.role === 'tool' ? message.parts.map((part) => part.text) : []));

test('a prompt, two calls, an answer: the exact order of events', async () => {
  const { result, events, appended } = await go({ steps: [call('a'), call('b'), { text: 'all said' }] });
  assert.equal(result.status, 'done');
  assert.equal(result.text, 'all said');
  assert.deepEqual(
    events.map((event) => event.type),
    [
      ...['turn.started', 'message.finished', 'turn.finished'],
      ...['turn.started', 'message.finished', 'turn.finished'],
      ...['turn.started', 'text.delta', 'message.finished', 'turn.finished'],
    ],
  );
  assert.deepEqual(
    appended.map((message) => message.role),
    ['assistant', 'tool', 'assistant', 'tool', 'assistant'],
  );
  assert.deepEqual(resultsOf(appended), ['echo a', 'echo b']);
});

test('unknown tools, arguments that are no JSON and wrong arguments are answered to the model, and nothing runs', async () => {
  let used = 0;
  const tool = echo({
    use: async () => {
      used += 1;
      return { text: '', failed: false };
    },
  });
  const { result, appended } = await go({
    tools: [tool],
    steps: [
      { calls: [{ name: 'shell', arguments: {} }] },
      { calls: [{ name: 'echo', arguments: '{"text": "a' }] },
      { calls: [{ name: 'echo', arguments: '[1]' }] },
      call(7),
      { calls: [{ name: 'echo', arguments: {} }] },
    ],
  });
  assert.equal(used, 0);
  assert.equal(result.status, 'done');
  const [unknown, broken, array, wrong, missing] = resultsOf(appended);
  assert.match(unknown ?? '', /there is no tool `shell`; tools: echo/);
  assert.match(broken ?? '', /no JSON/);
  assert.match(array ?? '', /must be an object, not array/);
  assert.match(wrong ?? '', /text must be string, not integer/);
  assert.match(missing ?? '', /text is missing/);
});

test('a tool that throws is a failed result, and the run goes on', async () => {
  const tool = echo({ use: () => Promise.reject(new Error('disk is full')) });
  const { result, appended } = await go({ tools: [tool], steps: [call('a'), { text: 'noted' }] });
  assert.equal(result.status, 'done');
  assert.deepEqual(resultsOf(appended), ['the tool failed: disk is full']);
});

test('reads of one answer run side by side; a call that changes something waits for them and runs alone', async () => {
  const log: string[] = [];
  const slow = (name: string, readOnly: boolean): AnyTool => ({
    ...echo({ readOnly }),
    name,
    use: async (args) => {
      log.push(`+${args['text']}`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`-${args['text']}`);
      return { text: String(args['text']), failed: false };
    },
  });
  const calls = [
    { name: 'look', arguments: { text: 'r1' } },
    { name: 'look', arguments: { text: 'r2' } },
    { name: 'change', arguments: { text: 'w1' } },
    { name: 'change', arguments: { text: 'w2' } },
    { name: 'look', arguments: { text: 'r3' } },
  ];
  const { appended } = await go({ tools: [slow('look', true), slow('change', false)], steps: [{ calls }] });
  assert.deepEqual(log, ['+r1', '+r2', '-r1', '-r2', '+w1', '-w1', '+w2', '-w2', '+r3', '-r3']);
  assert.deepEqual(resultsOf(appended), ['r1', 'r2', 'w1', 'w2', 'r3']);
});

test('an abort during a tool ends the run; calls not yet made are answered as cancelled', async () => {
  const abort = new AbortController();
  const tool = echo({
    readOnly: false,
    use: async () => {
      abort.abort();
      return { text: 'stopped in the middle', failed: true };
    },
  });
  const calls = ['a', 'b'].map((text) => ({ name: 'echo', arguments: { text } }));
  const { result, appended } = await go({ tools: [tool], steps: [{ calls }], signal: abort.signal });
  assert.equal(result.status, 'interrupted');
  assert.deepEqual(resultsOf(appended), ['stopped in the middle', 'cancelled: the run was stopped']);
});

test('a limit of turns, tokens or seconds ends the run as budget, not as failure', async () => {
  const endless = () => call(Math.random());
  assert.equal((await go({ steps: endless, limits: { turns: 3 } })).result.turns, 3);
  assert.equal((await go({ steps: endless, limits: { turns: 3 } })).result.status, 'budget');
  assert.equal((await go({ steps: endless, limits: { turns: 99, tokens: 200 } })).result.status, 'budget');
  assert.equal((await go({ steps: endless, limits: { turns: 99, seconds: 0.1 } })).result.status, 'budget');
  const priced = await go({ steps: endless, limits: { turns: 99, dollars: 1 }, ports: { dollars: () => 0.4 } });
  assert.equal(priced.result.turns, 3);
  assert.ok((priced.result.usage.dollars ?? 0) > 1);
});

test('the same call with the same result again and again is warned of, then ended', async () => {
  const { result, appended } = await go({ steps: () => call('same') });
  assert.equal(result.status, 'failed');
  assert.equal(result.modelFailed, false);
  assert.equal(result.turns, 8);
  assert.ok(!resultsOf(appended)[1]?.includes('change the approach'));
  assert.ok(resultsOf(appended)[2]?.includes('change the approach'));
});

test('a cycle of several calls is a repetition too; the same call with new results is not', async () => {
  const cycle = await go({ steps: (_request, turn) => call(['a', 'b', 'c'][turn % 3]) });
  assert.equal(cycle.result.status, 'failed');
  let count = 0;
  const polling = echo({
    use: async () => {
      count += 1;
      return { text: `line ${count}`, failed: false };
    },
  });
  const fresh = await go({ tools: [polling], steps: (_request, turn) => (turn < 30 ? call('log') : { text: 'end' }) });
  assert.equal(fresh.result.status, 'done');
});

test('what is said during the run is heard before the next turn, also after the last answer', async () => {
  const queue = [[], [userMessage('rather in French')], [userMessage('and one more thing')]] as Message[][];
  const { result, model } = await go({
    steps: [call('a'), { text: 'voilà' }, { text: 'done too' }],
    ports: { queued: () => queue.shift() ?? [] },
  });
  assert.equal(result.text, 'done too');
  assert.ok(JSON.stringify(model.requests[1]?.messages).includes('rather in French'));
  assert.ok(JSON.stringify(model.requests[2]?.messages).includes('and one more thing'));
});

test('an empty answer and one cut at the output limit are nudged, twice at most', async () => {
  const mended = await go({ steps: [{ text: '' }, { text: 'half', reason: 'length' }, { text: 'whole' }] });
  assert.equal(mended.result.text, 'whole');
  const empty = await go({ steps: () => ({ text: '' }) });
  assert.equal(empty.result.modelFailed, true);
  assert.equal(empty.model.requests.length, 3);
});

test('a refusal and a failing provider end the run as the model’s failure', async () => {
  const refused = await go({ steps: [{ text: 'I cannot help', reason: 'refused' }] });
  assert.deepEqual([refused.result.status, refused.result.modelFailed], ['failed', true]);
  const failed = await go({ steps: [call('a'), { error: { kind: 'transient', message: 'gone' } }] });
  assert.deepEqual([failed.result.status, failed.result.modelFailed], ['failed', true]);
  assert.match(failed.result.text, /gone/);
});

test('an overflow is compacted once and asked again; a second one is reported', async () => {
  const overflow: ClientStep = { error: { kind: 'overflow', message: 'too long' } };
  let compactions = 0;
  const ports: Partial<AgentPorts> = {
    compact: async () => {
      compactions += 1;
      return [userMessage('short')];
    },
  };
  const mended = await go({ steps: [overflow, { text: 'fits' }], ports });
  assert.equal(mended.result.text, 'fits');
  assert.deepEqual(mended.model.requests[1]?.messages, [userMessage('short')]);
  const hopeless = await go({ steps: () => overflow, ports });
  assert.match(hopeless.result.text, /too long for the model/);
  assert.equal(compactions, 2);
});

test('a history near the model’s limit is compacted before it overflows', async () => {
  const long = echo({ use: async () => ({ text: 'x'.repeat(2_000), failed: false }) });
  let compactions = 0;
  const { result } = await go({
    tools: [long],
    contextTokens: 2_000,
    steps: (_request, turn) => (turn < 6 ? call(turn.toString()) : { text: 'end' }),
    ports: {
      compact: async () => {
        compactions += 1;
        return [userMessage('summary')];
      },
    },
  });
  assert.equal(result.status, 'done');
  assert.ok(compactions >= 1 && compactions <= 3, String(compactions));
});
