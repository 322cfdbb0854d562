import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startRegistry } from '../../../../test/support/registry.ts';
import { collect } from './collect.ts';
import { llamaClient, llamaHistory, runtimeEntry } from './llama.ts';
import { installRuntime, pulledModels, pullModel, runtimeVersion } from './local-pull.ts';
import type { Message } from './model.ts';
import { openModel } from './open.ts';

/** A stand-in for node-llama-cpp with the interface that is used; it says what it was asked. */
const runtime = `export const getLlama = async (options) => ({
  loadModel: async ({ modelPath }) => {
    if (modelPath.includes('broken')) throw new Error('unsupported architecture');
    return {
      trainContextSize: 100000,
      createContext: async ({ contextSize }) => ({ contextSize: contextSize.max, getSequence: () => ({ tokenMeter: meter }) }),
    };
  },
  createGrammarForJsonSchema: async (schema) => ({ schema }),
});
const meter = { usedInputTokens: 0, usedOutputTokens: 0 };
export class LlamaChat {
  async generateResponse(history, options) {
    meter.usedInputTokens += 10;
    meter.usedOutputTokens += 2;
    const said = history.findLast((item) => item.type === 'user').text;
    if (said === 'wait') return new Promise((resolve) => options.signal.addEventListener('abort', () => resolve({ response: '', metadata: { stopReason: 'abort' } })));
    if (said === 'fail') throw new Error('the context size is too small for the prompt');
    if (options.grammar) return { response: '{"ok":true}', metadata: { stopReason: 'eogToken' } };
    if (said === 'call') return { response: '', functionCalls: [{ functionName: 'read', params: { path: 'a' } }], metadata: { stopReason: 'functionCalls' } };
    options.onTextChunk('he');
    options.onTextChunk('llo');
    return { response: 'hello', metadata: { stopReason: said === 'long' ? 'maxTokens' : 'eogToken' } };
  }
}
`;

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ambit-local-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function withRuntime(folder: string): Promise<void> {
  await mkdir(dirname(runtimeEntry(folder)), { recursive: true });
  await writeFile(runtimeEntry(folder), runtime);
  await writeFile(join(folder, 'node_modules/node-llama-cpp/package.json'), '{"type":"module"}');
}

const gguf = Buffer.from('GGUF\u0003 and weights');
const ports = (env: NodeJS.ProcessEnv = process.env) => {
  const said: string[] = [];
  return { env, signal: new AbortController().signal, say: (text: string) => void said.push(text), said };
};
const tools = [
  { name: 'read', description: 'Read.', schema: { type: 'object', properties: { path: { type: 'string' } } } },
];
const go = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });

test('a pulled model answers, calls tools, keeps to a schema, and stops when told', async (t) => {
  const folder = await folderOf(t);
  await withRuntime(folder);
  await pullModel(folder, join(await saved(folder, gguf), 'm.gguf'), { name: 'tiny' }, ports());
  const choice = { provider: 'local', model: 'tiny', because: 'test' };
  const model = await openModel(choice, { env: {}, configuration: {}, localModels: folder });
  const ask = (text: string, more = {}) =>
    collect(model, { system: 's', messages: [go(text)], tools, ...more }, new AbortController().signal);
  const plain = await ask('hi');
  assert.deepEqual([plain.text, plain.reason], ['hello', 'stop']);
  assert.deepEqual(plain.usage, { inputTokens: 10, outputTokens: 2, cachedTokens: 0 });
  const called = await ask('call');
  assert.equal(called.reason, 'calls');
  assert.deepEqual(JSON.parse(called.calls[0]?.arguments ?? ''), { path: 'a' });
  assert.equal((await ask('long')).reason, 'length');
  assert.equal((await ask('x', { tools: [], output: { type: 'object' } })).text, '{"ok":true}');
  assert.equal((await ask('fail')).error?.kind, 'overflow');
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 20);
  const stopped = await collect(model, { system: 's', messages: [go('wait')], tools }, abort.signal);
  assert.equal(stopped.error?.kind, 'aborted');
  assert.equal((await ask('hi')).text, 'hello', 'one that was stopped does not hold up the next');
});

async function saved(folder: string, content: Buffer): Promise<string> {
  const at = join(folder, 'elsewhere');
  await mkdir(at, { recursive: true });
  await writeFile(join(at, 'm.gguf'), content);
  return at;
}

test('a call and its result are one item of the runtime’s history', () => {
  const history = llamaHistory({
    system: 's',
    messages: [
      go('look'),
      {
        role: 'assistant',
        parts: [
          { type: 'text', text: 'I look' },
          { type: 'call', id: '1', name: 'read', arguments: '{"path":"a"}' },
        ],
      },
      { role: 'tool', parts: [{ type: 'result', id: '1', name: 'read', text: 'found', failed: false }] },
    ],
  });
  assert.deepEqual(history.at(-1), {
    type: 'model',
    response: ['I look', { type: 'functionCall', name: 'read', params: { path: 'a' }, result: 'found' }],
  });
  assert.deepEqual(llamaHistory({ system: 's', messages: [go('x')] }).at(-1), { type: 'model', response: [] });
});

