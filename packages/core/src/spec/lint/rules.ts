import { AmbitError } from '../../errors/index.ts';
import type { Severity } from '../types.ts';

/** One rule as its data says it; the engine knows rules only by id and message name. */
export interface LintRule {
  id: string;
  name: string;
  title: string;
  /** `en` rules read English words and keep silent in other languages. */
  language: 'any' | 'en';
  why: string;
  repair: string;
  words: Readonly<Record<string, readonly string[]>>;
  /** Word → pattern around it in which it is harmless. */
  not: Readonly<Record<string, string>>;
  messages: Readonly<Record<string, { severity: Severity; text: string }>>;
  samples?: { match: readonly LintSample[]; 'no-match': readonly LintSample[] };
}

/** A criterion or a requirements document as text, or the documents of one spec. */
export type LintSample = string | Readonly<Record<string, unknown>>;

/** The rules with their word lists made ready; build once with `parseLintRules`. */
export interface LintRules {
  list: readonly LintRule[];
  get: (id: string) => LintRule;
  /** Places where a word or phrase of a list stands, the longest at each place. */
  find: (id: string, list: string, tokens: readonly Token[]) => { word: string; index: number }[];
  some: (id: string, list: string, tokens: readonly Token[]) => boolean;
  /** The lists, as `id list`, that have a phrase beginning with one of these words: only they can be found. */
  touched: (tokens: readonly Token[]) => { has: (key: string) => boolean };
  /** First words of a list's phrases; of a list of single words, the words. */
  firsts: (id: string, list: string) => { has: (word: string) => boolean };
  /** Is the word harmless at this place. */
  harmless: (id: string, word: string, text: string, at: number) => boolean;
}

const fields = new Set(['id', 'name', 'title', 'language', 'why', 'repair', 'words', 'messages', 'samples']);
const severities: ReadonlySet<string> = new Set(['error', 'warning', 'info']);

