import { expandBraces, lastName } from '../flow/pattern.ts';
import type { SourceKind } from '../flow/value.ts';
import type { Clause, CodeMatch } from './match-schema.ts';
import { type Required, requiredOf } from './needs.ts';
import { writesUnknownKey } from './pollution/keyed.ts';
import { ANYHOW, ASSIGNED, ATTRIBUTE, CALLED, compileNames, KEYED, type NameTable } from './tokens.ts';

/** What must be in a file before one name of a clause is worth parsing it for. */
interface Need {
  /** Parts of the module or variable that the name is taken from, and of the name. */
  names: readonly string[];
  /** The name itself, and the ways of standing of which it must have one. */
  last: string;
  how: number;
  /** A name that most files have: it counts only together with a source. */
  common: boolean;
}

interface WakeClause {
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
interface Wake {
  clauses: readonly WakeClause[];
  trigger: RegExp | undefined;
  languages: ReadonlySet<string> | undefined;
}

/**
 * `now`: some rule may find something, or a request's data goes from here to another file. `tree`: only rules that ask for the
 * shape of the code may. `on-call`: nothing can be found unless another file hands such data to this one, so it is read
 * when one does.
 */
export type Waking = 'now' | 'tree' | 'on-call';

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

/** Words of which one is in every script that takes data of this kind, as code has them. */
const REQUEST =
  /\breq\b|\bhttpReq\b|\b(?:request|ctx)\s*[.,)[:?=};&|]|[sS]earchParams|APIGateway|\bevent\??\.(?:body|query|path|headers|data|detail|Records|arg)|\bhandler\s*[=:(]|use server|@(?:Body|Query|Param|Args?\()|readBody|getQuery\(|\b(?:originalFilename|originalname)\b|(?:Loader|Action)FunctionArgs|\.(?:query|mutation|subscription)\(\s*(?:async\b|function\b|\w*\s*=>|\([\w\s{]|\{\s*resolve)|\b(?:_|parent|root|source|obj|_parent|_root)\s*(?::[^,()\n]{1,60})?,\s*(?:args|input)\b/;
const DOM = /\blocation\b|\breferrer\b|[sS]earchParams|documentURI|baseURI|\buse(?:Params|Route|Router|Location)\b/;
const MESSAGE = /\bevent\??\.data\b|['"`]message['"`]|\bonmessage\b/;
const ARCHIVE = /\b(?:getEntries|entryName|fileName)\b|\bentry\??\./;
/** Python's frameworks hand data over in arguments of any name. */
const PYTHON =
  /\breq\b|\b(?:request|ctx)\s*[.,)[:?=};&|]|\bevent\.(?:body|query|path|headers|data|detail|Records|arg)|\bhandler\s*[=:(]|\b(?:args|input|entry)\.|\binput\(|\b(?:fastapi|flask|django)\b/;
const SOURCES: readonly (readonly [SourceKind, RegExp])[] = [
  ['request', REQUEST],
  ['dom', DOM],
  ['message', MESSAGE],
  ['archive', ARCHIVE],
];

/** Data of a request or page being read, not merely a name that could hold one. */
const TAKEN =
  /\b(?:req|request|ctx|c\.req|context\.req(?:uest)?)\??\.(?:body|query|params?|headers?|cookies|url|files?|json|formData|text|nextUrl|request|req|originalUrl|raw|rawBody|args|form|GET|POST|get_json|valid|parseBody)\b|[sS]earchParams|\bevent\??\.(?:body|query|path|headers|data|detail|Records|arg)|use server|@(?:Body|Query|Param)|\blocation\.(?:search|hash)|readBody|getQuery\(|\b(?:originalFilename|originalname)\b|(?:Loader|Action)FunctionArgs/;
/** An import of a file of the project, by a relative path or a usual alias. */
const OWN_IMPORT = /(?:\bfrom|\brequire\(|\bimport\(?)\s*['"](?:\.{1,2}\/|[@~$]\/|\$lib|src\/|app\/)|^\s*from\s+\./m;

/** What an exponential regular expression cannot do without: a choice or repetition in a group that is repeated. */
const REPEATED = /[+*}|][^\n]{0,400}\)(?:[+*]|\{\d+,)[^\n]*\//;
/** What a clause without a name, or with one that most files have, asks of the text. */
type Special = (text: string) => boolean;
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
const SPECIALS = {
  repeated: tests(REPEATED),
  returned: tests(RETURNED),
  tested: tests(TESTED),
  called: tests(COMPUTED_CALL),
  indexed: writesUnknownKey,
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

function wakeOf(match: CodeMatch, languages: ReadonlySet<string> | undefined, types: ReadonlySet<string>): Wake {
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

type Ask = (found: Uint8Array) => boolean;

interface CompiledClause extends Omit<WakeClause, 'needs' | 'required'> {
  rare: Ask;
  common: Ask;
  /** Names of each of which one must be there, and texts. */
  names: readonly (readonly number[])[];
  texts: readonly RegExp[];
}

const escaped = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** What a clause needs beside its name. */
function compileRequired(table: NameTable, { names, texts }: Required): Pick<CompiledClause, 'names' | 'texts'> {
  return {
    names: names.map((group) => group.map((name) => table.indexOf(name) ?? -1)),
    texts: texts.map((words) => new RegExp(words.map(escaped).join('|'), 'i')),
  };
}

/** Each need as name indexes: a flat list of `index, bits` pairs that must all hold. */
function askFor(table: NameTable, needs: readonly Need[]): Ask {
  const all = needs.map(({ names, last, how }) =>
    names.flatMap((name, i) => [table.indexOf(name) ?? -1, i === names.length - 1 && name === last ? how : ANYHOW]),
  );
  return (found) => {
    for (const pairs of all) {
      let holds = true;
      for (let i = 0; i < pairs.length && holds; i += 2)
        holds = ((found[pairs[i] as number] ?? 0) & (pairs[i + 1] as number)) !== 0;
      if (holds) return true;
    }
    return false;
  };
}

/** All rules' conditions, asked of a file at once. `speaks` says by its number whether a rule may speak in this file. */
export interface Alarm {
  ask(bytes: Uint8Array, text: string, family: string, speaks: (rule: number) => boolean): Waking;
}

/** Compiles what each rule must see in a file before it is parsed. `types` are the names of modelled types. */
export function compileAlarm(
  rules: readonly { match: CodeMatch; languages: ReadonlySet<string> | undefined }[],
  types: ReadonlySet<string>,
): Alarm {
  const wakes = rules.map(({ match, languages }) => wakeOf(match, languages, types));
  const needs = wakes.flatMap(({ clauses }) => clauses.flatMap((clause) => clause.needs));
  const required = wakes.flatMap(({ clauses }) => clauses.flatMap((clause) => clause.required.names.flat()));
  const table = compileNames([...needs.flatMap(({ names }) => names), ...required]);
  const compiled = wakes.map(({ clauses, trigger, languages }) => ({
    trigger,
    languages,
    clauses: clauses.map(({ needs: own, required: asked, ...rest }): CompiledClause => {
      const part = (common: boolean) =>
        askFor(
          table,
          own.filter((need) => need.common === common),
        );
      return { ...rest, ...compileRequired(table, asked), rare: part(false), common: part(true) };
    }),
  }));
  const ask: Alarm['ask'] = (bytes, text, family, speaks) => {
    const found = table.scan(bytes);
    const has = family === 'python' ? lazily(() => PYTHON.test(text)) : lazySources(text);
    const asked = new Map<Special, boolean>();
    const isSpecial = (which: Special): boolean => {
      const known = asked.get(which);
      if (known !== undefined) return known;
      const holds = which(text);
      asked.set(which, holds);
      return holds;
    };
    const wakes = (clause: CompiledClause): boolean => {
      const rare = clause.rare(found);
      if (!rare && !clause.common(found) && !(clause.special && isSpecial(clause.special))) return false;
      if (clause.sources !== undefined && !(rare && !clause.external) && !clause.sources.some(has)) return false;
      return (
        clause.names.every((group) => group.some((name) => found[name] !== 0)) &&
        clause.texts.every((words) => words.test(text))
      );
    };
    const some = (shape: boolean) =>
      compiled.some(
        ({ clauses, trigger, languages }, rule) =>
          (languages?.has(family) ?? family !== 'python') &&
          clauses.some((clause) => clause.shape === shape && wakes(clause)) &&
          trigger?.test(text) !== false &&
          speaks(rule),
      );
    if (some(false)) return 'now';
    if ((has('request') || has('dom')) && TAKEN.test(text) && OWN_IMPORT.test(text)) return 'now';
    return some(true) ? 'tree' : 'on-call';
  };
  return { ask };
}

function lazily(look: () => boolean): () => boolean {
  let known: boolean | undefined;
  return () => {
    known ??= look();
    return known;
  };
}

/** Whether data of a kind enters a script; what is of no known kind may come in anywhere. */
function lazySources(text: string): (kind: SourceKind) => boolean {
  const looks = new Map(SOURCES.map(([kind, words]) => [kind, lazily(() => words.test(text))]));
  return (kind) => looks.get(kind)?.() ?? [...looks.values()].some((look) => look());
}
