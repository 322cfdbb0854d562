import type { Rule } from '../catalog/rule.ts';
import { type Assignment, assignmentAt, nameAround } from './assignment.ts';
import { base64Prefix, decodeBase64, decodePercent, readToken } from './encoded.ts';
import { type CompiledFilter, compileFilter, type Filter } from './filter.ts';
import { isReference, isSecretValue, isStrongPassword, isUuid } from './judge.ts';
import { compileKeywords, type Keywords } from './keywords.ts';
import { type MatchOf, type PatternMatch, patternMatch } from './match.ts';
import { entropy, wordShare, wordsOf } from './value.ts';

/** A secret in a text: offsets of its value, and of everything that was matched (with the name it is assigned to). */
export interface SecretSpan {
  ruleId: string;
  start: number;
  end: number;
  from: number;
  to: number;
}

export interface FindOptions {
  /** Called once with the index of each extra word that occurs. */
  onExtra?: (index: number) => void;
  /** Of the scanner's `languageOf`; `text` when absent: values may then stand without quotes. */
  language?: string;
  path?: string;
}

export interface Found {
  secrets: SecretSpan[];
  /** Rules that met more places than they may look at (10,000 a file), so that some were not looked at. */
  overflow: string[];
}

/** Secret rules, ready to be asked. Holds no state between calls. */
export interface Detectors {
  /** `text` may be Latin-1 decoded bytes (offsets are then byte offsets) or any string. */
  find(text: string, options?: FindOptions): Found;
  readonly keywords: Keywords;
}

/** Places a rule may look at in one text. */
const PLACES_MAX = 10_000;

interface Source {
  text: string;
  language: string;
  path: string;
}

interface Detector {
  rule: Rule;
  strong: boolean;
  /** Looks at one place where a keyword ended. `from` is where the place before ended: nothing is matched twice. */
  look: (source: Source, start: number, end: number, from: number) => SecretSpan[];
}

type Refuse = (on: Filter['on'], subject: string) => boolean;

function boundary(text: string, start: number, end: number): boolean {
  const word = (char: string | undefined) => char !== undefined && /[A-Za-z0-9]/.test(char);
  if (
    word(text[start]) &&
    word(text[start - 1]) &&
    !/\\[nrtu]$|%[0-9A-F]{2}$|\\u00[0-9a-f]{2}$/i.test(text.slice(Math.max(0, start - 6), start))
  )
    return false;
  return !(word(text[end - 1]) && word(text[end]));
}

function lineAround(text: string, start: number, end: number): string {
  const from = Math.max(text.lastIndexOf('\n', start - 1) + 1, start - 200);
  const stop = text.indexOf('\n', end);
  return text.slice(from, Math.min(stop < 0 ? text.length : stop, end + 200));
}

/** Where a run of signs that may stand in a percent-encoded text, and that ends at `end`, begins; not before `least`. */
function escapedStart(text: string, least: number, end: number): number {
  let start = end;
  while (start > least && /[\w%.~+/=-]/.test(text[start - 1] ?? '')) start -= 1;
  return start;
}

