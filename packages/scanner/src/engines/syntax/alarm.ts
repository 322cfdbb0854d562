import type { SourceKind } from '../flow/value.ts';
import type { CodeMatch } from './match-schema.ts';
import { ANYHOW, compileNames, type NameTable } from './tokens.ts';
import { type Need, type Special, type Wake, type WakeClause, wakeOf } from './wake.ts';

/**
 * `now`: some rule may find something, or a request's data goes from here to another file. `tree`: only rules that ask for the
 * shape of the code may. `on-call`: nothing can be found unless another file hands such data to this one, so it is read
 * when one does.
 */
export type Waking = 'now' | 'tree' | 'on-call';

/** Words of which one is in every script that takes data of this kind, as code has them. */
const REQUEST =
  /\breq\b|\bhttpReq\b|\b(?:request|ctx)\s*[.,)[:?=};&|]|[sS]earchParams|APIGateway|\bevent\??\.(?:body|query|path|headers|data|detail|Records|arg)|\bhandler\s*[=:(]|use server|@(?:Body|Query|Param|Args?\()|readBody|getQuery\(|\bsock(?:et)?\.on(?:ce)?\(|\b(?:originalFilename|originalname)\b|(?:Loader|Action)FunctionArgs|\.(?:query|mutation|subscription)\(\s*(?:async\b|function\b|\w*\s*=>|\([\w\s{]|\{\s*resolve)|\b(?:_|parent|root|source|obj|_parent|_root)\s*(?::[^,()\n]{1,60})?,\s*(?:args|input)\b/;
const DOM = /\blocation\b|\breferrer\b|[sS]earchParams|documentURI|baseURI|\buse(?:Params|Route|Router|Location)\b/;
const MESSAGE = /\bevent\??\.data\b|['"`]message['"`]|\bonmessage\b/;
const ARCHIVE = /\b(?:getEntries|entryName|fileName|unzipper|jszip)\b|\bentry\??\./;
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

interface Clause extends Omit<WakeClause, 'needs' | 'required'> {
  rule: number;
  /** Names of each of which one must be there, and texts. */
  names: readonly (readonly number[])[];
  /** By number. */
  texts: readonly number[];
}

/** One name of a clause, asked about where its last part is found: `index, bits` pairs that must all hold. */
interface Ask {
  clause: number;
  mark: number;
  pairs: readonly number[];
}

/** How the names of a clause stand in a file. */
const RARE = 1;
const COMMON = 2;

const escaped = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');

function pairsOf(table: NameTable, { names, last, how }: Need): number[] {
  return names.flatMap((name, i) => [
    table.indexOf(name) ?? -1,
    i === names.length - 1 && name === last ? how : ANYHOW,
  ]);
}

function holds(found: Uint8Array, pairs: readonly number[]): boolean {
  for (let i = 0; i < pairs.length; i += 2)
    if (((found[pairs[i] as number] ?? 0) & (pairs[i + 1] as number)) === 0) return false;
  return true;
}

/** All rules' conditions, asked of a file at once. `speaks` says by its number whether a rule may speak in this file. */
export interface Alarm {
  ask(bytes: Uint8Array, text: string, family: string, speaks: (rule: number) => boolean): Waking;
}

interface Compiled {
  table: NameTable;
  rules: readonly Wake[];
  clauses: readonly Clause[];
  /** Each once: several clauses ask for the same. */
  texts: readonly RegExp[];
  /** By the name found. */
  asks: readonly (readonly Ask[])[];
}

function compile(rules: readonly Wake[]): Compiled {
  const all = rules.flatMap((wake, rule) => wake.clauses.map((clause) => ({ clause, rule })));
  const table = compileNames(
    all.flatMap(({ clause: { needs, required } }) => [
      ...needs.flatMap(({ names }) => names),
      ...required.names.flat(),
    ]),
  );
  const texts = new Map<string, number>();
  const numberOf = (words: readonly string[]): number => {
    const source = words.map(escaped).join('|');
    const known = texts.get(source) ?? texts.size;
    texts.set(source, known);
    return known;
  };
  const asks: Ask[][] = Array.from({ length: table.count }, () => []);
  const clauses = all.map(({ clause: { needs, required, ...rest }, rule }, number): Clause => {
    for (const need of needs) {
      const pairs = pairsOf(table, need);
      asks[pairs[pairs.length - 2] ?? -1]?.push({ clause: number, mark: need.common ? COMMON : RARE, pairs });
    }
    return {
      ...rest,
      rule,
      names: required.names.map((group) => group.map((name) => table.indexOf(name) ?? -1)),
      texts: required.texts.map(numberOf),
    };
  });
  return { table, rules, clauses, asks, texts: [...texts.keys()].map((source) => new RegExp(source, 'i')) };
}

/** Compiles what each rule must see in a file before it is parsed. `types` are the names of modelled types. */
export function compileAlarm(
  rules: readonly { match: CodeMatch; languages: ReadonlySet<string> | undefined }[],
  types: ReadonlySet<string>,
): Alarm {
  const compiled = compile(rules.map(({ match, languages }) => wakeOf(match, languages, types)));
  const numbered = compiled.clauses.map((clause, number) => ({ clause, number }));
  const shapes = numbered.filter(({ clause }) => clause.shape);
  const specials = numbered.filter(({ clause }) => !clause.shape && clause.special !== undefined);
  const ask: Alarm['ask'] = (bytes, text, family, speaks) => {
    const found = compiled.table.scan(bytes);
    const has = family === 'python' ? lazily(() => PYTHON.test(text)) : lazySources(text);
    const holdsSpecial = lazilyFor((which: Special) => which(text));
    const stands = lazilyFor((number: number) => (compiled.texts[number] as RegExp).test(text));
    const allowed = lazilyFor((number: number) => {
      const { languages, trigger } = compiled.rules[number] as Wake;
      return (languages?.has(family) ?? family !== 'python') && trigger?.test(text) !== false && speaks(number);
    });
    const wakes = (clause: Clause, mark: number): boolean => {
      const rare = (mark & RARE) !== 0;
      if (mark === 0 && !(clause.special && holdsSpecial(clause.special))) return false;
      if (clause.sources !== undefined && !(rare && !clause.external) && !clause.sources.some(has)) return false;
      return (
        clause.names.every((group) => group.some((name) => found[name] !== 0)) &&
        clause.texts.every(stands) &&
        allowed(clause.rule)
      );
    };
    const marks = marksOf(compiled, found);
    for (const [number, mark] of marks) {
      const clause = compiled.clauses[number] as Clause;
      if (!clause.shape && wakes(clause, mark)) return 'now';
    }
    if (specials.some(({ clause, number }) => !marks.has(number) && wakes(clause, 0))) return 'now';
    if ((has('request') || has('dom')) && TAKEN.test(text) && OWN_IMPORT.test(text)) return 'now';
    return shapes.some(({ clause, number }) => wakes(clause, marks.get(number) ?? 0)) ? 'tree' : 'on-call';
  };
  return { ask };
}

/** Clauses of which a name stands in a file, and how. */
function marksOf({ asks }: Compiled, found: Uint8Array): Map<number, number> {
  const marks = new Map<number, number>();
  for (let name = 0; name < found.length; name += 1) {
    if (found[name] === 0) continue;
    for (const { clause, mark, pairs } of asks[name] as readonly Ask[]) {
      const before = marks.get(clause) ?? 0;
      if ((before & mark) === 0 && holds(found, pairs)) marks.set(clause, before | mark);
    }
  }
  return marks;
}

function lazily(look: () => boolean): () => boolean {
  let known: boolean | undefined;
  return () => {
    known ??= look();
    return known;
  };
}

function lazilyFor<K>(look: (key: K) => boolean): (key: K) => boolean {
  const known = new Map<K, boolean>();
  return (key) => {
    let answer = known.get(key);
    if (answer === undefined) {
      answer = look(key);
      known.set(key, answer);
    }
    return answer;
  };
}

/** Whether data of a kind enters a script; what is of no known kind may come in anywhere. */
function lazySources(text: string): (kind: SourceKind) => boolean {
  const looks = new Map(SOURCES.map(([kind, words]) => [kind, lazily(() => words.test(text))]));
  return (kind) => looks.get(kind)?.() ?? [...looks.values()].some((look) => look());
}
