import * as z from 'zod/mini';

const pattern = z.string().check(
  z.minLength(1),
  z.refine((text) => compiles(text), 'the regular expression does not compile'),
  z.refine((text) => !nestsRepetition(text), 'a repetition inside a repetition may take for ever; bound one of them'),
);

function compiles(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

interface Group {
  repeats: boolean;
}

/** Length of the quantifier at `at`, and whether it has no small upper bound. */
function quantifier(text: string, at: number): { length: number; open: boolean } {
  const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})[?+]?/.exec(text.slice(at, at + 16));
  if (!found) return { length: 0, open: false };
  const open = found[0].startsWith('*') || found[0].startsWith('+') || (found[2] === ',' && found[3] === '');
  return { length: found[0].length, open };
}

/** True where an unbounded repetition encloses another one: the classic form of exponential backtracking. */
export function nestsRepetition(text: string): boolean {
  const open: Group[] = [];
  let inClass = false;
  for (let i = 0; i < text.length; ) {
    const char = text[i];
    let repeated = false;
    let closed: Group | undefined;
    if (char === '\\') i += 2;
    else {
      i += 1;
      if (inClass) inClass = char !== ']';
      else if (char === '[') inClass = true;
      else if (char === '(') open.push({ repeats: false });
      else if (char === ')') closed = open.pop();
    }
    if (inClass || char === '(') continue;
    const found = quantifier(text, i);
    i += found.length;
    repeated = found.open;
    if (repeated && closed?.repeats) return true;
    const parent = open.at(-1);
    if (parent && (repeated || closed?.repeats)) parent.repeats = true;
  }
  return false;
}

const bound = z.int().check(z.minimum(1), z.maximum(16_384));

/** A value of a known form. The group named `secret` is the value; without one the whole match is. */
const token = z.strictObject({
  kind: z.literal('token'),
  regex: pattern,
  ignoreCase: z.optional(z.boolean()),
  /** Characters before and behind a keyword that the expression may see. */
  before: z.optional(bound),
  after: z.optional(bound),
  /** Least Shannon entropy, bits per character. */
  entropy: z.optional(z.number()),
  /** One of these words stands within `within` characters (default 200). */
  near: z.optional(z.array(z.string())),
  within: z.optional(bound),
  /** Expressions that refuse a value. */
  not: z.optional(z.array(pattern)),
  /**
   * The value is chosen by a person: values that stand in for another are let go; `password` also lets go of whatever
   * does not look like a password.
   */
  judge: z.optional(z.enum(['password', 'stand-in'])),
  /**
   * The value is base64: what it decodes to must be no stand-in either, and no reference. `credentials`: it must decode
   * to `user:password`.
   */
  decoded: z.optional(z.enum(['base64', 'credentials'])),
  /** `word` (default): the value is not the middle of a longer word. */
  boundary: z.optional(z.enum(['word', 'none'])),
  /** How the value starts, case as it is: it is then also found inside base64. */
  encoded: z.optional(z.array(z.string().check(z.minLength(4)))),
});

/** A value of a known form that is only telling beside its vendor's name: the name is the rule's keyword. */
const named = z.strictObject({
  kind: z.literal('named'),
  regex: pattern,
  ignoreCase: z.optional(z.boolean()),
  entropy: z.optional(z.number()),
  not: z.optional(z.array(pattern)),
});

/** A value of any form, assigned to a name that says what it is. */
const assignment = z.strictObject({
  kind: z.literal('assignment'),
  /** What the name ends in; a space stands for any separator or none. */
  names: z.array(z.string()).check(z.minLength(1)),
  /** Like `names`, but only as words of their own (`pass`, not `compass`). */
  words: z.optional(z.array(z.string())),
  /** How a value is judged. */
  value: z.enum(['password', 'secret', 'key', 'salt']),
  least: z.int(),
  /** One of these words stands in the line or within 160 characters of the name: the name alone says too little. */
  near: z.optional(z.array(z.string())),
});

/** A signed or unsigned JSON Web Token. `claims`: only a payload with these. */
const jwt = z.strictObject({
  kind: z.literal('jwt'),
  claims: z.optional(z.record(z.string(), z.string())),
});

/** The `match` block of rules of the pattern engine. */
export const patternMatch = z.discriminatedUnion('kind', [token, named, assignment, jwt]);
export type PatternMatch = z.infer<typeof patternMatch>;
export type MatchOf<K extends PatternMatch['kind']> = Extract<PatternMatch, { kind: K }>;
