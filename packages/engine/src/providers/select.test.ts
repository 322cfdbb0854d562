import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readModelConfiguration } from './configuration.ts';
import { findLocalServers, localUrl } from './local.ts';
import { openModel } from './open.ts';
import { readModelTable } from './prices.ts';
import { chooseModel, type LocalServer, type ModelWish } from './select.ts';

const nothing = async (): Promise<LocalServer[]> => [];
const local = async (): Promise<LocalServer[]> => [
  { provider: 'ollama', url: 'http://127.0.0.1:11434/v1', models: ['qwen', 'llama'] },
];
const choose = async (wish: Partial<ModelWish>, find = nothing) => {
  const choice = await chooseModel({ env: {}, configuration: {}, ...wish }, find);
  return choice && `${choice.provider}/${choice.model}`;
};

test('the flag wins over the environment, that over the configuration, that over keys, those over local servers', async () => {
  const configuration = { model: 'google/gemini-x', roles: { author: 'openai/author-x' } };
  const env = { AMBIT_MODEL: 'anthropic/claude-x', OPENAI_API_KEY: 'k' };
  assert.equal(await choose({ flag: 'openai/gpt-x', env, configuration }, local), 'openai/gpt-x');
  assert.equal(await choose({ env, configuration }, local), 'anthropic/claude-x');
  assert.equal(await choose({ env: { OPENAI_API_KEY: 'k' }, configuration }, local), 'google/gemini-x');
  assert.equal(await choose({ env: {}, configuration, role: 'author' }, local), 'openai/author-x');
  assert.match((await choose({ env: { OPENAI_API_KEY: 'k' } }, local)) ?? '', /^openai\/gpt-/);
  assert.equal(await choose({}, local), 'ollama/qwen');
  assert.equal(await choose({}), undefined);
});

test('models with slashes, aliases, local providers without a model', async () => {
  assert.equal(await choose({ flag: 'openai-compatible/org/model:7b' }), 'openai-compatible/org/model:7b');
  assert.equal(await choose({ flag: 'gemini/x' }), 'google/x');
  assert.equal(await choose({ flag: 'ollama' }, local), 'ollama/qwen');
  await assert.rejects(choose({ flag: 'ollama' }), /no model of `ollama`/);
  await assert.rejects(choose({ flag: 'nonsense/x' }), /there is no provider `nonsense`/);
  await assert.rejects(choose({ flag: 'openai-compatible' }), /names no model/);
  const env = { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', OPENAI_MODEL: 'm', OPENAI_API_KEY: 'k' };
  assert.equal(await choose({ env }), 'openai-compatible/m');
});

test('a configuration names servers and keys by reference; a key written down is refused', async () => {
  const read = (data: unknown) => readModelConfiguration(data, 'models.yaml');
  const configuration = read({ providers: { house: { url: 'https://models.example/v1', key: { env: 'HOUSE' } } } });
  assert.equal(await choose({ flag: 'house/big', configuration }), 'house/big');
  assert.throws(() => read({ providers: { house: { key: 'sk-plain' } } }), /providers\.house\.key/);
  assert.throws(() => read({ modell: 'x' }), /`modell` is not known/);
  assert.deepEqual(read(null), {});
});

test('a key may come from a command; a failing one says which', async () => {
  const choice = { provider: 'safe', model: 'm', because: '' };
  const providers = (command: string[]) => ({ providers: { safe: { kind: 'anthropic', key: { command } } } });
  const node = process.execPath;
  const made = await openModel(choice, { env: {}, configuration: providers([node, '-p', '"k"']) });
  assert.equal(made.id, 'safe/m');
  await assert.rejects(
    openModel(choice, { env: {}, configuration: providers([node, '-e', 'process.exit(3)']) }),
    /the command for a key failed/,
  );
});

test('without a key or an address the error says what to set', async () => {
  const open = (provider: string) => openModel({ provider, model: 'm', because: '' }, { env: {}, configuration: {} });
  await assert.rejects(open('anthropic'), /no key for `anthropic`/);
  await assert.rejects(open('openai-compatible'), /needs its address/);
});

test('servers on this machine are asked at their usual addresses; silent and odd ones are left out', async () => {
  const asked: string[] = [];
  const ask = async (url: string) => {
    asked.push(url);
    if (url.includes(':8080')) throw new Error('refused');
    const data = url.includes(':1234') ? 'no list' : [{ id: 'a' }, { id: 7 }];
    return { ok: true, json: async () => ({ data }) };
  };
  assert.deepEqual(await findLocalServers({}, ask), [
    { provider: 'ollama', url: 'http://127.0.0.1:11434/v1', models: ['a'] },
  ]);
  assert.ok(asked.every((url) => url.startsWith('http://127.0.0.1:')));
  const ollama = { local: 'http://127.0.0.1:11434/v1', baseUrlVariable: 'OLLAMA_HOST' };
  assert.equal(localUrl(ollama, { OLLAMA_HOST: '0.0.0.0:9999' }), 'http://127.0.0.1:9999/v1');
});

test('prices: cached input is cheaper, large requests cost their tier, unknown models cost nothing known', () => {
  const rows = [
    { model: 'openai/m', contextTokens: 1_000, input: 10, output: 20, cached: 1 },
    { model: 'google/t', input: 1, output: 2, cached: 0, tiers: [{ above: 100, input: 3, output: 4, cached: 0 }] },
  ];
  const table = readModelTable({ models: rows });
  const usage = { inputTokens: 1_000_000, outputTokens: 100_000, cachedTokens: 500_000 };
  assert.equal(table.dollars('openai/m', usage), 5 + 0.5 + 2);
  assert.equal(table.dollars('openai-chat/m', usage), 7.5);
  assert.equal(table.dollars('gemini/t', { inputTokens: 1_000_000, outputTokens: 0, cachedTokens: 0 }), 3);
  assert.equal(table.dollars('openai-compatible/m', usage), undefined);
  assert.equal(table.contextTokens('openai/m'), 1_000);
});
