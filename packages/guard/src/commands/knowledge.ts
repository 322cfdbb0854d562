import { AmbitError } from '@ambit/core/errors';
import { effectClass } from '@ambit/core/schema';
import * as z from 'zod/mini';
import { unknownText } from './unknown.ts';

/**
 * What a word means to a program. `read`/`write`: a path; `folder`: a working directory for the command; `host`: a host
 * or URL; `archive`: read or written by what else is asked; `at-file`: text, or a file after `@`; `shell`: a shell line; `program`: the name of a program it will start; `code`: a program in another language;
 * `setting`: `key=value` that changes behaviour; `text`: none of these.
 */
const meaning = z.enum([
  'read',
  'write',
  'archive',
  'at-file',
  'folder',
  'host',
  'shell',
  'program',
  'code',
  'setting',
  'text',
]);
export type Meaning = z.infer<typeof meaning>;

/** How operands (words that are no options) are meant; `operands.ts` has one function for each. */
const operands = z.enum([
  'read',
  'write',
  'copy',
  'link',
  'pattern',
  'script',
  'shell',
  'shell-first',
  'sed',
  'awk',
  'dd',
  'input-output',
  'after-first',
  'first-write',
  'host',
  'first-host',
  'remote',
  'clone',
  'git-remote',
  'assignments',
  'text',
]);
export type Operands = z.infer<typeof operands>;

const option = z.strictObject({
  names: z.array(z.string()),
  /** Meaning of the option's value; absent for a flag. */
  takes: z.optional(meaning),
  /** The value is joined (`-i.bak`, `--color=x`) or absent, never the next word. */
  joined: z.optional(z.boolean()),
  classes: z.optional(z.array(effectClass)),
  /** Changes how operands are meant. */
  operands: z.optional(operands),
  /** Words after it, up to `;` or `+`, are a command (`find -exec`). */
  command: z.optional(z.boolean()),
  /** Harmless values of a `setting`, as patterns with `*`; others make the class unknown. */
  harmless: z.optional(z.array(z.string())),
});
export type Option = z.infer<typeof option>;

const shape = {
  classes: z.array(effectClass),
  operands: z.optional(operands),
  options: z.optional(z.array(option)),
  /** What is left after options is a command itself; `skip` words come first (`timeout 5`). */
  runs: z.optional(z.strictObject({ skip: z.optional(z.int()), unknownArguments: z.optional(z.boolean()) })),
  /** The first operand names a script of package.json; `default` where none is given. */
  packageScript: z.optional(z.strictObject({ name: z.optional(z.string()) })),
  /** Options are not parsed: every word is an operand. */
  raw: z.optional(z.boolean()),
  /** The first word is a cluster of options also without a dash (`tar xzf`). */
  bareOptions: z.optional(z.boolean()),
};
const action = z.strictObject({
  names: z.array(z.string()),
  ...shape,
  /** Words that must all be among the arguments, as patterns; the first action that fits is used. */
  with: z.optional(z.array(z.string())),
});
const program = z.strictObject({
  names: z.array(z.string()),
  ...shape,
  /** First operand(s) that select what is done, such as `commit` or `stack rm`; longest match first. */
  actions: z.optional(z.array(action)),
});
export type Shape = z.infer<typeof action>;
export type Program = z.infer<typeof program>;

const harmless = z.strictObject({
  names: z.array(z.string()),
  values: z.optional(z.array(z.string())),
  /** Every word of the value must be one of these, whole, as regular expressions. */
  words: z.optional(z.array(z.string())),
  /** Every part between colons must be one of these, whole, as regular expressions, or what only the shell will know. */
  parts: z.optional(z.array(z.string())),
  /** Where programs look or write: it may be set, and what the command then does is unknown. */
  steers: z.optional(z.boolean()),
});
const stakes = z.strictObject({
  /** Options that choose an account, profile, context or project. */
  profileOptions: z.array(z.string()),
  /** Options that name what is acted on, as patterns with `*`. */
  resourceOptions: z.array(z.string()),
  /** Options that mean production by themselves. */
  productionFlags: z.array(z.string()),
  /** Names that mean production wherever nobody declared any, as patterns with `*`. */
  productionNames: z.array(z.string()),
});
/** How commands that act on accounts say what is at stake. */
export type Stakes = z.infer<typeof stakes>;

const source = z.strictObject({
  id: z.string(),
  title: z.string(),
  programs: z.optional(z.array(program)),
  /** Variables that may be set for one command, with the values that are harmless (absent: any plain word). */
  variables: z.optional(z.array(harmless)),
  stakes: z.optional(stakes),
});

/** What a variable may be set to, and whether the command's effect is unknown then. */
export interface Variable {
  value: RegExp;
  steers: boolean;
}

/** Everything the catalogue knows about programs, by name. */
export interface Knowledge {
  programs: ReadonlyMap<string, Program>;
  /** What whole values must look like to be harmless. */
  variables: ReadonlyMap<string, Variable>;
  stakes: Stakes;
}

const noStakes: Stakes = { profileOptions: [], resourceOptions: [], productionFlags: [], productionNames: [] };

const plainWord = /^[\w.,:@%+ -]*$/;

function valuesOf({ values, words, parts }: z.infer<typeof harmless>, where: string): RegExp {
  if (parts) {
    const one = `(?:${[...parts, unknownText].join('|')})`;
    return new RegExp(`^${one}(?::${one})*$`);
  }
  const given = [...(words ?? []), ...(values ?? []).map((value) => value.replaceAll(/[^\w]/g, '\\$&'))];
  if (words === undefined && values === undefined) return plainWord;
  if (given.length === 0) return /^(?!)/;
  try {
    const one = `(?:${given.join('|')})`;
    return new RegExp(words ? `^${one}(?: +${one})*$` : `^${one}$`);
  } catch (error) {
    throw new AmbitError('input.broken', `not a regular expression: ${String(error)}`, { where });
  }
}

/** Reads the catalogue's `policies/programs*.yaml`. Throws `input.broken`; a name may be described once. */
export function readKnowledge(files: readonly { file: string; data: unknown }[]): Knowledge {
  const programs = new Map<string, Program>();
  const variables = new Map<string, Variable>();
  let known = noStakes;
  for (const { file, data } of files.filter(({ file }) => /(^|\/)programs[^/]*$/.test(file))) {
    const parsed = z.safeParse(source, data);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new AmbitError('input.broken', `not a list of programs: ${issue?.path.join('.')} ${issue?.message}`, {
        where: file,
      });
    }
    for (const one of parsed.data.programs ?? []) {
      for (const name of one.names) {
        if (programs.has(name)) throw new AmbitError('input.broken', `\`${name}\` is described twice`, { where: file });
        programs.set(name, one);
      }
    }
    known = parsed.data.stakes ?? known;
    for (const one of parsed.data.variables ?? [])
      for (const name of one.names) variables.set(name, { value: valuesOf(one, file), steers: one.steers ?? false });
  }
  return { programs, variables, stakes: known };
}
