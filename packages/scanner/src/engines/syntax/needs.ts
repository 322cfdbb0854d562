import { expandBraces, lastName } from '../flow/pattern.ts';
import { wordsIn } from './literals.ts';
import type { Clause, Condition } from './match-schema.ts';

/**
 * What a file must have for a condition to hold, whatever the values: names of which one must stand in it, and texts of
 * which one must (in any case of letters). Empty where nothing can be said.
 */
export interface Required {
  names: string[][];
  texts: string[][];
}

const list = (what: string | string[]): string[] => (typeof what === 'string' ? [what] : what);

/** The longest part of a name that a look at the names in a file finds. */
function nameIn(text: string): string | undefined {
  return text.match(/[\w$]+/g)?.reduce((best, part) => (part.length > best.length ? part : best), '');
}

/** References that the interpreter gives of itself: what `catch` catches, modules as a whole. */
const GIVEN: ReadonlySet<string> = new Set(['error', 'undefined', 'this', 'super', 'import', 'meta', 'default']);

/** The names that references end in; undefined where one may end in anything. */
function endsOf(refs: readonly string[]): string[] | undefined {
  const ends = refs.flatMap(expandBraces).map((ref) => {
    const tail = ref.startsWith('/') ? ref.slice(ref.lastIndexOf('/') + 1) : ref.replace(/^\?/, '');
    const last = lastName(tail);
    // `SignJWT()*`, `*Markup`, `[]`: what they end in is open, or made here.
    return /^[\w$]+$/.test(last) && !/^\*[^.]*$/.test(tail) && !GIVEN.has(last) ? last : undefined;
  });
  return ends.every((end) => end !== undefined) ? ends : undefined;
}

/** Words that a constant may be without standing in the file: `!0` is `true`. */
const MADE = /^(?:true|false|null|undefined|nan|infinity|\d+)$/;
/** Shorter ones may be put together out of pieces, and are in every file. */
const LEAST = 4;

/** `^message$`, `^(des|rc4)$`: the words a constant must be, where the pattern says no more than that. */
function constantsOf(source: string): string[] | undefined {
  const inner = /^\^(?:\(([\w|-]+)\)|([\w-]+))\$$/.exec(source);
  const words = (inner?.[1] ?? inner?.[2])?.toLowerCase().split('|');
  return words?.every((word) => word.length >= LEAST && !MADE.test(word)) ? words : undefined;
}

/** True when the condition does not hold of a property that is not there. */
function asksForOne(condition: Condition): boolean {
  const { literal, text, regex, label, code, slow, kind, ref, some, has, tainted, dynamic, present } = condition;
  if ([literal, text, regex, label, code, slow, kind, ref, some, has].some((each) => each !== undefined)) return true;
  if (tainted === true || dynamic === true || present === true) return true;
  if (condition.all?.some(asksForOne)) return true;
  return condition.any !== undefined && condition.any.length > 0 && condition.any.every(asksForOne);
}

function add(out: Required, more: Required): void {
  out.names.push(...more.names);
  out.texts.push(...more.texts);
}

/** Of several conditions one must hold: what the first asks, or what the second asks, and so on. */
function oneOf(conditions: readonly Condition[]): Required {
  const all = conditions.map(requiredBy);
  if (all.every(({ names }) => names.length > 0))
    return { names: [all.flatMap(({ names }) => names[0] ?? [])], texts: [] };
  if (all.every(({ texts }) => texts.length > 0))
    return { names: [], texts: [all.flatMap(({ texts }) => texts[0] ?? [])] };
  return { names: [], texts: [] };
}

export function requiredBy(condition: Condition): Required {
  const out: Required = { names: [], texts: [] };
  const ends = condition.ref === undefined ? undefined : endsOf(list(condition.ref));
  if (ends !== undefined) out.names.push(ends);
  const constants = condition.literal === undefined ? undefined : constantsOf(condition.literal);
  if (constants !== undefined) out.texts.push(constants);
  const words = condition.code === undefined ? undefined : wordsIn(condition.code);
  if (words !== undefined) out.texts.push(words);
  for (const [key, inner] of Object.entries(condition.has ?? {})) {
    if (!asksForOne(inner)) continue;
    const name = nameIn(key);
    // Elements of a list are counted, not named.
    if (name !== undefined && !/^\d+$/.test(name)) out.names.push([name]);
    add(out, requiredBy(inner));
  }
  if (condition.some !== undefined) add(out, requiredBy(condition.some));
  for (const inner of condition.all ?? []) add(out, requiredBy(inner));
  if (condition.any !== undefined && condition.any.length > 0) add(out, oneOf(condition.any));
  return out;
}

/** What a file must have for a clause to find something, beside the name the clause looks for. */
export function requiredOf(clause: Clause): Required {
  const out: Required = { names: [], texts: [] };
  const own = [
    clause.value,
    clause.receiver,
    clause.key,
    clause.object,
    ...(clause.where ?? []).map(({ value }) => value),
  ];
  const code = clause.code === undefined ? undefined : wordsIn(clause.code);
  if (code !== undefined) out.texts.push(code);
  // Asked of the line together with the function's name, a blank between them.
  const line = clause.line === undefined ? undefined : wordsIn(clause.line);
  if (line?.every((word) => !word.includes(' '))) out.texts.push(line);
  for (const condition of own) if (condition !== undefined && asksForOne(condition)) add(out, requiredBy(condition));
  return out;
}