function tokenDetector(rule: Rule, match: MatchOf<'token'>, refuse: Refuse): Detector {
  const regex = new RegExp(match.regex, match.ignoreCase ? 'dgi' : 'dg');
  // Asked first, because most places hold nothing, and to walk over matches costs several times as much.
  const once = new RegExp(match.regex, match.ignoreCase ? 'i' : '');
  const not = (match.not ?? []).map((text) => new RegExp(text, 'i'));
  const near = (match.near ?? []).map((word) => word.toLowerCase());
  const before = match.before ?? 40;
  const after = match.after ?? 240;
  const within = match.within ?? 200;
  const accepts = (source: Source, value: string, from: number, to: number): boolean => {
    if (match.boundary !== 'none' && !boundary(source.text, from, to)) return false;
    if (match.entropy !== undefined && entropy(value) < match.entropy) return false;
    if (not.some((one) => one.test(value)) || refuse('value', value)) return false;
    if (match.decoded && !isDecodable(value, match.decoded, refuse)) return false;
    if (match.judge === 'password' && !isSecretValue(value, { value: 'password', least: 4 })) return false;
    if (near.length === 0) return true;
    const context = source.text.slice(Math.max(0, from - within), to + within).toLowerCase();
    return near.some((word) => context.includes(word));
  };
  const search = (source: Source, text: string, offset: number, whole?: [number, number]): SecretSpan[] => {
    const spans: SecretSpan[] = [];
    for (const found of text.matchAll(regex)) {
      const value = found.groups?.['secret'] ?? found[0];
      const [start, end] = found.indices?.groups?.['secret'] ?? found.indices?.[0] ?? [0, 0];
      const inside = whole ? { text, language: '', path: '' } : source;
      const at = found.indices?.[0] ?? [start, end];
      if (!accepts(inside, value, at[0] + (whole ? 0 : offset), at[1] + (whole ? 0 : offset))) continue;
      const [from, to] = whole ?? [at[0] + offset, at[1] + offset];
      spans.push({ ruleId: rule.id, start: whole?.[0] ?? start + offset, end: whole?.[1] ?? end + offset, from, to });
    }
    return spans;
  };
  const look: Detector['look'] = (source, start, end, from) => {
    const low = Math.max(0, start - before, from);
    const text = source.text.slice(low, end + after);
    const spans = once.test(text) ? search(source, text, low) : [];
    if (spans.length > 0 || !text.includes('%')) return spans;
    const piece = source.text.slice(escapedStart(source.text, Math.max(0, start - before), start), start);
    const rest = /^[\w%.~+/=-]*/.exec(source.text.slice(start, end + after))?.[0] ?? '';
    if (!/%[0-9A-Fa-f]{2}/.test(piece + rest)) return spans;
    const whole: [number, number] = [start - piece.length, start + rest.length];
    return search(source, decodePercent(piece + rest), 0, whole);
  };
  return { rule, strong: true, look };
}

/** Whether base64 holds something worth keeping to oneself; what is no base64 is judged as it stands. */
function isDecodable(value: string, wanted: 'base64' | 'credentials', refuse: Refuse): boolean {
  const plain = /^[\w+/-]+={0,2}$/.test(value) ? decodeBase64(value) : undefined;
  if (wanted === 'base64') return plain === undefined || !(isReference(plain) || refuse('value', plain));
  const password = /^[\x20-\x7e]{1,100}?:([\x20-\x7e]{3,200})$/.exec(plain ?? '')?.[1];
  return password !== undefined && !isReference(password) && !refuse('value', password);
}

/** The base64 form of a token whose start is known: decodes the run round the place and looks inside. */
function encodedDetector(inner: Detector): Detector {
  const look: Detector['look'] = (source, start) => {
    const run = /^[A-Za-z0-9+/_-]{16,12000}={0,2}/.exec(source.text.slice(start, start + 12_010))?.[0];
    const decoded = run === undefined ? undefined : decodeBase64(run);
    if (run === undefined || decoded === undefined) return [];
    const found = inner.look({ text: decoded, language: 'text', path: source.path }, 0, 4, 0);
    const end = start + run.length;
    return found.slice(0, 1).map(() => ({ ruleId: inner.rule.id, start, end, from: start, to: end }));
  };
  return { rule: inner.rule, strong: true, look };
}

function namedDetector(rule: Rule, match: MatchOf<'named'>, refuse: Refuse, refuseName: Refuse): Detector {
  const regex = new RegExp(`^(?:${match.regex})$`, match.ignoreCase ? 'i' : '');
  const not = (match.not ?? []).map((text) => new RegExp(text, 'i'));
  const look: Detector['look'] = (source, start, end) => {
    // `Acme API key: x`: up to three words may stand between the vendor's name and the operator.
    const gap = /^(?:[ \t_.-]?[A-Za-z]{2,12}){0,3}/.exec(source.text.slice(end, end + 44))?.[0].length ?? 0;
    const found =
      assignmentAt(source.text, start, end, source.language) ??
      (gap > 0 ? assignmentAt(source.text, start, end + gap, source.language) : undefined);
    if (!found) return [];
    const value = source.text.slice(found.start, found.end);
    if (!regex.test(value) || refuse('value', value) || not.some((one) => one.test(value))) return [];
    if (match.entropy !== undefined && entropy(value) < match.entropy) return [];
    if (wordShare(value) > 0.5) return [];
    if (refuse('path', source.path)) return [];
    if (refuseName('name', source.text.slice(found.nameStart, found.nameEnd))) return [];
    return [{ ruleId: rule.id, start: found.start, end: found.end, from: found.nameStart, to: found.end }];
  };
  return { rule, strong: true, look };
}

