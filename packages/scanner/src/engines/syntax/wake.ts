import { expandBraces, lastName } from '../flow/pattern.ts';
import type { Clause, CodeMatch } from './match-schema.ts';

/** What must be in a file before one clause of a rule is worth parsing it for. */
interface WakeClause {
  /** Names that are rare enough to wake the rule by themselves. */
  rare: readonly string[];
  /** Names that most files have: they count only together with a source. */
  common: readonly string[];
  special: RegExp | undefined;
  needsSource: boolean;
}

/** What must be in a file before a rule is worth parsing it for. */
export interface Wake {
  clauses: readonly WakeClause[];
  trigger: RegExp | undefined;
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

/** Words of which one is in every file that takes data from a request, a page or a message. */
const SOURCE =
  /\breq\b|\brequest\b|\bctx\b|\bc\.req\b|[sS]earchParams|APIGateway|\bevent\.(body|query|path|headers|data|detail|Records|arg)|\bhandler\b|use server|@(Body|Query|Param)|\b(args|input|entry)\.|\blocation\b|readBody|(Loader|Action)FunctionArgs|\breferrer\b|\b(fastapi|flask|django)\b/;

/** A group that is repeated, in something between slashes: what an exponential regular expression cannot do without. */
const REPEATED = /\/[^/\n]+\)(?:[+*]|\{\d+,)[^\n]*\//;
const RETURNED = /return f?["'`]\s*<|statusCode|destination|[lL]ocation/;
const INDEXED = /\]\s*=[^=]/;
/** `object[name] = …` or `object[list[i]] = …`, the key not a constant. */
const KEYED = /\[\s*[a-zA-Z_$][\w$.]*(\[[^\]\n]+\]|\(\))?(\s+as\s+\w+)?\s*\]\s*=[^=>]/;
const COMPUTED_CALL = /\]\s*\(/;
const TESTED = /\bif\s*\(/;

const EXTERNAL: ReadonlySet<string> = new Set(['request', 'dom', 'message', 'archive', 'unknown']);

const list = (what: string | string[] | undefined): string[] =>
  what === undefined ? [] : typeof what === 'string' ? [what] : what;

function words(clause: Clause): string[] {
  const names = [clause.call, clause.new, clause.tag, clause.set, clause.jsx, clause.prop].flatMap(list);
  return names
    .flatMap(expandBraces)
    .map((name) => lastName(name.startsWith('/') ? name.slice(name.lastIndexOf('/') + 1) : name))
    .map((word) => word.replace(/^.*\//, ''))
    .flatMap((word) => (word === '*' || word === '[]' || word === '' ? [] : [word]));
}

function special(clause: Clause): RegExp | undefined {
  if (clause.regex) return REPEATED;
  if (clause.returns) return RETURNED;
  if (clause.pollution !== undefined) return KEYED;
  if (clause.index) return INDEXED;
  if (clause.test) return TESTED;
  return list(clause.call).some((name) => name.endsWith('[]')) ? COMPUTED_CALL : undefined;
}

export function wakeOf(match: CodeMatch): Wake {
  const clauses = match.find
    .filter((clause) => clause.text === undefined)
    .map((clause) => {
      const all = words(clause);
      const from = clause.from ?? match.from ?? ['request'];
      return {
        rare: all.filter((word) => !COMMON.has(word)),
        common: all.filter((word) => COMMON.has(word)),
        special: special(clause),
        needsSource:
          clause.pollution === undefined && match.category !== undefined && from.every((kind) => EXTERNAL.has(kind)),
      };
    });
  return { clauses, trigger: match.trigger === undefined ? undefined : new RegExp(match.trigger) };
}

/** The names in a text, for many questions about which of them it has. */
export function namesIn(text: string): Set<string> {
  return new Set(text.match(/[A-Za-z_$][\w$-]*/g));
}

/** True when a rule could find something in a file with these names. */
export function wakes({ clauses, trigger }: Wake, names: ReadonlySet<string>, text: string): boolean {
  const awake = clauses.some((clause) => {
    if (clause.rare.some((word) => names.has(word))) return true;
    const common = clause.common.some((word) => names.has(word));
    if (!common && clause.special?.test(text) !== true) return false;
    return !clause.needsSource || SOURCE.test(text);
  });
  return awake && (trigger?.test(text) ?? true);
}