test('without the runtime, or with weights it cannot read, the words say what to do', async (t) => {
  const folder = await folderOf(t);
  const ask = (modelPath: string) =>
    collect(
      llamaClient({ id: 'local/x', folder, modelPath }),
      { system: '', messages: [go('hi')], tools: [] },
      new AbortController().signal,
    );
  assert.match((await ask('/nowhere.gguf')).error?.message ?? '', /cannot be loaded[\s\S]*ambit model pull/);
  await withRuntime(folder);
  assert.match((await ask('/broken.gguf')).error?.message ?? '', /unsupported architecture/);
  const choice = { provider: 'local', model: 'none', because: 'test' };
  await assert.rejects(openModel(choice, { env: {}, configuration: {}, localModels: folder }), /no local model `none`/);
});

test('the runtime comes from the user’s registry, pinned, into the data folder, and no package’s script runs', async (t) => {
  const folder = await folderOf(t);
  const canary = join(folder, 'canary');
  const scripts = { postinstall: `node -e "require('fs').writeFileSync('${canary}', 'ran')"` };
  const platforms = ['linux-x64', 'linux-arm64', 'mac-arm64-metal', 'mac-x64', 'win-x64'];
  const registry = await startRegistry({
    'node-llama-cpp': { versions: { [runtimeVersion]: { scripts, files: { 'dist/index.js': runtime } } } },
    ...Object.fromEntries(
      platforms.map((name) => [`@node-llama-cpp/${name}`, { versions: { [runtimeVersion]: { scripts } } }]),
    ),
  });
  t.after(() => registry.close());
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    npm_config_registry: registry.address,
    npm_config_cache: join(folder, 'npm'),
  };
  const target = join(folder, 'local');
  assert.equal(await installRuntime(target, ports(env)), true);
  assert.ok(existsSync(runtimeEntry(target)));
  assert.equal(existsSync(canary), false);
  assert.equal(await installRuntime(target, ports(env)), false, 'a second time there is nothing to do');
  await registry.close();
  const offline = {
    ...env,
    npm_config_registry: 'http://127.0.0.1:9',
    npm_config_fetch_retries: '0',
    npm_config_cache: join(folder, 'none'),
  };
  await assert.rejects(
    installRuntime(join(folder, 'other'), ports(offline)),
    (error: { message: string; hint: string }) => {
      assert.match(error.message, /could not be installed/);
      assert.match(error.hint, /registry[\s\S]*Ollama/);
      return true;
    },
  );
});

test('weights come whole and checked, or not at all', async (t) => {
  const folder = await folderOf(t);
  const web = createServer((request, response) => {
    if (request.url === '/cut.gguf') {
      response.writeHead(200, { 'content-length': '1000' }).write(gguf);
      return void setTimeout(() => response.destroy(), 20);
    }
    if (request.url === '/page.gguf') return void response.end('<html>sign in</html>');
    if (request.url === '/gone.gguf') return void response.writeHead(404).end();
    response.end(gguf);
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => web.close(resolve)));
  const at = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const sha256 = createHash('sha256').update(gguf).digest('hex');
  const pull = (source: string, wanted = {}) => pullModel(folder, source, wanted, ports());
  const good = await pull(`${at}/coder-q4.gguf`, { sha256 });
  assert.deepEqual([good.name, good.sha256], ['coder-q4', sha256]);
  assert.deepEqual(await readFile(good.path), gguf);
  await assert.rejects(pull(`${at}/other.gguf`, { sha256: '0'.repeat(64) }), /its SHA-256 is/);
  await assert.rejects(pull(`${at}/page.gguf`), /not a GGUF file/);
  await assert.rejects(pull(`${at}/gone.gguf`), /404/);
  await assert.rejects(pull(`${at}/cut.gguf`));
  await assert.rejects(pull('http://models.example/x.gguf'), /not a secure address/);
  await assert.rejects(pull('https://127.0.0.1:9/x.gguf'), /could not be fetched[\s\S]*/);
  await assert.rejects(pull(join(folder, 'absent.gguf')), /cannot be read/);
  await assert.rejects(pull(`${at}/a.gguf`, { name: '../../escape' }), /no name for a model/);
  assert.deepEqual(await pulledModels(folder), ['coder-q4']);
  assert.deepEqual(
    (await readdir(join(folder, 'models'))).filter((name) => name.includes('partial')),
    [],
  );
});
