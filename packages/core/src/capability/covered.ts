import { type CriteriaCatalog, type Criterion, criterionText, type Synonyms } from '../catalog/criterion.ts';

/** A sentence that a document already holds, with its id (`2.3`) or line. */
export interface Said {
  id: string;
  text: string;
}

/** Of the words that carry a criterion's meaning, this share must be found beside its key terms. */
const SHARE = 0.15;
/** One key term says little, so more of the meaning must be found beside it. */
const SHARE_OF_ONE_TERM = 0.25;
/** So much of the wording is the same sentence, whatever its key terms. */
const SAME_SENTENCE = 0.75;

const waived =
  /\b(need not|not required|out of scope|no need|may skip|not needed|without (any )?(checks?|validation))\b/iu;
/** What a criterion that refuses asks of a sentence that is to say the same. */
const refusal =
  /\b(refus\w*|reject\w*|den(y|ies|ied)|block\w*|lock\w*|4\d\d|errors?|not found|limit\w*|bound\w*|prevent\w*|only|at most|no more|cap\w*|exceed\w*|never|not|forbid\w*|ignore\w*|disallow\w*|invalid|expire\w*|require\w*|protect\w*|fail\w*|stop\w*|end(s|ed)?|delay\w*|throttl\w*|missing|unknown|invalidat\w*|revok\w*|terminat\w*|kill\w*|without|no longer|none|nothing|nobody|cannot|can't|discard\w*|drop(s|ped)?|abort\w*|as if)\b/iu;
const refuses =
  /\b(refuse|answer (?:further attempts with )?4\d\d|answer as for|answer with 4\d\d|stop|deny|reject)\b/iu;
const empty = new Set(
  'system shall when then where while with that this from have been being which each every only other than more most least into onto over under within answer request give given make made named than them they their does will must should after before'.split(
    ' ',
  ),
);

/** Crude stems, enough to join `hashes` with `hashed` and `expiry` with `expires`, and a mark for each group of synonyms. */
function meaningOf(text: string, synonyms: readonly Synonyms[]): Set<string> {
  const lower = text.toLowerCase();
  const words = lower.match(/[\p{L}\d]{3,}/gu) ?? [];
  const found = new Set(words.filter((word) => !empty.has(word)).map((word) => word.slice(0, 5)));
  for (const [index, group] of synonyms.entries()) if (group.match.test(lower)) found.add(`#${index}`);
  return found;
}

function shareOf(meaning: ReadonlySet<string>, sentence: ReadonlySet<string>): number {
  let found = 0;
  for (const stem of meaning) if (sentence.has(stem)) found += 1;
  return meaning.size === 0 ? 0 : found / meaning.size;
}

const alternatives = (source: string) => source.split(/\|(?![^(]*\))/);

/** Whether a sentence holds a key term, in its own words or in one that says the same. */
function termOf(source: string, synonyms: readonly Synonyms[]): (text: string) => boolean {
  const own = new RegExp(source, 'iu');
  const groups = synonyms.filter((group) => alternatives(source).some((word) => group.words.has(word)));
  return (text) => own.test(text) || groups.some((group) => group.match.test(text.toLowerCase()));
}

/** Which sentence says what a criterion asks, asked again and again of the same document. */
export type Coverage = (criterion: Criterion, counts?: (sentence: Said) => boolean) => Said | undefined;

/** Reads the sentences once; see `coveredBy`. `counts` leaves sentences out of one question. */
export function coverageOf(sentences: readonly Said[], { synonyms }: Pick<CriteriaCatalog, 'synonyms'>): Coverage {
  const read = sentences
    .filter((sentence) => !waived.test(sentence.text))
    .map((sentence) => ({
      sentence,
      meaning: meaningOf(sentence.text, synonyms),
      refuses: refusal.test(sentence.text),
    }));
  return (criterion, counts = () => true) => {
    const text = criterionText(criterion);
    const terms = criterion.said.map((source) => termOf(source, synonyms));
    const meaning = meaningOf(text, synonyms);
    const needed = terms.length > 1 ? SHARE : SHARE_OF_ONE_TERM;
    const mustRefuse = refuses.test(text);
    return read.find((one) => {
      if ((mustRefuse && !one.refuses) || !counts(one.sentence)) return false;
      const share = shareOf(meaning, one.meaning);
      return share >= SAME_SENTENCE || (share >= needed && terms.every((term) => term(one.sentence.text)));
    })?.sentence;
  };
}

/**
 * The sentence that already says what a criterion asks. Its key terms must all be there and enough of its meaning beside
 * them, so that another wording counts and a sentence that shares one word does not. A sentence that waives is none.
 */
export function coveredBy(
  criterion: Criterion,
  sentences: readonly Said[],
  catalog: Pick<CriteriaCatalog, 'synonyms'>,
): Said | undefined {
  return coverageOf(sentences, catalog)(criterion);
}