function broken(where: string, what: string): AmbitError {
  return new AmbitError('input.broken', `the lint rule is not valid: ${what}`, { where, hint: 'see catalog/lint' });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function text(entry: Record<string, unknown>, field: string, where: string): string {
  const value = entry[field];
  if (typeof value !== 'string' || value === '') throw broken(where, `\`${field}\` must be text`);
  return value;
}

function messagesOf(value: unknown, where: string): LintRule['messages'] {
  if (!isRecord(value) || Object.keys(value).length === 0) throw broken(where, '`messages` must be there');
  return Object.fromEntries(
    Object.entries(value).map(([name, message]) => {
      const valid =
        isRecord(message) && severities.has(String(message['severity'])) && typeof message['text'] === 'string';
      if (!valid || Object.keys(message).length !== 2)
        throw broken(where, `message \`${name}\` needs severity and text`);
      return [name, { severity: message['severity'] as Severity, text: message['text'] as string }];
    }),
  );
}

function wordsOf(value: unknown, where: string): Pick<LintRule, 'words' | 'not'> {
  if (value === undefined) return { words: {}, not: {} };
  if (!isRecord(value)) throw broken(where, '`words` must be lists by name');
  const { not = {}, ...lists } = value;
  for (const [name, list] of Object.entries(lists))
    if (!Array.isArray(list) || !list.every((word) => typeof word === 'string'))
      throw broken(where, `words \`${name}\` must be a list of text`);
  if (!isRecord(not) || !Object.values(not).every((pattern) => typeof pattern === 'string'))
    throw broken(where, '`not` must map words to patterns');
  return { words: lists as Record<string, string[]>, not: not as Record<string, string> };
}

function ruleOf(entry: unknown, file: string): LintRule {
  if (!isRecord(entry)) throw broken(file, 'a rule is a record');
  const where = `${file} ${String(entry['id'])}`;
  const unknown = Object.keys(entry).filter((field) => !fields.has(field));
  if (unknown.length > 0) throw broken(where, `unknown field \`${unknown.join('`, `')}\``);
  const id = text(entry, 'id', where);
  if (!/^[A-Z]\d+$/.test(id)) throw broken(where, '`id` is a letter and a number');
  const language = entry['language'];
  if (language !== 'any' && language !== 'en') throw broken(where, '`language` is any or en');
  return {
    id,
    name: text(entry, 'name', where),
    title: text(entry, 'title', where),
    language,
    why: text(entry, 'why', where),
    repair: text(entry, 'repair', where),
    ...wordsOf(entry['words'], where),
    messages: messagesOf(entry['messages'], where),
    ...(isRecord(entry['samples']) ? { samples: entry['samples'] as unknown as NonNullable<LintRule['samples']> } : {}),
  };
}

/** A word of a text in lower case, with its place. */
export interface Token {
  word: string;
  index: number;
  end: number;
}

/** Words with inner hyphens, slashes and apostrophes whole: `user-friendly`, `and/or`. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const lower = text.toLowerCase();
  // A letter whose lower case is longer would shift every place behind it.
  const source = lower.length === text.length ? lower : text;
  let start = -1;
  for (let i = 0; i <= source.length; i++) {
    const kind = i < source.length ? kindOf(source.charCodeAt(i)) : 0;
    if (start < 0) {
      if (kind === 2) start = i;
    } else if (kind === 0) {
      const word = source.slice(start, i);
      tokens.push({ word: source === lower ? word : word.toLowerCase(), index: start, end: i });
      start = -1;
    }
  }
  return tokens;
}

/** 2: begins a word or goes on in it (letters, digits, `_`, `'`); 1: only goes on (`/`, `-`); 0: neither. */
function kindOf(code: number): 0 | 1 | 2 {
  if (code >= 128) return 0;
  const letter = (code | 32) >= 97 && (code | 32) <= 122;
  if (letter || (code >= 48 && code <= 57) || code === 95 || code === 39) return 2;
  return code === 47 || code === 45 ? 1 : 0;
}

/** Phrases by their first word, longest first. */
type Phrases = ReadonlyMap<string, readonly (readonly string[])[]>;

function phrasesOf(words: readonly string[]): Phrases {
  const found = new Map<string, string[][]>();
  for (const entry of words) {
    const phrase = tokensOf(entry).map((token) => token.word);
    const first = phrase[0] ?? '';
    found.set(
      first,
      [...(found.get(first) ?? []), phrase].sort((a, b) => b.length - a.length),
    );
  }
  return found;
}

function findPhrases(phrases: Phrases, text: readonly Token[]): { word: string; index: number }[] {
  const found: { word: string; index: number }[] = [];
  for (let i = 0; i < text.length; i++) {
    const token = text[i] as Token;
    const phrase = phrases.get(token.word)?.find((words) => words.every((word, k) => text[i + k]?.word === word));
    if (!phrase) continue;
    found.push({ word: phrase.join(' '), index: token.index });
    i += phrase.length - 1;
  }
  return found;
}

/** First word of a phrase → the lists it opens, one bit each. */
interface Openings {
  words: ReadonlyMap<string, number>;
  lists: ReadonlyMap<string, number>;
}

/** The lists that every criterion is searched for; the others are asked for rarely, or word by word. */
const searched: ReadonlySet<string> = new Set([
  'E4 vague',
  'E5 escape',
  'E5 open',
  'E6 verbs',
  'E7 loose',
  'E7 repeated',
]);

function openingsOf(rules: readonly LintRule[], phrases: (id: string, list: string) => Phrases): Openings {
  const words = new Map<string, number>();
  const lists = new Map<string, number>();
  for (const rule of rules)
    for (const list of Object.keys(rule.words)) {
      const key = `${rule.id} ${list}`;
      if (!searched.has(key)) continue;
      const bit = 1 << lists.size;
      lists.set(key, bit);
      for (const first of phrases(rule.id, list).keys()) words.set(first, (words.get(first) ?? 0) | bit);
    }
  return { words, lists };
}

/** Reads the files of `catalog/lint`; unknown fields and doubled ids are errors. */
export function parseLintRules(files: readonly { file: string; data: unknown }[]): LintRules {
  const rules = new Map<string, LintRule>();
  for (const { file, data } of files) {
    if (!isRecord(data) || !Array.isArray(data['rules'])) throw broken(file, '`rules` must be a list');
    for (const entry of data['rules']) {
      const rule = ruleOf(entry, file);
      if (rules.has(rule.id)) throw broken(file, `the id \`${rule.id}\` is used twice`);
      rules.set(rule.id, rule);
    }
  }
  const patterns = new Map<string, RegExp>();
  const memo = (key: string, make: () => RegExp) => {
    const found = patterns.get(key) ?? make();
    patterns.set(key, found);
    return found;
  };
  const ready = new Map<string, Phrases>();
  const phrases = (id: string, list: string) => {
    const key = `${id} ${list}`;
    const found = ready.get(key) ?? phrasesOf(get(id).words[list] ?? []);
    ready.set(key, found);
    return found;
  };
  const get = (id: string) => {
    const rule = rules.get(id);
    if (!rule) throw broken('catalog/lint', `rule \`${id}\` is missing`);
    return rule;
  };
  let openings: Openings | undefined;
  const touched = (tokens: readonly Token[]) => {
    openings ??= openingsOf([...rules.values()], (id, list) => phrases(id, list));
    const { words, lists } = openings;
    let found = 0;
    for (const token of tokens) found |= words.get(token.word) ?? 0;
    return { has: (key: string) => (found & (lists.get(key) ?? 0)) !== 0 };
  };
  return {
    list: [...rules.values()],
    get,
    touched,
    find: (id, list, tokens) => findPhrases(phrases(id, list), tokens),
    some: (id, list, tokens) => {
      const known = phrases(id, list);
      return tokens.some((token, i) =>
        known.get(token.word)?.some((words) => words.every((word, k) => tokens[i + k]?.word === word)),
      );
    },
    firsts: phrases,
    harmless: (id, word, sentence, at) => {
      const pattern = get(id).not[word.toLowerCase()];
      if (!pattern) return false;
      const around = memo(`${id} not ${word.toLowerCase()}`, () => new RegExp(pattern, 'i'));
      const from = Math.max(0, at - 30);
      return around.test(`${sentence.slice(from, at)}§${sentence.slice(at + word.length, at + word.length + 40)}`);
    },
  };
}
