import type { CompiledCapability, CompiledCue, CriteriaCatalog } from '../catalog/criterion.ts';
import { type Evidence, evidenceOf } from './experience.ts';
import { type Statement, statements } from './statements.ts';

/** The words of the text that made a capability show, and the line they stand on. */
export interface Cue {
  quote: string;
  line: number;
  /** Only where several files were read. */
  file?: string;
}

export interface Detected {
  capability: CompiledCapability;
  /** 0 to 1: how sure the text is about it. */
  relevance: number;
  cue: Cue;
  /** The capability that brought it, when the text does not name it itself. */
  impliedBy?: string;
}

export interface Detection {
  capabilities: Detected[];
  /** Contexts that hold, see `needs` of a criterion. */
  contexts: { has: (id: string) => boolean };
  /** What the words say beside the cues; for a text of its own, not for a list of packages. */
  evidence?: Evidence | undefined;
}

/** What an implied capability keeps of the certainty of the one that brings it. */
const IMPLIED = 0.8;
const REPEATED = 0.06;
const QUOTE_LIMIT = 160;

export function quoteOf(text: string, at: number): string {
  if (text.length <= QUOTE_LIMIT) return text;
  const start = Math.max(0, at - 60);
  return text.slice(start, start + QUOTE_LIMIT).trim();
}

interface Hit {
  weight: number;
  cue: Cue;
}

/** What stands before words that say what the app does without: `no login`, `without an account`. */
const denied =
  /\b(?:no|without|never|instead of|excluding|doesn't need|does not need)\s+(?:any |an? |the |user |need for )*$/iu;

/** A statement as the patterns read it: in lower case, and again with its identifiers taken apart. */
interface Read {
  statement: Statement;
  lower: string;
  /** `imageUrl` and `image_url` as `image url`; only where there are such words. */
  apart?: string;
}

const identifier = /(?<=[a-z\d])(?=[A-Z][a-z])|(?<=[a-zA-Z\d])_(?=[a-zA-Z\d])/g;

function readOf(statement: Statement): Read {
  const { text } = statement;
  const apart = text.replaceAll(identifier, ' ');
  const lower = text.toLowerCase();
  return apart === text ? { statement, lower } : { statement, lower, apart: apart.toLowerCase() };
}

const found = (pattern: RegExp, { lower, apart }: Read) =>
  pattern.exec(lower) ?? (apart === undefined ? null : pattern.exec(apart));

/** All statements at once, for the question whether a pattern is worth trying on each. */
interface Whole {
  list: readonly Read[];
  text: string;
}

/**
 * From this length V8 compiles a pattern once, to machine code; below it compiles to byte code at the first try and again at
 * the second. Most patterns are tried on the whole only, so a shorter text is filled up: detection takes a third of the time.
 */
const COMPILED_ONCE = 1_024;

function wholeOf(list: readonly Read[]): Whole {
  const text = list.flatMap(({ lower, apart }) => (apart === undefined ? [lower] : [lower, apart])).join('\n');
  return { list, text: text.padEnd(COMPILED_ONCE, '\n') };
}

function hitsOf(cue: CompiledCue, { list, text: whole }: Whole): Hit[] {
  const hits: Hit[] = [];
  if (!cue.match.test(whole)) return hits;
  for (const read of list) {
    const match = found(cue.match, read);
    if (!match || denied.test(match.input.slice(0, match.index)) || (cue.not && found(cue.not, read))) continue;
    const { text, line, quote, file } = read.statement;
    hits.push({
      weight: cue.weight,
      cue: {
        quote: quote === undefined ? quoteOf(text, match.index) : quote.slice(0, QUOTE_LIMIT),
        line,
        ...(file === undefined ? {} : { file }),
      },
    });
    if (hits.length === 3) break;
  }
  return hits;
}

function direct(catalog: CriteriaCatalog, whole: Whole): Map<string, Detected> {
  const capabilities = new Map<string, Detected>();
  for (const capability of catalog.capabilities) {
    const hits = capability.compiled.flatMap((cue) => hitsOf(cue, whole));
    const best = hits.reduce<Hit | undefined>((top, hit) => (top && top.weight >= hit.weight ? top : hit), undefined);
    if (!best) continue;
    const relevance = Math.min(1, best.weight / 3.4 + REPEATED * (hits.length - 1));
    capabilities.set(capability.id, { capability, relevance, cue: best.cue });
  }
  return capabilities;
}

function addImplied(catalog: CriteriaCatalog, found: Map<string, Detected>): void {
  const byId = new Map(catalog.capabilities.map((entry) => [entry.id, entry]));
  const queue = [...found.values()];
  for (let entry = queue.shift(); entry; entry = queue.shift()) {
    for (const id of entry.capability.implies ?? []) {
      const capability = byId.get(id);
      const relevance = entry.relevance * IMPLIED;
      const known = found.get(id);
      if (!capability || (known && known.relevance >= relevance)) continue;
      const next: Detected = known
        ? { ...known, relevance }
        : { capability, relevance, cue: entry.cue, impliedBy: entry.capability.id };
      found.set(id, next);
      queue.push(next);
    }
  }
}

/** Contexts of a text; the words of all statements count together. Each is looked for when a criterion asks for it. */
function contextsOf(catalog: CriteriaCatalog, { list, text }: Whole): Detection['contexts'] {
  const holds = (patterns: readonly RegExp[]) =>
    patterns.some((pattern) => pattern.test(text) && list.some((read) => found(pattern, read) !== null));
  const known = new Map<string, boolean>();
  const has = (id: string) => {
    const context = catalog.contexts.find((one) => one.id === id);
    if (!context) return false;
    const answer = known.get(id) ?? (holds(context.match) || (context.otherwise && !holds(context.absent)));
    known.set(id, answer);
    return answer;
  };
  return { has };
}

/** The statement, and for words of another language what they mean, quoted as the statement itself. */
function withMeaning(statement: Statement, catalog: CriteriaCatalog): Statement[] {
  if (/^[\x20-\x7e]*$/.test(statement.text) && /\b(?:the|and|can|with|to|for|of|are)\b/i.test(statement.text))
    return [statement];
  const lower = statement.text.toLowerCase();
  const means = catalog.aliases.filter((alias) => alias.match.test(lower)).map((alias) => alias.means);
  return means.length === 0
    ? [statement]
    : [statement, { text: means.join(', '), line: statement.line, quote: statement.text }];
}

/** What statements imply that were already split; see `detect`. */
export function detectStatements(list: readonly Statement[], catalog: CriteriaCatalog): Detection {
  const whole = wholeOf(list.map(readOf));
  const detected = direct(catalog, whole);
  addImplied(catalog, detected);
  const capabilities = [...detected.values()].sort(
    (a, b) => b.relevance - a.relevance || a.capability.id.localeCompare(b.capability.id),
  );
  return { capabilities, contexts: contextsOf(catalog, whole) };
}

/** Which capabilities of an app a text implies, each with the words that say so. Pure; reads the first 256 KiB. */
export function detect(text: string, catalog: CriteriaCatalog): Detection {
  const list = statements(text);
  const detection = detectStatements(
    list.flatMap((one) => withMeaning(one, catalog)),
    catalog,
  );
  const evidence = catalog.experience && evidenceOf(list, catalog.experience);
  return evidence ? { ...detection, evidence } : detection;
}
