import { type Criterion, criterionText } from '../catalog/criterion.ts';

/** A sentence that a document already holds, with its id (`2.3`) or line. */
export interface Said {
  id: string;
  text: string;
}

/** Of the words that carry a criterion's meaning, this share must be found beside its key terms. */
const SHARE = 0.15;
/** One key term says little, so more of the meaning must be found beside it. */
const SHARE_OF_ONE_TERM = 0.5;
/** So much of the wording is the same sentence, whatever its key terms. */
const SAME_SENTENCE = 0.75;

const waived =
  /\b(need not|not required|out of scope|no need|may skip|not needed|without (any )?(checks?|validation))\b/iu;
/** What a criterion that refuses asks of a sentence that is to say the same. */
const refusal =
  /\b(refus\w*|reject\w*|den(y|ies|ied)|block\w*|lock\w*|4\d\d|errors?|not found|limit\w*|bound\w*|prevent\w*|only|at most|no more|cap\w*|exceed\w*|never|not|forbid\w*|ignore\w*|disallow\w*|invalid|expire\w*|require\w*|protect\w*|fail\w*|stop\w*|end(s|ed)?|delay\w*|throttl\w*|missing|unknown)\b/iu;
const refuses =
  /\b(refuse|answer (?:further attempts with )?4\d\d|answer as for|answer with 4\d\d|stop|deny|reject)\b/iu;
const empty = new Set(
  'system shall when then where while with that this from have been being which each every only other than more most least into onto over under within answer request give given make made named than them they their does will must should after before'.split(
    ' ',
  ),
);

/** Crude stems: enough to join `hashes` with `hashed` and `expiry` with `expires`. */
function stems(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\d]{3,}/gu) ?? [];
  return new Set(words.filter((word) => !empty.has(word)).map((word) => word.slice(0, 5)));
}

function shareOf(meaning: ReadonlySet<string>, sentence: ReadonlySet<string>): number {
  let found = 0;
  for (const stem of meaning) if (sentence.has(stem)) found += 1;
  return meaning.size === 0 ? 0 : found / meaning.size;
}

/**
 * The sentence that already says what a criterion asks. Its key terms must all be there and enough of its meaning beside
 * them, so that another wording counts and a sentence that shares one word does not. A sentence that waives is none.
 */
export function coveredBy(criterion: Criterion, sentences: readonly Said[]): Said | undefined {
  const terms = criterion.said.map((source) => new RegExp(source, 'iu'));
  const meaning = stems(criterionText(criterion));
  const needed = terms.length > 1 ? SHARE : SHARE_OF_ONE_TERM;
  const mustRefuse = refuses.test(criterionText(criterion));
  return sentences.find((sentence) => {
    if (waived.test(sentence.text) || (mustRefuse && !refusal.test(sentence.text))) return false;
    const share = shareOf(meaning, stems(sentence.text));
    return share >= SAME_SENTENCE || (share >= needed && terms.every((term) => term.test(sentence.text)));
  });
}
