import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import type { Effort } from '@ambit/engine/providers';
import type { Io } from '../command.ts';

/** Options that every command has which asks a model; beside each other in `parseArgs`. */
export const modelOptions = {
  model: { type: 'string', short: 'm' },
  effort: { type: 'string' },
  'max-turns': { type: 'string' },
  budget: { type: 'string' },
} as const;

interface ModelValues {
  model?: string | undefined;
  effort?: string | undefined;
  'max-turns'?: string | undefined;
  budget?: string | undefined;
}

const efforts: readonly string[] = ['none', 'low', 'medium', 'high'] satisfies Effort[];

/** A whole number from `least` on. */
export function wholeNumber(name: string, text: string | undefined, least = 1): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new AmbitError('usage', `\`--${name} ${text}\` is not a whole number from ${least} on`);
}

function effortOf(text: string | undefined): Effort | undefined {
  if (text === undefined || efforts.includes(text)) return text as Effort | undefined;
  throw new AmbitError('usage', `\`--effort ${text}\` is not known`, { hint: `one of: ${efforts.join(', ')}` });
}

function dollarsOf(text: string | undefined): number | undefined {
  const dollars = text === undefined ? undefined : Number(text);
  if (dollars === undefined || (Number.isFinite(dollars) && dollars > 0)) return dollars;
  throw new AmbitError('usage', `\`--budget ${text}\` is not a positive number of dollars`);
}

/** What the options say, checked before anything is opened. */
export function modelWishes(values: ModelValues) {
  return {
    model: values.model,
    effort: effortOf(values.effort),
    turns: wholeNumber('max-turns', values['max-turns']),
    dollars: dollarsOf(values.budget),
  };
}

/** The JSON Schema of `--output-schema`. */
export async function schemaOption(file: string | undefined, io: Io): Promise<Record<string, unknown> | undefined> {
  if (file === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(await readFile(resolve(io.cwd, file), 'utf8'));
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
    throw new Error('not an object');
  } catch (error) {
    throw new AmbitError('input.broken', `not a JSON Schema: ${messageOf(error)}`, { where: file });
  }
}
