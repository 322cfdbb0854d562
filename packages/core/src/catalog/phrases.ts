/** Named words that the cues of many capabilities share; `vocabulary.yaml`. */
export interface Vocabulary {
  /** Each also in the plural. */
  nouns: Record<string, string[]>;
  /** Each also in its other forms; of several words the first one changes. */
  verbs: Record<string, string[]>;
}

/** Name of a group of words and the pattern that matches any of them in any form. */
export type Words = ReadonlyMap<string, string>;

const quoted = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** One blank of an entry also matches a hyphen or nothing: `web site`, `web-site`, `website`. */
const spaced = (text: string) => quoted(text).replaceAll(' ', '[ -]?');

function noun(entry: string): string {
  if (/[^aeiou]y$/.test(entry)) return `${spaced(entry.slice(0, -1))}(?:y|ies)`;
  return `${spaced(entry)}${/(?:s|x|z|ch|sh)$/.test(entry) ? '(?:es)?' : 's?'}`;
}

/** Regular forms; the doubled consonant (`cropped`) is allowed wherever it could be. */
function form(verb: string): string {
  const stem = quoted(verb.slice(0, -1));
  if (/[^e]e$/.test(verb)) return `${stem}(?:e[sd]?|ing)`;
  if (/[^aeiou]y$/.test(verb)) return `${stem}(?:y|ies|ied|ying)`;
  const last = verb.slice(-1);
  const doubled = /[aeiou][bdgklmnprt]$/.test(verb) ? `${last}?` : '';
  return `${quoted(verb)}(?:e?s|${doubled}ed|${doubled}ing)?`;
}

function verb(entry: string): string {
  const [first = '', ...rest] = entry.split(' ');
  const forms = first.includes('/') ? `(?:${first.split('/').map(quoted).join('|')})` : form(first);
  return rest.length === 0 ? forms : `${forms}[ -]${rest.map(quoted).join(' ')}`;
}

/** Compiles the groups of a vocabulary; a name may stand once, as nouns or as verbs. */
export function wordsOf(vocabulary: Vocabulary): Words {
  const groups = new Map<string, string>();
  const add = (lists: Record<string, string[]>, inflect: (entry: string) => string) => {
    for (const [name, entries] of Object.entries(lists)) groups.set(name, `(?:${entries.map(inflect).join('|')})`);
  };
  add(vocabulary.nouns, noun);
  add(vocabulary.verbs, verb);
  return groups;
}

/** How far apart the parts of a phrase may stand, in characters of one clause. */
const GAP = String.raw`\b[^.;]{0,48}?\b`;

/** Source of a pattern without capitals: cues are tried on lower-case text, which costs half of what the flag `i` does. */
export function lowerCase(pattern: string): string {
  if (!/[A-Z]/.test(pattern)) return pattern;
  return pattern.replaceAll(/\\p\{[^}]*\}|\\.|[A-Z]/giu, (part) => (part.length === 1 ? part.toLowerCase() : part));
}

/**
 * The regular expression of a pattern. `<files>` stands for a group of words, ` .. ` for a few words of the same clause; a
 * list is any of its phrases, each as whole words, where `_` and `/` end a word. Throws a `RangeError` that names an unknown
 * group.
 */
export function patternOf(source: string | readonly string[], words: Words): string {
  if (typeof source === 'string') return expand(source, words);
  const phrases = source.map((phrase) => {
    const before = startsWithMark.test(phrase) ? '' : String.raw`(?<![a-z\d])`;
    const after = endsWithMark.test(phrase) ? '' : String.raw`(?![a-z\d])`;
    return { before, after, text: expand(phrase, words) };
  });
  const plain = phrases.filter(({ before, after }) => before !== '' && after !== '').map(({ text }) => text);
  const marked = phrases.filter(({ before, after }) => before === '' || after === '');
  return [
    ...(plain.length > 0 ? [String.raw`(?<![a-z\d])(?:${plain.join('|')})(?![a-z\d])`] : []),
    ...marked.map(({ before, after, text }) => `${before}(?:${text})${after}`),
  ].join('|');
}

/** A phrase such as `/login` begins no word, one such as `file=` ends none: what stands beside them does not matter. */
const startsWithMark = /^\[?[/.#?&`'"-]/;
const endsWithMark = /[/=:`'"]$/;

function expand(phrase: string, words: Words): string {
  return phrase
    .replaceAll(' .. ', () => GAP)
    .replaceAll(/(?<!\?)<([a-z-]+)>/g, (_, name: string) => {
      const group = words.get(name);
      if (group === undefined) throw new RangeError(`<${name}> is no group of words`);
      return group;
    });
}