const isLower = (code: number) => code >= 97 && code <= 122;
const isUpper = (code: number) => code >= 65 && code <= 90;

/**
 * What may stand behind the telling word of a name: nothing, digits, or words that a filter does not refuse. The signs next
 * to the word mostly say that it is the middle of another; only where they do not is the name itself looked for.
 */
function nameEnds(text: string, start: number, end: number, whole: boolean): boolean {
  const next = end < text.length ? text.charCodeAt(end) : 0;
  const last = text.charCodeAt(end - 1);
  const isPlural = next === 115;
  const goesOn = isLower(next) && (isLower(last) || isUpper(last));
  if (goesOn && !isPlural) return false;
  if (whole) {
    if (isUpper(last) && isUpper(next)) return false;
    const before = start > 0 ? text.charCodeAt(start - 1) : 0;
    if (isUpper(before) || (isLower(before) && !isUpper(text.charCodeAt(start)))) return false;
  }
  return !goesOn || nameAround(text, start, end).nameEnd === end + 1;
}

/** Names whose value is a secret even when it is only a UUID. */
const sureName = /api|auth|access|secret|passw|bearer|license|private/i;

/** How far from a name a word may stand that says what the name is about. */
const NEAR = 160;

/** `${NAME:-value}` and `${name:value}`: the value is what stands where nothing else was set. `\"x\"` is `x`. */
function defaultOf(text: string, found: Assignment): void {
  if (/^\\".*\\"$/.test(text.slice(found.start, found.end))) {
    found.start += 2;
    found.end -= 2;
  }
  const inner = /^\$\{[\w.-]{1,80}:-?([^{}$]+)\}$/.exec(text.slice(found.start, found.end))?.[1];
  if (inner === undefined) return;
  found.end -= 1;
  found.start = found.end - inner.length;
}

function assignmentDetector(rule: Rule, match: MatchOf<'assignment'>, refuse: Refuse): Detector {
  const whole = new Set((match.words ?? []).map((word) => word.toLowerCase()));
  const near = match.near && new RegExp(match.near.join('|'), 'i');
  const look: Detector['look'] = (source, start, end) => {
    const { text } = source;
    const word = text.slice(start, end).toLowerCase();
    // The cheapest look first: most places are the middle of another word.
    if (!nameEnds(text, start, end, whole.has(word))) return [];
    const found = assignmentAt(text, start, end, source.language);
    if (!found) return [];
    defaultOf(text, found);
    const value = text.slice(found.start, found.end);
    if (value.length < match.least || value.length > 400) return [];
    // `Pass 'a1'` is prose as often as an order: a space binds only names that can be nothing else.
    if (whole.has(word) && !bindsWord(text, found)) return [];
    if (found.operator === 'prose' && (match.value !== 'password' || !isStrongPassword(value))) return [];
    if (near && !near.test(text.slice(Math.max(0, found.nameStart - NEAR), found.end + NEAR))) return [];
    const name = text.slice(found.nameStart, found.nameEnd);
    const tail = wordsOf(text.slice(end, found.nameEnd)).at(-1) ?? '';
    if (refuse('tail', tail) || refuse('name', name)) return [];
    const uuid = match.value !== 'salt' && isUuid(value) && sureName.test(name);
    if (!(uuid || isSecretValue(value, match)) || refuse('value', value) || repeatsName(name, value)) return [];
    if (standsInEncoded(value, refuse)) return [];
    if (refuse('line', lineAround(text, found.nameStart, found.end)) || refuse('path', source.path)) return [];
    return [{ ruleId: rule.id, start: found.start, end: found.end, from: found.nameStart, to: found.end }];
  };
  return { rule, strong: false, look };
}

