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
  /** For what is good to have rather than a risk to lack: raised where another place of the folder has it. */
  consistent: z.optional(z.literal(true)),
  /** Terraform types of which one that names the place (or names none) settles it, in any file of the folder. */
  elsewhere: z.optional(z.array(z.string()).check(z.minLength(1))),
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

/** Where a setting may stand; what a file is, is told by `scopeOf`. */
const scope = z.enum([
  'terraform',
  'template',
  'azure',
  'kubernetes',
  'helm',
  'ansible',
  'compose',
  'code',
  'application',
]);
export type Scope = z.infer<typeof scope>;

/**
 * One way in which a setting is bad. Names are compared as lower-case words (`minTlsVersion` and `min_tls_version` are
 * `min tls version`); `path` is tried on the names of all that it stands in, `beside` on `name=value` of its
 * neighbours, one a line.
 */
const badSetting = z.strictObject({
  name: regex,
  'not-name': z.optional(regex),
  path: z.optional(regex),
  'not-path': z.optional(regex),
  beside: z.optional(regex),
  'not-beside': z.optional(regex),
  is: z.optional(z.enum(['off', 'on', 'everyone'])),
  value: z.optional(regex),
  below: z.optional(z.number()),
  above: z.optional(z.number()),
});
export type BadSetting = z.infer<typeof badSetting>;

/** Settings of any resource and any format, told by what their names mean. */
const setting = z.strictObject({
  kind: z.literal('setting'),
  scopes: z.array(scope).check(z.minLength(1)),
  of: z.array(badSetting).check(z.minLength(1)),
});

/** The `match` block of rules of the config engine. */
export const configMatch = z.discriminatedUnion('kind', [tree, text, setting]);
export type ConfigMatch = z.infer<typeof configMatch>;
export type TreeMatch = Extract<ConfigMatch, { kind: 'tree' }>;
export type TextMatch = Extract<ConfigMatch, { kind: 'text' }>;
export type SettingMatch = Extract<ConfigMatch, { kind: 'setting' }>;
