import { nestsRepetition } from '@ambit/core/detect';
import * as z from 'zod/mini';

function isBoundedRegex(text: string): boolean {
  try {
    new RegExp(text);
    return !nestsRepetition(text);
  } catch {
    return false;
  }
}

const regex = z
  .string()
  .check(
    z.minLength(1),
    z.refine(isBoundedRegex, 'not a regular expression, or one with a repetition inside a repetition'),
  );

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/**
 * A condition on the nodes at `path` (of the place, of the document when it starts with `/`): one of them must hold
 * what is said of it. `absent`: there is none; `without`: there is none that holds the rest.
 */
const plain = z.strictObject({
  path: z.string(),
  equals: z.optional(z.union([scalar, z.array(scalar)])),
  matches: z.optional(regex),
  'not-matches': z.optional(regex),
  present: z.optional(z.literal(true)),
  absent: z.optional(z.literal(true)),
  without: z.optional(z.literal(true)),
  above: z.optional(z.number()),
  below: z.optional(z.number()),
});
export type PlainCondition = z.infer<typeof plain>;
const condition = z.union([plain, z.strictObject({ any: z.array(plain).check(z.minLength(1)) })]);
export type Condition = z.infer<typeof condition>;

const format = z.enum(['yaml', 'json', 'toml', 'hcl', 'dockerfile', 'nginx']);
export type Format = z.infer<typeof format>;

const tree = z.strictObject({
  kind: z.literal('tree'),
  formats: z.array(format).check(z.minLength(1)),
  files: z.optional(z.array(z.string())),
  /** Path of the places that are looked at; absent is the document itself. Several: any of them. */
  at: z.optional(z.union([z.string(), z.array(z.string())])),
  where: z.array(condition).check(z.minLength(1)),
  /** Path from the place to the node that is reported; the place itself when there is none. */
  report: z.optional(z.string()),
});

const text = z.strictObject({
  kind: z.literal('text'),
  files: z.optional(z.array(z.string())),
  'not-files': z.optional(z.array(z.string())),
  regex,
  ignoreCase: z.optional(z.boolean()),
  /** Expressions of which one must, or none may, occur anywhere in the file. */
  requires: z.optional(z.array(regex)),
  unless: z.optional(z.array(regex)),
  /** One must, or none may, occur within `within` lines round the match (default 0: its own lines). */
  near: z.optional(z.array(regex)),
  'not-near': z.optional(z.array(regex)),
  within: z.optional(z.int()),
  /** Comments are passed over unless this is true. */
  comments: z.optional(z.boolean()),
  /** A repair that is certain: what `--fix` replaces inside the match. */
  replace: z.optional(z.strictObject({ regex, by: z.string() })),
});

/** The `match` block of rules of the config engine. */
export const configMatch = z.discriminatedUnion('kind', [tree, text]);
export type ConfigMatch = z.infer<typeof configMatch>;
export type TreeMatch = Extract<ConfigMatch, { kind: 'tree' }>;
export type TextMatch = Extract<ConfigMatch, { kind: 'text' }>;
