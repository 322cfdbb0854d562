import { parseRules } from '@ambit/core/catalog';
import { parseFilters, patternMatch } from '@ambit/core/detect';
import { engines } from './engines/index.ts';
import type { Catalog } from './scanner.ts';

type Files = readonly { file: string; data: unknown }[];

/** Reads rules and filters without looking into `match` blocks: those of the shipped catalogue are proved by tests. */
export function readRules(files: Files, frameworks: Files = []): Catalog {
  return { rules: parseRules(files), filters: parseFilters(files), frameworks: frameworks.map(({ data }) => data) };
}

/** Reads somebody's own rules: every `match` block is held to the schema of its engine. */
export async function readCheckedRules(files: Files, frameworks: Files = []): Promise<Catalog> {
  const loaded = await Promise.all(
    engines.map(async ({ name, covers = [], load }) => {
      const { matchSchema } = await load();
      return [name, ...covers].map((each) => [each, matchSchema] as const);
    }),
  );
  const schemas = { pattern: patternMatch, ...Object.fromEntries(loaded.flat()) };
  return {
    rules: parseRules(files, schemas),
    filters: parseFilters(files),
    frameworks: frameworks.map(({ data }) => data),
  };
}