/** `#define WIFI_PASS "x"` binds as an assignment does; `Pass "x"` and `pass("x")` do not. */
function bindsWord(text: string, { operator, nameStart }: Assignment): boolean {
  if (operator === 'call') return false;
  return operator !== 'space' || /#define[ \t]+$/.test(text.slice(Math.max(0, nameStart - 12), nameStart));
}

/** Base64 of `changeme` is no better than `changeme`. */
function standsInEncoded(value: string, refuse: Refuse): boolean {
  if (value.length % 4 !== 0 || !/^[\w+/-]{4,88}={0,2}$/.test(value)) return false;
  const plain = decodeBase64(value) ?? '';
  return /^[\x20-\x7e]{3,}$/.test(plain) && (refuse('value', plain) || (/\s/.test(plain) && wordShare(plain) > 0.5));
}

/** `password = "myPassword1"`: the value says its own name, so it is a label or a stand-in. */
function repeatsName(name: string, value: string): boolean {
  const words = wordsOf(value);
  const joined = words.join('');
  return (
    joined.length >= 4 &&
    (name
      .toLowerCase()
      .replaceAll(/[^a-z]/g, '')
      .endsWith(joined) ||
      name === value)
  );
}

function jwtDetector(rule: Rule, match: MatchOf<'jwt'>, refuse: Refuse): Detector {
  const look: Detector['look'] = (source, start) => {
    const form = /^eyJ[\w-]{8,2000}\.eyJ[\w-]{8,6000}\.[\w-]{0,2000}/;
    const run = form.exec(source.text.slice(start, start + 10_100))?.[0];
    if (run === undefined || !boundary(source.text, start, start + run.length)) return [];
    const token = readToken(run);
    if (!token || refuse('value', run)) return [];
    const claims = Object.entries(match.claims ?? {});
    if (claims.some(([key, value]) => token.payload[key] !== value)) return [];
    const end = start + run.length;
    return [{ ruleId: rule.id, start, end, from: start, to: end }];
  };
  return { rule, strong: true, look };
}

function detectorOf(rule: Rule, match: PatternMatch, refuseFor: (strong: boolean) => Refuse): Detector {
  const refuse = refuseFor(match.kind !== 'assignment' && !('judge' in match));
  if (match.kind === 'token') return tokenDetector(rule, match, refuse);
  if (match.kind === 'named') return namedDetector(rule, match, refuse, refuseFor(false));
  if (match.kind === 'assignment') return assignmentDetector(rule, match, refuse);
  return jwtDetector(rule, match, refuse);
}

/** `api key` stands for `apikey`, `api_key`, `api-key`, `api.key` and `api key`. */
function spellings(name: string): string[] {
  return name.includes(' ') ? ['', '_', '-', '.', ' '].map((by) => name.replaceAll(' ', by)) : [name];
}

function keywordsOf(rule: Rule, match: PatternMatch): string[] {
  if (match.kind === 'jwt') return ['eyj'];
  if (match.kind === 'assignment') return [...match.names.flatMap(spellings), ...(match.words ?? [])];
  return (rule.keywords ?? []).flatMap((word) => (match.kind === 'named' ? spellings(word) : [word]));
}

function refuser(filters: readonly CompiledFilter[]): (strong: boolean) => Refuse {
  return (strong) => (on, subject) =>
    filters.some(
      (filter) => filter.on === on && !(strong && filter.generic && on !== 'path') && filter.refuses(subject),
    );
}

interface Claim {
  span: SecretSpan;
  /** Smaller wins where two rules claim the same text. */
  rank: number;
}

/** A rule that knows the form beats one that only knows the name; then the surer one, then the one listed first. */
function rankOf(detector: Detector, order: number): number {
  const doubt = { high: 0, medium: 1, low: 2 }[detector.rule.confidence];
  return ((detector.strong ? 0 : 3) + doubt) * 100_000 + order;
}

