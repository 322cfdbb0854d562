import { checkValue } from '../agent/arguments.ts';
import { userMessage } from '../agent/types.ts';
import { collect } from '../providers/collect.ts';
import type { JsonSchema, Message, ModelClient, ModelUsage } from '../providers/model.ts';

export type Structured =
  | { json: string; usage: ModelUsage[] }
  | { problem: string; modelFailed: boolean; usage: ModelUsage[] };

const tries = 3;

/** The object in an answer: alone, or in a fence as some models insist. */
function parseAnswer(text: string): unknown {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)\n```/.exec(text)?.[1];
  return JSON.parse(fenced ?? text);
}

function problemsOf(text: string, schema: JsonSchema): { value?: unknown; problems: string[] } {
  try {
    const value = parseAnswer(text);
    return { value, problems: checkValue(value, schema) };
  } catch (error) {
    return { problems: [`no JSON: ${(error as Error).message}`] };
  }
}

/** After a job: its result as JSON of a schema, checked here, whatever the provider promises. */
export async function structuredAnswer(
  model: ModelClient,
  system: string,
  messages: readonly Message[],
  schema: JsonSchema,
  signal: AbortSignal,
): Promise<Structured> {
  const usage: ModelUsage[] = [];
  const instruction = `Give the result as one JSON value of this schema, and nothing else:\n${JSON.stringify(schema)}`;
  const history: Message[] = [...messages, userMessage(instruction)];
  let problem = '';
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const answer = await collect(model, { system, messages: history, tools: [], output: schema }, signal);
    if (answer.usage) usage.push(answer.usage);
    if (answer.error) return { problem: answer.error.message, modelFailed: true, usage };
    const { value, problems } = problemsOf(answer.text, schema);
    if (problems.length === 0) return { json: JSON.stringify(value), usage };
    problem = problems.slice(0, 5).join('; ');
    if (answer.text !== '') history.push({ role: 'assistant', parts: answer.parts });
    history.push(userMessage(`That does not fit: ${problem}. Give the whole value again.`));
  }
  return { problem: `the model gave no JSON of the schema: ${problem}`, modelFailed: true, usage };
}
