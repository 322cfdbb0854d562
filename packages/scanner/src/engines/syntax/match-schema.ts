import * as z from 'zod/mini';
import { CATEGORIES } from '../flow/models.ts';

const names = z.union([z.string(), z.array(z.string())]);
const argument = z.union([z.int(), z.literal('any'), z.literal('last')]);

/** What is asked of a value. All fields of one condition must hold. */
export interface Condition {
  /** Under the control of one of the rule's sources, and not made safe for the rule's category. */
  tainted?: boolean | undefined;
  /** A constant that matches. */
  literal?: string | undefined;
  /** A string whose known parts match, with `HOLE` for unknown ones and `OWN` for those nobody else controls. */
  text?: string | undefined;
  /** Not a constant. */
  dynamic?: boolean | undefined;
  /** The argument or property is there. */
  present?: boolean | undefined;
  /** An object that has these properties. */
  has?: Record<string, Condition> | undefined;
  /** An object literal, seen in full, that has none of these properties. */
  lacks?: string | string[] | undefined;
  /** A regular expression literal whose source matches. */
  regex?: string | undefined;
  /** What the source is called, as the code writes it: `req.query.id`. */
  label?: string | undefined;
  /** The source code of the function or literal that the value is. */
  code?: string | undefined;
  /** A regular expression that some input makes slow. */
  slow?: 'exponential' | 'polynomial' | 'moving' | undefined;
  kind?: string | string[] | undefined;
  ref?: string | string[] | undefined;
  /** Some property or element, at any depth, for which the condition holds. */
  some?: Condition | undefined;
  /** Read from an object by a key under somebody's control; a key itself. */
  reached?: boolean | undefined;
  keyLike?: boolean | undefined;
  /** An object literal of the function around: nothing else sees its keys before the function is done. */
  fresh?: boolean | undefined;
  /** An object literal that takes in another object whole: `{ ...body, owner }`. */
  spread?: boolean | undefined;
  not?: Condition | undefined;
  any?: Condition[] | undefined;
  all?: Condition[] | undefined;
}

const condition: z.ZodMiniType<Condition> = z.lazy(() =>
  z.strictObject({
    tainted: z.optional(z.boolean()),
    literal: z.optional(z.string()),
    text: z.optional(z.string()),
    dynamic: z.optional(z.boolean()),
    present: z.optional(z.boolean()),
    has: z.optional(z.record(z.string(), condition)),
    lacks: z.optional(names),
    regex: z.optional(z.string()),
    label: z.optional(z.string()),
    code: z.optional(z.string()),
    slow: z.optional(z.enum(['exponential', 'polynomial', 'moving'])),
    kind: z.optional(names),
    ref: z.optional(names),
    some: z.optional(condition),
    reached: z.optional(z.boolean()),
    keyLike: z.optional(z.boolean()),
    fresh: z.optional(z.boolean()),
    spread: z.optional(z.boolean()),
    not: z.optional(condition),
    any: z.optional(z.array(condition)),
    all: z.optional(z.array(condition)),
  }),
);

const clause = z.strictObject({
  call: z.optional(names),
  new: z.optional(names),
  tag: z.optional(names),
  /** Assignment to a member. */
  set: z.optional(names),
  /** Assignment to a member whose name is computed. */
  index: z.optional(z.literal(true)),
  /** A key that nobody looked at, at the end of a path of keys or in a recursive merge. */
  pollution: z.optional(z.enum(['path', 'merge'])),
  /** A property of an object literal. */
  prop: z.optional(names),
  /** An attribute of a JSX element: `a.href`, `*.dangerouslySetInnerHTML`. */
  jsx: z.optional(names),
  /** What a request handler returns. */
  returns: z.optional(z.literal(true)),
  /** A regular expression literal. */
  regex: z.optional(z.literal(true)),
  /** A regular expression literal that some input makes this slow, read from the text without parsing it. */
  slowRegex: z.optional(z.enum(['exponential', 'polynomial'])),
  /** What an `if` asks. */
  test: z.optional(z.literal(true)),
  /** A regular expression on the text itself, outside comments: for templates and single words. */
  text: z.optional(z.string()),
  /** Regular expressions on the source of the node, and on its lines together with the name of the function around it. */
  code: z.optional(z.string()),
  line: z.optional(z.string()),
  /** Which argument `value` is asked of; the first one by default. */
  arg: z.optional(argument),
  value: z.optional(condition),
  receiver: z.optional(condition),
  /** The computed key of `index`. */
  key: z.optional(condition),
  /** The object that a `prop` is in, or that `index` writes to. */
  object: z.optional(condition),
  where: z.optional(z.array(z.strictObject({ arg: argument, value: condition }))),
  /** Sources that this clause accepts instead of the rule's. */
  from: z.optional(z.array(z.enum(['request', 'dom', 'message', 'archive', 'param', 'unknown']))),
  /** Told only when no other clause of the rule speaks of the same source: asking whether a file exists. */
  weak: z.optional(z.literal(true)),
  /** Only in a function that calls itself. */
  recursive: z.optional(z.literal(true)),
  /** Only inside a request handler. */
  handler: z.optional(z.boolean()),
});
export type Clause = z.infer<typeof clause>;

/** The `match` block of rules of the engines `syntax` and `flow`. */
export const codeMatch = z.strictObject({
  find: z.array(clause).check(z.minLength(1)),
  category: z.optional(z.enum(CATEGORIES)),
  /** How many places of one file are told at most; the first ones are. */
  most: z.optional(z.int()),
  /** Only what one file shows: who calls from other files has checked, or not, in ways that cannot be seen. */
  local: z.optional(z.boolean()),
  from: z.optional(z.array(z.enum(['request', 'dom', 'message', 'archive', 'param', 'unknown']))),
  /** What a file must contain before it is parsed for this rule; for rules whose names are everywhere. */
  trigger: z.optional(z.string()),
  /** Regular expressions on the path and on the file's text: only there, or never there. */
  only: z.optional(z.strictObject({ path: z.optional(z.string()), text: z.optional(z.string()) })),
  unless: z.optional(
    z.strictObject({
      path: z.optional(z.string()),
      text: z.optional(z.string()),
      /** On the source of the function around the place. */
      function: z.optional(z.string()),
    }),
  ),
});
export type CodeMatch = z.infer<typeof codeMatch>;
