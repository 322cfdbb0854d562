// Holds every wire format to the same behaviour against a scripted server, faults included.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ScriptedModel, type Step, startScriptedModel } from '../../../../test/support/scripted-model.ts';
import { type Answer, collect } from './collect.ts';
import type { Message, ModelClient, ModelEvent, ModelRequest } from './model.ts';
import { openModel } from './open.ts';
import { withRetries } from './retry.ts';

export interface WireCase {
  provider: string;
  /** Whether the wire format can carry arguments that are no JSON. */
  rawArguments: boolean;
  /** Whether the wire format carries reasoning that must be sent back. */
  reasoning: boolean;
  environment: (url: string) => Record<string, string>;
}

const tools = [
  {
    name: 'read',
    description: 'Read a file.',
    schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  },
];
const request = (messages: Message[]): ModelRequest => ({ system: 'You are a test.', messages, tools });
const go: Message = { role: 'user', parts: [{ type: 'text', text: 'go' }] };
const noSignal = () => new AbortController().signal;

/** The whole suite for one wire format. */
export function providerContract({ provider, rawArguments, reasoning, environment }: WireCase): void {
  describe(`provider ${provider}`, () => {
    const choice = { provider, model: 'scripted', because: 'test' };
    let script: Step[] = [];
    let server: ScriptedModel;
    let model: ModelClient;
    before(async () => {
      server = await startScriptedModel({ steps: () => script.shift() ?? { text: 'done' } });
      model = await openModel(choice, { env: environment(server.url), configuration: {} });
    });
    after(() => server.close());
    const answer = async (...steps: Step[]): Promise<Answer> => {
      script = steps;
      return collect(model, request([go]), noSignal());
    };
    const retried = async (...steps: Step[]): Promise<{ answer: Answer; delays: number[] }> => {
      script = steps;
      const delays: number[] = [];
      const sleep = async (ms: number) => void delays.push(ms);
      const patient = withRetries(model, { attempts: 3, sleep, random: () => 0.5 });
      return { answer: await collect(patient, request([go]), noSignal()), delays };
    };

    test('text, usage and the reason of its end', async () => {
      const got = await answer({ text: 'a few words in pieces of twenty letters', cached: 40 });
      assert.equal(got.text, 'a few words in pieces of twenty letters');
      assert.equal(got.reason, 'stop');
      assert.deepEqual(got.usage, { inputTokens: 100, outputTokens: 10, cachedTokens: 40 });
    });

    test('text arrives as deltas before the part is complete', async () => {
      script = [{ text: 'one two three four five six seven eight' }];
      const events: ModelEvent[] = [];
      await collect(model, request([go]), noSignal(), (event) => events.push(event));
      const first = events.findIndex((event) => event.type === 'part');
      const deltas = events.slice(0, first).filter((event) => event.type === 'text');
      assert.ok(deltas.length >= 2);
    });

    test('a tool call split over many chunks and odd packets', async () => {
      const path = 'src/überblick-日本語.ts'.repeat(40);
      const got = await answer({ tool: 'read', arguments: { path }, pieces: 3 });
      assert.equal(got.reason, 'calls');
      assert.deepEqual(JSON.parse(got.calls[0]?.arguments ?? ''), { path });
    });

    test('several calls in one answer keep their order', async () => {
      const calls = ['a', 'b', 'c'].map((path) => ({ tool: 'read', arguments: { path } }));
      const got = await answer({ calls, text: 'three at once' });
      assert.deepEqual(
        got.calls.map((call) => JSON.parse(call.arguments).path),
        ['a', 'b', 'c'],
      );
      assert.equal(new Set(got.calls.map((call) => call.id)).size, 3);
    });

    test('arguments that are no JSON come through as they are, and may be sent back', async (t) => {
      if (!rawArguments) return t.skip('the wire format carries arguments as JSON');
      const got = await answer({ tool: 'read', arguments: '{"path": "a' });
      assert.equal(got.calls[0]?.arguments, '{"path": "a');
      script = [{ text: 'understood' }];
      const history: Message[] = [
        go,
        { role: 'assistant', parts: got.parts },
        {
          role: 'tool',
          parts: [{ type: 'result', id: got.calls[0]?.id ?? '', name: 'read', text: 'no JSON', failed: true }],
        },
      ];
      assert.equal((await collect(model, request(history), noSignal())).text, 'understood');
    });

    test('a history with calls, results, failures and images is understood by the server', async () => {
      const got = await answer({ tool: 'read', arguments: { path: 'a' }, text: 'looking', reasoning: 'hm' });
      script = [{ text: 'seen' }];
      const image = { type: 'image' as const, data: 'iVBORw0KGgo=', mediaType: 'image/png' };
      const history: Message[] = [
        go,
        { role: 'assistant', parts: got.parts },
        {
          role: 'tool',
          parts: [
            {
              type: 'result',
              id: got.calls[0]?.id ?? '',
              name: 'read',
              text: 'what it holds',
              failed: false,
              images: [image],
            },
          ],
        },
        { role: 'user', parts: [{ type: 'text', text: 'and now?' }] },
      ];
      assert.equal((await collect(model, request(history), noSignal())).text, 'seen');
      const heard = server.requests.at(-1);
      assert.equal(heard?.results.join(), 'what it holds');
      assert.ok(heard?.prompts.join('\n').includes('and now?'));
      assert.ok(heard?.body.includes('iVBORw0KGgo'));
      if (reasoning) assert.ok(heard?.body.includes('signed-'), 'the signature of the reasoning is sent back');
      assert.deepEqual(heard?.tools, ['read']);
    });

    test('a cut stream is transient; asked again it is whole, and the half answer is forgotten', async () => {
      const once = await answer({
        fault: 'cut',
        text: 'a long half answer that the connection cuts off in the middle',
      });
      assert.equal(once.error?.kind, 'transient');
      const { answer: got, delays } = await retried({ fault: 'cut' }, { text: 'whole' });
      assert.equal(got.text, 'whole');
      assert.equal(delays.length, 1);
    });

    test('429 with retry-after waits as long as it says', async () => {
      const { answer: got, delays } = await retried({ fault: 'rate-limit', retryAfterSeconds: 7 }, { text: 'now' });
      assert.equal(got.text, 'now');
      assert.deepEqual(delays, [7_000]);
    });

    test('500 is retried with growing pauses, then given up with the reason', async () => {
      const fault: Step = { fault: 'server-error' };
      const { answer: got, delays } = await retried(fault, fault, fault, { text: 'too late' });
      assert.equal(got.error?.kind, 'transient');
      assert.equal(got.error?.status, 500);
      assert.deepEqual(delays, [750, 1_500]);
    });

    test('a frame that is no JSON is transient', async () => {
      const { answer: got } = await retried({ fault: 'bad-json' }, { text: 'mended' });
      assert.equal(got.text, 'mended');
    });

    test('an empty answer is an end without text, not an error', async () => {
      const got = await answer({ fault: 'empty' });
      assert.equal(got.error, undefined);
      assert.equal(got.text, '');
      assert.equal(got.calls.length, 0);
    });

    test('a refusal is told from an end', async () => {
      const got = await answer({ fault: 'refusal' });
      assert.equal(got.reason, 'refused');
    });

    test('a context overflow is told from other refused requests, and not retried', async () => {
      const { answer: got, delays } = await retried({ fault: 'overflow' });
      assert.equal(got.error?.kind, 'overflow');
      assert.deepEqual(delays, []);
    });

    test('a wrong key is not retried, and no key is in the message', async () => {
      const { answer: got, delays } = await retried({ fault: 'access' });
      assert.equal(got.error?.kind, 'access');
      assert.deepEqual(delays, []);
      assert.ok(!got.error?.message.includes(Object.values(environment('')).find((value) => value.length > 8) ?? '\0'));
    });

    test('a server that falls silent counts as gone', async () => {
      const options = { env: environment(server.url), configuration: {}, silenceMs: 50 };
      script = [{ fault: 'hang' }];
      const got = await collect(await openModel(choice, options), request([go]), noSignal());
      assert.equal(got.error?.kind, 'transient');
    });

    test('an abort ends the answer at once, also while the server is silent', async () => {
      script = [{ fault: 'hang' }];
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 20);
      const got = await collect(model, request([go]), abort.signal);
      assert.equal(got.error?.kind, 'aborted');
    });
  });
}
