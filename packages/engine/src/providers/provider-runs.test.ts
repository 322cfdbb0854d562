// Whole runs over the real wire of each provider: a fault is survived, or the run ends as the model's failure and the
// session goes on afterwards with everything that was said.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { scriptedKey as key, providerEnvironments as wires } from '../../../../test/support/provider-environments.ts';
import { type HeardRequest, type Step, startScriptedModel } from '../../../../test/support/scripted-model.ts';
import { makePlace, type Place, startSession, type TestSession } from '../../../../test/support/session.ts';
import { continueSession } from '../session.ts';
import type { Effort, ModelClient } from './model.ts';
import { openModel } from './open.ts';
import { withRetries } from './retry.ts';

const write: Step = { tool: 'write', arguments: { path: 'a.txt', content: 'ä\n'.repeat(60) }, pieces: 3 };
const done: Step = { text: 'all done' };
const thrice = (step: Step): Step[] => [step, step, step];

/** What goes wrong once or for good, and how the run ends. */
const faults: Record<string, { steps: Step[]; ends: 'done' | 'model-failed' }> = {
  'a cut stream': { steps: [{ fault: 'cut', text: 'half of an answer that is cut' }, write, done], ends: 'done' },
  '429 with retry-after': { steps: [write, { fault: 'rate-limit', retryAfterSeconds: 3 }, done], ends: 'done' },
  'one 500': { steps: [{ fault: 'server-error' }, write, done], ends: 'done' },
  'bad JSON': { steps: [write, { fault: 'bad-json' }, done], ends: 'done' },
  'a call in pieces': { steps: [write, done], ends: 'done' },
  'an empty answer': { steps: [write, { fault: 'empty' }, done], ends: 'done' },
  'a refusal': { steps: [write, { fault: 'refusal' }], ends: 'model-failed' },
  'a lasting 500': { steps: [write, ...thrice({ fault: 'server-error' })], ends: 'model-failed' },
  'a stream cut for good': { steps: [write, ...thrice({ fault: 'cut' })], ends: 'model-failed' },
  'nothing but empty answers': { steps: [write, ...thrice({ fault: 'empty' })], ends: 'model-failed' },
  'a wrong key': { steps: [{ fault: 'access' }], ends: 'model-failed' },
};

interface Wired {
  place: Place;
  requests: HeardRequest[];
  model: ModelClient;
  script: (steps: readonly Step[]) => void;
}

async function wired(t: TestContext, provider: string): Promise<Wired> {
  let left: Step[] = [];
  const server = await startScriptedModel({ steps: () => left.shift() ?? { text: 'after the script' } });
  const place = await makePlace();
  t.after(async () => {
    await server.close();
    await place.close();
  });
  const choice = { provider, model: 'scripted', because: 'test' };
  const client = await openModel(choice, { env: wires[provider]?.(server.url) ?? {}, configuration: {} });
  const model = withRetries(client, { attempts: 3, sleep: async () => undefined, random: () => 0.5 });
  return {
    place,
    requests: server.requests,
    model,
    script: (steps) => {
      left = [...steps];
    },
  };
}

const signal = () => new AbortController().signal;
const written = async ({ copy }: TestSession) =>
  (await copy.exists('a.txt')) ? Buffer.from(await copy.read('a.txt')).toString() : '';

for (const provider of Object.keys(wires))
  test(`${provider}: a run survives each fault, or ends as the model’s failure and goes on afterwards`, async (t) => {
    const { place, requests, model, script } = await wired(t, provider);
    for (const [fault, { steps, ends }] of Object.entries(faults)) {
      script(steps);
      const first = await startSession(place, [], { model });
      const result = await first.session.prompt(`remember 4711; ${fault}`, signal());
      assert.equal(result.status, ends === 'done' ? 'done' : 'failed', `${fault}: ${result.text}`);
      assert.equal(result.modelFailed, ends === 'model-failed', fault);
      if (fault !== 'a wrong key') assert.equal(await written(first), 'ä\n'.repeat(60), fault);
      const { id } = first.session;
      await first.close();
      if (ends === 'done') continue;
      assert.ok(!result.text.includes(key), fault);
      script([{ text: 'back again' }]);
      const continuation = await continueSession(place.state, id, () => new Date());
      const again = await startSession(place, [], { model, continuation, run: { id: continuation.run } });
      assert.equal((await again.session.prompt('go on', signal())).text, 'back again', fault);
      assert.ok(requests.at(-1)?.prompts.join('\n').includes('remember 4711'), fault);
      await again.close();
    }
  });

/** What each wire must carry for caching and for effort; undefined where the wire has no such word. */
const spoken: Record<string, { cache?: RegExp; effort?: RegExp; stored?: RegExp }> = {
  anthropic: { cache: /"cache_control":\{"type":"ephemeral"\}/, effort: /"thinking":\{|"effort":/ },
  bedrock: { cache: /"cachePoint":\{"type":"default"\}/ },
  openai: { effort: /"reasoning":\{"effort":"high"/, stored: /"store":false/ },
  'openai-chat': { effort: /"reasoning_effort":"high"/, stored: /"store":false/ },
  'openai-compatible': { effort: /"reasoning_effort":"high"/ },
  google: { effort: /"thinkingConfig":\{/ },
  ollama: { effort: /"reasoning_effort":"high"/ },
};

/** A model of each provider that thinks; the packages leave effort away for names they know as not thinking. */
const thinking: Record<string, string> = {
  anthropic: 'claude-sonnet-4-5',
  openai: 'gpt-5',
  'openai-chat': 'gpt-5',
  google: 'gemini-2.5-pro',
};

for (const [provider, { cache, effort, stored }] of Object.entries(spoken))
  test(`${provider}: what is cached, thought about and kept stands in the request`, async (t) => {
    const server = await startScriptedModel({ steps: () => ({ text: 'ok' }) });
    const place = await makePlace();
    t.after(async () => {
      await server.close();
      await place.close();
    });
    const choice = { provider, model: thinking[provider] ?? 'scripted', because: 'test' };
    const model = await openModel(choice, { env: wires[provider]?.(server.url) ?? {}, configuration: {} });
    const ask = async (level?: Effort) => {
      const started = await startSession(place, [], { model, ...(level ? { effort: level } : {}) });
      await started.session.prompt('hello', signal());
      await started.close();
      return server.requests.at(-1)?.body ?? '';
    };
    const [plain, high] = [await ask(), await ask('high')];
    if (cache) {
      assert.match(plain, cache);
      // The system text and the newest message: the two ends between which everything is the same next time.
      assert.ok(plain.match(new RegExp(cache, 'g'))?.length === 2, plain.slice(0, 400));
    }
    if (effort) {
      assert.doesNotMatch(plain, effort, 'not asked for, not sent');
      assert.match(high, effort);
    }
    if (stored) assert.match(plain, stored);
    assert.ok(Buffer.byteLength(plain) <= 8_192, `${Buffer.byteLength(plain)} bytes`);
    assert.equal(server.unknown.length, 0);
  });
