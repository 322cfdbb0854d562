import { AmbitError } from '@ambit/core/errors';
import * as z from 'zod/mini';
import { collect, type Message, type ModelClient } from '../providers/index.ts';

/** Answers are repaired at most so often; then the phase fails or the built-in author takes it over. */
const REPAIRS = 2;

/** Who is asked for an answer of a given shape. */
export interface Asker {
  model: ModelClient;
  signal: AbortSignal;
  /** One line for each step, for a person who waits. */
  progress?: (line: string) => void;
}

function parseJson(text: string): unknown {
  const body = /```(?:json)?\s*([\s\S]*?)```/.exec(text)?.[1] ?? text;
  try {
    return JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1)) as unknown;
  } catch {
    return undefined;
  }
}

interface Judged<T> {
  value?: T;
  /** What is wrong, for the model; empty when nothing is. */
  faults: string[];
}

/** Asks for an answer of a shape and has it repaired; the best answer with a valid shape, or a failure. */
export async function ask<T>(
  author: Asker,
  system: string,
  prompt: string,
  schema: z.ZodMiniType<T>,
  judge: (value: T) => string[],
): Promise<T> {
  const messages: Message[] = [{ role: 'user', parts: [{ type: 'text', text: prompt }] }];
  let best: Judged<T> = { faults: ['there was no answer'] };
  for (let attempt = 0; attempt <= REPAIRS; attempt++) {
    const request = { system, messages, tools: [], output: z.toJSONSchema(schema) as Record<string, unknown> };
    const answer = await collect(author.model, request, author.signal);
    if (answer.error?.kind === 'aborted') throw new AmbitError('interrupted', 'the model was interrupted');
    if (answer.error)
      throw new AmbitError('model.failed', `the model failed: ${answer.error.message}`, {
        hint: 'try again, choose another model, or write without one: --no-model',
      });
    const read = schema.safeParse(parseJson(answer.text));
    const judged: Judged<T> = read.success
      ? { value: read.data, faults: judge(read.data) }
      : {
          faults: [
            `the answer does not fit the schema: ${read.error.issues[0]?.path.join('.')} ${read.error.issues[0]?.message}`,
          ],
        };
    if (judged.value !== undefined && (best.value === undefined || judged.faults.length <= best.faults.length))
      best = judged;
    if (best.value === undefined) best = judged;
    if (judged.value !== undefined && judged.faults.length === 0) break;
    author.progress?.(`repairing ${judged.faults.length} fault${judged.faults.length === 1 ? '' : 's'}`);
    messages.push({ role: 'assistant', parts: [{ type: 'text', text: answer.text }] });
    messages.push({
      role: 'user',
      parts: [
        {
          type: 'text',
          text: `Repair these faults and answer with the whole JSON again:\n${judged.faults
            .slice(0, 20)
            .map((fault) => `- ${fault}`)
            .join('\n')}`,
        },
      ],
    });
  }
  if (best.value !== undefined) return best.value;
  throw new AmbitError('model.failed', `the model gave no usable answer: ${best.faults[0]}`, {
    hint: 'choose another model, or write without one: --no-model',
  });
}
