import type { Experience } from '../catalog/experience.ts';
import type { Statement } from './statements.ts';

/** What the words of a text say about each weakness of the catalogue's experience, before any cue is looked at. */
export interface Evidence {
  /** Logarithm of the odds, in the order of `Experience.weaknesses`. */
  odds: readonly number[];
  /** Enough was understood to doubt a cue by it. */
  sure: boolean;
  statements: readonly Statement[];
}

/** Longer texts are unlike those that the experience comes from. */
const WORDS_LIMIT = 400;
/** From so many known words on it may speak, and from so many speak against a cue: a sentence, two or three sentences. */
const WORDS_LEAST = 8;
const WORDS_SURE = 16;

const ending = /(?<=[a-z]{3})(?:ing|ed|es|s)$/;

/** A word without its ending: one stem for `stores`, `stored` and `storing`. */
function stemOf(word: string): string {
  if (word.charCodeAt(0) <= 57) return '#';
  const stem = word.replace(ending, '');
  return stem === word && word.length > 3 ? word.replace(/e+$/, '') : stem;
}

/** The different words of a text as the experience lists them; identifiers are taken apart, every number is `#`. */
export function stemsOf(text: string): Set<string> {
  const words = text
    .replaceAll(/(?<=[a-z\d])(?=[A-Z][a-z])|_/g, ' ')
    .toLowerCase()
    .match(/[a-z]+|\d+/g);
  return new Set(words?.map(stemOf));
}

/** Undefined where the experience has nothing to say: hardly a word is known, or the text is a long document. */
export function evidenceOf(list: readonly Statement[], experience: Experience): Evidence | undefined {
  const stems = stemsOf(list.map((one) => one.text).join('\n'));
  const known = [...stems].map((stem) => experience.words.get(stem)).filter((weights) => weights !== undefined);
  if (known.length < WORDS_LEAST || known.length > WORDS_LIMIT) return undefined;
  const scale = 1 / Math.sqrt(known.length);
  const odds = experience.weaknesses.map(
    ({ base }, index) => base + scale * known.reduce((sum, weights) => sum + (weights[index] ?? 0), 0),
  );
  return { odds, sure: known.length >= WORDS_SURE, statements: list };
}

/** The statement whose words speak for a weakness most. */
export function strongest({ statements }: Evidence, experience: Experience, index: number): Statement | undefined {
  let best: { statement: Statement; sum: number } | undefined;
  for (const statement of statements) {
    let sum = 0;
    for (const stem of stemsOf(statement.text)) sum += Math.max(0, experience.words.get(stem)?.[index] ?? 0);
    if (!best || sum > best.sum) best = { statement, sum };
  }
  return best?.statement;
}
