import type { Criterion } from '../catalog/criterion.ts';

/** A sentence that a document already holds, with its id (`2.3`) or line. */
export interface Said {
  id: string;
  text: string;
}

/**
 * The sentence that already says what a criterion asks, by the meaning of its key terms: every pattern of `said` is found
 * in it. A criterion of another polarity («need not encrypt») does not count.
 */
export function coveredBy(criterion: Criterion, sentences: readonly Said[]): Said | undefined {
  const terms = criterion.said.map((source) => new RegExp(source, 'iu'));
  return sentences.find((sentence) => terms.every((term) => term.test(sentence.text)) && !waived.test(sentence.text));
}

const waived = /\b(need not|not required to|out of scope|no need to|may skip|without (any )?(check|validation))\b/iu;
