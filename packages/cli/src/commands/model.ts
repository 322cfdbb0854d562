import { findLocalServers, providerKinds } from '@ambit/engine/providers';
import { configDirectory } from '@ambit/guard/state';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { chooseFor, readModels } from '../models.ts';

const help = `ambit model: which model does the work, and what there is to choose from

The model is chosen by, in this order: --model provider/model, AMBIT_MODEL, the configuration (models.yaml in
~/.config/ambit), a key in the environment, a server on this machine (Ollama, llama.cpp, LM Studio).

Usage:
  ambit model [--json]            the model that would be used, why, and which providers are ready
  ambit model --model NAME        the same for a wish

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
`;

interface Ready {
  provider: string;
  ready: boolean;
  because: string;
}

async function readiness(io: Io): Promise<{ providers: Ready[]; local: Awaited<ReturnType<typeof findLocalServers>> }> {
  const local = await findLocalServers(io.env, fetch);
  const own = Object.keys((await readModels(io.env)).providers ?? {});
  const providers = providerKinds.map(({ name, keys, local: address }): Ready => {
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
    const key = keys.find((variable) => io.env[variable]);
    return { provider: name, ready: Boolean(key), because: key ? `${key} is set` : `${keys[0]} is not set` };
  });
  const named = own.map((provider): Ready => ({ provider, ready: true, because: 'in models.yaml' }));
  return { providers: [...named, ...providers], local };
}

async function run(args: string[], io: Io): Promise<number> {
  const { values } = options('model', args, {
    model: { type: 'string', short: 'm' },
    json: { type: 'boolean', default: false },
  });
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
