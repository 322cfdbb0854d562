import { resolve } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { findLocalServers, providerKinds } from '@ambit/engine/providers';
import { installRuntime, pulledModels, pullModel } from '@ambit/engine/providers/local-pull';
import { configDirectory } from '@ambit/guard/state';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { chooseFor, localModels, readModels } from '../models.ts';

const help = `ambit model: which model does the work, and what there is to choose from

The model is chosen by, in this order: --model provider/model, AMBIT_MODEL, the configuration (models.yaml in
~/.config/ambit), a key in the environment, a server on this machine (Ollama, llama.cpp, LM Studio).

Usage:
  ambit model [--json]            the model that would be used, why, and which providers are ready
  ambit model --model NAME        the same for a wish
  ambit model pull SOURCE         a model that runs inside Ambit, without a server: a GGUF file or its https address
       --name NAME                how it is called (default: the file's name); used as --model local/NAME
       --sha256 HEX               refuse the file when it is another one
  ambit model pull                only the runtime for such models

Nothing of this is part of Ambit: pull installs node-llama-cpp (prebuilt, about 85 MB, from your npm registry, running no
script of any package) into ~/.local/share/ambit/local-model, and puts the model beside it.

models.yaml names models and servers; keys are references, never the key itself:

  model: anthropic/claude-sonnet-5-5
  effort: medium
  roles: { author: openai/gpt-6.1-sol, reviewer: google/gemini-3.8-flash }
  providers:
    house: { url: https://models.example.com/v1, key: { env: HOUSE_KEY } }     # used as house/<model>
    safe:  { kind: anthropic, key: { command: [pass, show, anthropic] } }
    mac:   { kind: openai, key: { keychain: openai } }

An OpenAI-compatible server without a configuration: OPENAI_BASE_URL=http://127.0.0.1:8000/v1 ambit -m openai-compatible/NAME

Example:
  ambit model --model ollama
  ambit model pull ./qwen2.5-coder-7b-q4.gguf --name coder
`;

interface Ready {
  provider: string;
  ready: boolean;
  because: string;
}

async function readiness(io: Io): Promise<{ providers: Ready[]; local: Awaited<ReturnType<typeof findLocalServers>> }> {
  const local = await findLocalServers(io.env, fetch);
  const pulledNames = await pulledModels(localModels(io.env));
  const own = Object.keys((await readModels(io.env)).providers ?? {});
  const providers = providerKinds.map(({ name, keys, local: address, pulled }): Ready => {
    if (address) {
      const server = local.find((entry) => entry.provider === name);
      const because = server ? `${server.models.length} models at ${server.url}` : `nothing answers at ${address}`;
      return { provider: name, ready: server !== undefined, because };
    }
    if (name === 'openai-compatible') {
      const url = io.env['OPENAI_BASE_URL'];
      return {
        provider: name,
        ready: Boolean(url),
        because: url ? `OPENAI_BASE_URL is ${url}` : 'OPENAI_BASE_URL is not set',
      };
    }
    if (pulled) {
      const because = pulledNames.length > 0 ? pulledNames.join(', ') : 'no model yet: ambit model pull FILE.gguf';
      return { provider: name, ready: pulledNames.length > 0, because };
    }
    const key = keys.find((variable) => io.env[variable]);
    return { provider: name, ready: Boolean(key), because: key ? `${key} is set` : `${keys[0]} is not set` };
  });
  const named = own.map((provider): Ready => ({ provider, ready: true, because: 'in models.yaml' }));
  return { providers: [...named, ...providers], local };
}

async function pull(source: string | undefined, wanted: { name?: string; sha256?: string }, io: Io): Promise<number> {
  const folder = localModels(io.env);
  const ports = { env: io.env, signal: io.signal, say: (text: string) => io.err(`${text}\n`) };
  const fresh = await installRuntime(folder, ports);
  io.out(fresh ? `the runtime is installed in ${folder}\n` : 'the runtime is there\n');
  if (source === undefined) {
    io.out('now a model: ambit model pull FILE.gguf\n');
    return exitCode.done;
  }
  const path = /^[a-z]+:\/\//i.test(source) ? source : resolve(io.cwd, source);
  const { name, sha256, bytes } = await pullModel(folder, path, wanted, ports);
  io.out(`${name}  ${(bytes / 1e6).toFixed(1)} MB  sha256 ${sha256}\nto use it: ambit --model local/${name}\n`);
  return exitCode.done;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('model', args, {
    name: { type: 'string' },
    sha256: { type: 'string' },
    model: { type: 'string', short: 'm' },
    json: { type: 'boolean', default: false },
  });
  const [verb, source] = positionals;
  if (verb === 'pull') {
    const { name, sha256 } = values;
    return pull(source, { ...(name ? { name } : {}), ...(sha256 ? { sha256 } : {}) }, io);
  }
  if (verb !== undefined)
    throw new AmbitError('usage', `there is no \`ambit model ${verb}\``, { hint: 'see: ambit model --help' });
  const choice = await chooseFor(io, { flag: values.model });
  const { providers, local } = await readiness(io);
  if (values.json) {
    io.out(`${JSON.stringify({ version: 1, choice: choice ?? null, providers, local })}\n`);
    return exitCode.done;
  }
  if (choice) io.out(`${choice.provider}/${choice.model}  (${choice.because})\n\n`);
  else io.out('No model: without one, ambit spec new and ambit scan still work.\n\n');
  for (const { provider, ready, because } of providers)
    io.out(`  ${ready ? '✓' : '·'} ${provider.padEnd(18)} ${because}\n`);
  for (const { provider, models } of local)
    for (const model of models.slice(0, 20)) io.out(`      ${provider}/${model}\n`);
  io.out(`\nConfiguration: ${configDirectory(io.env)}/models.yaml\n`);
  return exitCode.done;
}

export const command: Command = { name: 'model', summary: 'which model does the work', help, run };
