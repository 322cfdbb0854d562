// One round trip with a tool against every provider whose key is here: for people, before a release; never in a check.
// Usage: node evals/providers/live.ts [provider/model …]
import {
  chooseModel,
  collect,
  type Message,
  openModel,
  providerKinds,
} from '../../packages/engine/src/providers/index.ts';

const { env } = process;
const wanted = process.argv.slice(2);
const found = providerKinds.filter(({ keys, model }) => model && keys.some((key) => env[key]));
const names = wanted.length > 0 ? wanted : found.map(({ name, model }) => `${name}/${model}`);
if (names.length === 0) console.log('no provider has a key here; name one: provider/model');

const tool = {
  name: 'add',
  description: 'Adds two numbers.',
  schema: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
    additionalProperties: false,
  },
};

async function roundTrip(name: string): Promise<string> {
  const choice = await chooseModel({ flag: name, env, configuration: {} }, async () => []);
  if (!choice) return 'not chosen';
  const model = await openModel(choice, { env, configuration: {} });
  const signal = AbortSignal.timeout(60_000);
  const messages: Message[] = [{ role: 'user', parts: [{ type: 'text', text: 'Use the tool to add 8472 and 15.' }] }];
  const request = { system: 'You use tools to calculate.', messages, tools: [tool] };
  const asked = await collect(model, request, signal);
  const [call] = asked.calls;
  if (!call) return `no call: ${asked.error?.message ?? asked.text}`;
  messages.push({ role: 'assistant', parts: asked.parts });
  messages.push({
    role: 'tool',
    parts: [{ type: 'result', id: call.id, name: call.name, text: '8487', failed: false }],
  });
  const told = await collect(model, request, signal);
  if (!told.text.includes('8487')) return `no answer: ${told.error?.message ?? told.text}`;
  const { inputTokens = 0, outputTokens = 0, cachedTokens = 0 } = told.usage ?? {};
  return `works (${inputTokens} in, ${cachedTokens} cached, ${outputTokens} out)`;
}

for (const name of names) {
  const result = await roundTrip(name).catch((error: unknown) => String(error));
  console.log(`${name.padEnd(40)} ${result}`);
}