function withoutOverlaps(found: Claim[]): SecretSpan[] {
  found.sort((a, b) => a.rank - b.rank || a.span.start - b.span.start);
  const kept: SecretSpan[] = [];
  const taken: SecretSpan[][] = [];
  const cell = (offset: number) => offset >> 9;
  for (const { span } of found) {
    let free = true;
    for (let i = cell(span.start); i <= cell(span.end) && free; i += 1)
      free = !(taken[i] ?? []).some((other) => span.start < other.end && other.start < span.end);
    if (!free) continue;
    kept.push(span);
    for (let i = cell(span.start); i <= cell(span.end); i += 1) {
      taken[i] ??= [];
      taken[i]?.push(span);
    }
  }
  return kept.sort((a, b) => a.start - b.start);
}

interface Compiled {
  detectors: Detector[];
  words: string[];
  byWord: number[][];
}

function compile(rules: readonly Rule[], filters: readonly Filter[]): Compiled {
  const refuse = refuser(filters.map(compileFilter));
  const out: Compiled = { detectors: [], words: [], byWord: [] };
  const index = new Map<string, number>();
  const listen = (word: string, detector: number) => {
    const key = word.toLowerCase();
    const at = index.get(key) ?? out.words.push(key) - 1;
    index.set(key, at);
    out.byWord[at] ??= [];
    out.byWord[at]?.push(detector);
  };
  for (const rule of rules) {
    if (rule.engine !== 'pattern') continue;
    const match = patternMatch.parse(rule.match);
    const detector = detectorOf(rule, match, refuse);
    const at = out.detectors.push(detector) - 1;
    for (const word of new Set(keywordsOf(rule, match))) listen(word, at);
    if (match.kind !== 'token' || !match.encoded) continue;
    const encoded = out.detectors.push(encodedDetector(detector)) - 1;
    for (const prefix of match.encoded) listen(base64Prefix(prefix), encoded);
  }
  return out;
}

/** What one look remembers of each detector: how many places it was shown, and the end of what it found last. */
interface Ledger {
  shown: Uint32Array;
  behind: Uint32Array;
  /** Detectors of which there is something to remember. */
  touched: number[];
}

/**
 * Compiles the rules of the pattern engine; others are left out. `extra` words are looked for in the same pass and
 * reported through `onExtra`, so that other engines need no pass of their own.
 */
export function compileDetectors(
  rules: readonly Rule[],
  filters: readonly Filter[] = [],
  extra: readonly string[] = [],
): Detectors {
  const { detectors, words, byWord } = compile(rules, filters);
  const own = words.length;
  const keywords = compileKeywords([...words, ...extra]);
  // Room for it costs more than a look at a short text: one that is clean is kept. A look that throws leaves none behind.
  let free: Ledger | undefined;
  const takeLedger = (): Ledger => {
    const ledger = free ?? {
      shown: new Uint32Array(detectors.length),
      behind: new Uint32Array(detectors.length),
      touched: [],
    };
    free = undefined;
    return ledger;
  };
  const find = (text: string, options: FindOptions = {}): Found => {
    const source: Source = { text, language: options.language ?? 'text', path: options.path ?? '' };
    const found: Claim[] = [];
    const seen = extra.length > 0 ? new Uint8Array(extra.length) : undefined;
    const { shown, behind, touched } = takeLedger();
    const overflow = new Set<string>();
    keywords.scan(text, (word, end) => {
      if (word >= own) {
        if (seen?.[word - own] === 0) options.onExtra?.(word - own);
        if (seen) seen[word - own] = 1;
        return;
      }
      const start = end - (words[word]?.length ?? 0);
      const listening = byWord[word] ?? [];
      for (let i = 0; i < listening.length; i += 1) {
        const order = listening[i] as number;
        const detector = detectors[order] as Detector;
        const count = (shown[order] as number) + 1;
        if (count === 1) touched.push(order);
        shown[order] = count;
        if (count > PLACES_MAX) {
          overflow.add(detector.rule.id);
          continue;
        }
        const from = behind[order] as number;
        const spans = detector.look(source, start, end, from);
        if (spans.length === 0) continue;
        for (const span of spans) {
          behind[order] = Math.max(behind[order] as number, span.to);
          found.push({ span, rank: rankOf(detector, order) });
        }
      }
    });
    for (const order of touched) shown[order] = behind[order] = 0;
    free = { shown, behind, touched: [] };
    return { secrets: withoutOverlaps(found), overflow: [...overflow] };
  };
  return { find, keywords };
}
