import { expandBraces, lastName } from '../flow/pattern.ts';
import type { SourceKind } from '../flow/value.ts';
import type { Clause, CodeMatch } from './match-schema.ts';
import { type Required, requiredOf } from './needs.ts';
import { writesUnknownKey } from './pollution/keyed.ts';
import { ANYHOW, ASSIGNED, ATTRIBUTE, CALLED, KEYED } from './tokens.ts';

/** What must be in a file before one name of a clause is worth parsing it for. */
export interface Need {
  /** Parts of the module or variable that the name is taken from, and of the name. */
  names: readonly string[];
  /** The name itself, and the ways of standing of which it must have one. */
  last: string;
  how: number;
  /** A name that most files have: it counts only together with a source. */
  common: boolean;
}

export interface WakeClause {
  needs: readonly Need[];
  required: Required;
  special: Special | undefined;
  /** Kinds of data of which one must enter the file; undefined where the clause does without. */
  sources: readonly SourceKind[] | undefined;
  /** Asks for the shape of the code alone, not for what values are. */
  shape: boolean;
  /** Without a source in the file it can only say which arguments of its functions are dangerous. */
  external: boolean;
}

/** What must be in a file before a rule is worth parsing it for. */
export interface Wake {
  clauses: readonly WakeClause[];
  trigger: RegExp | undefined;
  languages: ReadonlySet<string> | undefined;
}

/** Names found in more than 3 % of 2,700 files of packages from the registry: they say nothing about a file. */
const COMMON: ReadonlySet<string> = new Set(
  (
    'use require to default import $ get error all options set test call data result split first replace any file ' +
    'resolve add one match after before target request parse static end delete create assign log stream json where ' +
    'each body run info mode concat write build update text remove find format warn multiple render src html header ' +
    'copy exists setTimeout load debug access join raw query send save insert open stat post put patch head execute ' +
    'connect push append on count key name values method session compile secret password algorithm cookie origin ' +
    'verify sign digest hash register init prepare none many create match eq download stats rename mkdir wrap some'
  ).split(' '),
);

