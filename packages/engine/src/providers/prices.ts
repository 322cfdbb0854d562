import { AmbitError } from '@ambit/core/errors';
import * as z from 'zod/mini';
import { providerKind } from './catalog.ts';
import type { ModelUsage } from './model.ts';

/** US dollars for a million tokens. */
const price = { input: z.number(), output: z.number(), cached: z.number() };

const table = z.object({
  models: z.array(
    z.object({
      /** `provider/model`. */
      model: z.string(),
      contextTokens: z.optional(z.int()),
      ...price,
      /** Other prices for requests with more input than `above`. */
      tiers: z.optional(z.array(z.object({ above: z.int(), ...price }))),
    }),
  ),
});

type Row = z.infer<typeof table>['models'][number];

/** What is known of models: how much they take and what they cost. */
export interface ModelTable {
  contextTokens: (model: string) => number | undefined;
  /** Undefined where no price is known: a guess would be taken for a bill. */
  dollars: (model: string, usage: ModelUsage) => number | undefined;
}

/** One provider under several names costs the same. */
const sameProvider: Record<string, string> = { 'openai-chat': 'openai' };

function canonical(name: string): string {
  const slash = name.indexOf('/');
  const provider = name.slice(0, slash);
  const kind = providerKind(provider)?.name ?? provider;
  return `${sameProvider[kind] ?? kind}${name.slice(slash)}`;
}

function dollarsOf(row: Row, { inputTokens, outputTokens, cachedTokens }: ModelUsage): number {
  const tier = row.tiers?.toSorted((a, b) => b.above - a.above).find(({ above }) => inputTokens > above) ?? row;
  const fresh = Math.max(0, inputTokens - cachedTokens);
  return (fresh * tier.input + cachedTokens * tier.cached + outputTokens * tier.output) / 1_000_000;
}

/** Reads `catalog/models/models.json` (generated). */
export function readModelTable(data: unknown): ModelTable {
  const parsed = z.safeParse(table, data);
  if (!parsed.success)
    throw new AmbitError('input.broken', 'the table of models is not readable', { where: 'models.json' });
  const rows = new Map(parsed.data.models.map((row) => [row.model, row]));
  const find = (model: string) => rows.get(canonical(model));
  return {
    contextTokens: (model) => find(model)?.contextTokens,
    dollars: (model, usage) => {
      const row = find(model);
      return row && dollarsOf(row, usage);
    },
  };
}
