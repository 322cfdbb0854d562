import { AmbitError } from '../errors/index.ts';

/** One weakness that the experience knows of. */
export interface Weakness {
  cwe: string;
  /** Weaknesses that stand for it: more general or more special ones. */
  like: ReadonlySet<string>;
  /** The criterion that is raised when only the words of a text speak for the weakness. */
  raises: string;
  /** Logarithm of the odds before any word is read. */
  base: number;
  /** What a cue of full certainty adds. */
  cue: number;
}

/**
 * What described apps were tested for, word by word; learnt from labelled texts by `scripts/experience.ts`, which says how.
 * A second reader beside the cues: it knows nothing but which words go with which weakness.
 */
export interface Experience {
  weaknesses: readonly Weakness[];
  /** Stem of a word → what it adds to the odds of each weakness. */
  words: ReadonlyMap<string, readonly number[]>;
  /** Odds from which words alone raise a criterion. */
  raise: number;
  /** Odds below which a criterion that a cue found is left out. */
  drop: number;
}

/** Weights are kept in tenths. */
const TENTH = 0.1;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((one) => Number.isInteger(one));
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

function weaknessOf(value: unknown): Weakness | undefined {
  if (!isRecord(value)) return undefined;
  const { cwe, like, raises, base, cue } = value;
  if (typeof cwe !== 'string' || typeof raises !== 'string' || !isTexts(like)) return undefined;
  if (typeof base !== 'number' || typeof cue !== 'number') return undefined;
  return { cwe, like: new Set([cwe, ...like]), raises, base: base * TENTH, cue: cue * TENTH };
}

/** Reads `experience.json`; anything but what the script writes is an error. */
export function parseExperience(file: string, data: unknown): Experience {
  const wrong = (what: string) =>
    new AmbitError('input.broken', `the experience is not valid: ${what}`, {
      where: file,
      hint: 'written by scripts/experience.ts',
    });
  if (!isRecord(data)) throw wrong('it is no record');
  const { weaknesses: listed, words: given, raise, drop } = data;
  if (!Array.isArray(listed) || !isRecord(given)) throw wrong('`weaknesses` and `words` must be there');
  if (typeof raise !== 'number' || typeof drop !== 'number') throw wrong('`raise` and `drop` must be numbers');
  const weaknesses = listed.map((one, index) => {
    const weakness = weaknessOf(one);
    if (!weakness) throw wrong(`weakness ${index + 1}`);
    return weakness;
  });
  const words = new Map<string, readonly number[]>();
  for (const [stem, weights] of Object.entries(given)) {
    if (!isNumbers(weights) || weights.length !== weaknesses.length) throw wrong(`the weights of \`${stem}\``);
    words.set(
      stem,
      weights.map((one) => one * TENTH),
    );
  }
  return { weaknesses, words, raise: raise * TENTH, drop: drop * TENTH };
}