/** What an exponential regular expression cannot do without: a choice or repetition in a group that is repeated. */
const REPEATED = /[+*}|][^\n]{0,400}\)(?:[+*]|\{\d+,)[^\n]*\//;
/** What a clause without a name, or with one that most files have, asks of the text. */
export type Special = (text: string) => boolean;
const RETURNED = /return f?["'`]\s*<|statusCode|destination|[lL]ocation/;
/** `object[name] = …`, `object[list[i]] = …` or `delete object[name]`, the key not a constant. */
const KEY_WRITTEN =
  /\[\s*[a-zA-Z_$][\w$.]*(\[[^\]\n]+\]|\(\))?(\s+as\s+\w+)?\s*\]\s*=[^=>]|\bdelete\s+[\w$.]{1,80}\[\s*[a-zA-Z_$]/;
const COMPUTED_CALL = /\]\s*\(/;
const TESTED = /\bif\s*\(/;

const EXTERNAL: ReadonlySet<string> = new Set(['request', 'dom', 'message', 'archive']);

/** Functions of the language: they are called by their name, not imported under another one. */
const BUILT_IN: ReadonlySet<string> = new Set(['require', 'import', 'setTimeout', 'eval', 'Function', 'RegExp']);

const list = (what: string | string[] | undefined): string[] =>
  what === undefined ? [] : typeof what === 'string' ? [what] : what;

const parts = (name: string): string[] => name.match(/[\w$]+/g) ?? [];

/** Which ways of standing a name must have: any for a rare one, the telling ones for one that is everywhere. */
function howOf(kind: 'call' | 'new' | 'tag' | 'set', common: boolean, bare: boolean, last: string): number {
  if (kind === 'set') return ASSIGNED | KEYED;
  if (!common || (bare && !BUILT_IN.has(last))) return ANYHOW;
  return kind === 'tag' ? ANYHOW : CALLED;
}

/**
 * What a callee written as data needs: `child_process.exec` both names, `*.query` the last one. What is asked of the
 * receiver (`/db/.query`) and names of modelled types (`Response.send`) stand in no file and are not asked for.
 */
function needOf(kind: 'call' | 'new' | 'tag' | 'set', pattern: string, types: ReadonlySet<string>): Need | undefined {
  const asksReceiver = pattern.startsWith('/');
  const tail = asksReceiver ? pattern.slice(pattern.lastIndexOf('/') + 1) : pattern;
  const words = parts(lastName(tail));
  const last = words.at(-1);
  if (last === undefined || lastName(tail) === '[]') return undefined;
  const whole = tail.replace(/^\?/, '');
  const open = asksReceiver || whole.startsWith('*');
  const first = whole.split(/(?<=[\w$)\]-])[.(]/)[0] ?? '';
  const bare = !open && first === whole;
  const from = open || bare || types.has(first) ? [] : parts(first);
  const common = words.every((word) => COMMON.has(word));
  return { names: [...from, ...between(whole), ...words], last, how: howOf(kind, common, bare, last), common };
}

/** `session` of `Request.session.user`: whatever the first name is by then, this one stands in the file. */
function between(whole: string): string[] {
  const names = whole.split('.').slice(1, -1);
  return names.every((name) => /^[a-zA-Z_$]\w*$/.test(name)) ? names.filter((name) => name !== 'default') : [];
}

function needsOf(clause: Clause, types: ReadonlySet<string>): Need[] {
  const named = (['call', 'new', 'tag', 'set'] as const).flatMap((kind) =>
    list(clause[kind])
      .flatMap(expandBraces)
      .map((pattern) => needOf(kind, pattern, types)),
  );
  const key = (name: string, how: number): Need | undefined => {
    const words = parts(name);
    const last = words.at(-1);
    return last === undefined ? undefined : { names: words, last, how, common: COMMON.has(last) };
  };
  const keyed = [
    ...list(clause.prop)
      .flatMap(expandBraces)
      .map((name) => key(name, KEYED)),
    ...list(clause.jsx)
      .flatMap(expandBraces)
      .map((name) => key(lastName(name), ATTRIBUTE)),
  ];
  return [...named, ...keyed].filter((need) => need !== undefined);
}

const tests = (regex: RegExp): Special => {
  return (text) => regex.test(text);
};
/** `object[key] = …`, whatever the key, unless it is written out: a request's `body.key` is one name of many parts. */
const INDEXED = /\[\s*(?![\d'"`\]\s])[^\]\n]{1,200}\](?:\s*as\s[^;=\n]{1,80})?[)!\]\s]*=(?![=>])/;

const SPECIALS = {
  repeated: tests(REPEATED),
  returned: tests(RETURNED),
  tested: tests(TESTED),
  called: tests(COMPUTED_CALL),
  indexed: tests(INDEXED),
  polluted: (text: string) => KEY_WRITTEN.test(text) && writesUnknownKey(text),
};

function special(clause: Clause): Special | undefined {
  if (clause.regex) return SPECIALS.repeated;
  if (clause.returns) return SPECIALS.returned;
  if (clause.pollution !== undefined) return SPECIALS.polluted;
  if (clause.index) return SPECIALS.indexed;
  if (clause.test) return SPECIALS.tested;
  return list(clause.call).some((name) => name.endsWith('[]')) ? SPECIALS.called : undefined;
}

/** What must be in a file before a rule is worth parsing it for. */
export function wakeOf(match: CodeMatch, languages: ReadonlySet<string> | undefined, types: ReadonlySet<string>): Wake {
  const clauses = match.find
    .filter((clause) => clause.text === undefined && clause.slowRegex === undefined)
    .map((clause) => {
      const from = clause.from ?? match.from ?? ['request'];
      const follows = clause.pollution === undefined && match.category !== undefined;
      return {
        needs: needsOf(clause, types),
        required: requiredOf(clause),
        special: special(clause),
        sources: follows && from.every((kind) => EXTERNAL.has(kind) || kind === 'unknown') ? from : undefined,
        external: follows && from.every((kind) => EXTERNAL.has(kind)),
        shape: clause.pollution !== undefined,
      };
    });
  return { clauses, trigger: match.trigger === undefined ? undefined : new RegExp(match.trigger), languages };
}
