/**
 * What is in every text that a regular expression matches: one of `need` (small letters; in any case), and where the
 * expression matches few texts only, `exact`, all of them.
 */
interface Known {
  exact: string[] | undefined;
  need: string[] | undefined;
}

/** Longer lists of texts tell no more than their parts. */
const EXACT_MAX = 64;
const NEED_MAX = 64;
/** Shorter ones are in every file. */
const LEAST = 3;

const ANYTHING: Known = { exact: undefined, need: undefined };
const NOTHING: Known = { exact: [''], need: undefined };

const shortest = (list: readonly string[]): number => list.reduce((least, { length }) => Math.min(least, length), 99);

/** The list that says more about a text: whose shortest word is longer, then the shorter list. */
function better(a: string[] | undefined, b: string[] | undefined): string[] | undefined {
  const useful = (list: string[] | undefined) =>
    list !== undefined && list.length > 0 && list.length <= NEED_MAX && shortest(list) >= LEAST ? list : undefined;
  const [one, other] = [useful(a), useful(b)];
  if (one === undefined || other === undefined) return one ?? other;
  const [first, second] = [Math.min(shortest(one), 6), Math.min(shortest(other), 6)];
  return second > first || (second === first && other.length < one.length) ? other : one;
}

/** A regular expression read from left to right; anything it does not know could match anything. */
class Reader {
  private at = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  alternatives(): Known {
    const branches = [this.sequence()];
    while (this.source[this.at] === '|') {
      this.at += 1;
      branches.push(this.sequence());
    }
    const exact = [...new Set(branches.flatMap((branch) => branch.exact ?? []))];
    const needs = branches.map((branch) => better(branch.exact, branch.need));
    return {
      exact: branches.every((branch) => branch.exact !== undefined) && exact.length <= EXACT_MAX ? exact : undefined,
      need: needs.every((need) => need !== undefined) ? [...new Set(needs.flat())] : undefined,
    };
  }

  private sequence(): Known {
    let run = [''];
    let whole = true;
    let need: string[] | undefined;
    while (this.at < this.source.length && this.source[this.at] !== '|' && this.source[this.at] !== ')') {
      const { exact, need: inner } = this.repeated();
      const grown = exact === undefined ? [] : run.flatMap((start) => exact.map((end) => start + end));
      if (exact !== undefined && grown.length <= EXACT_MAX) run = grown;
      else {
        need = better(better(need, inner), run);
        whole = false;
        run = exact ?? [''];
      }
    }
    return whole ? { exact: run, need: undefined } : { exact: undefined, need: better(need, run) };
  }

  private repeated(): Known {
    const item = this.item();
    const quantifier = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(this.source.slice(this.at, this.at + 16));
    if (quantifier === null) return item;
    this.at += quantifier[0].length;
    const sign = quantifier[0][0];
    if (sign === '?') return { exact: item.exact && [...item.exact, ''], need: undefined };
    if (sign === '*' || quantifier[1] === '0') return ANYTHING;
    return { exact: undefined, need: better(item.exact, item.need) };
  }

  private item(): Known {
    const char = this.source[this.at] ?? '';
    this.at += 1;
    if (char === '(') return this.group();
    if (char === '[') return this.set();
    if (char === '\\') return this.escape();
    if (char === '^' || char === '$') return NOTHING;
    return char === '.' || char > '\x7e' ? ANYTHING : { exact: [char.toLowerCase()], need: undefined };
  }

  private group(): Known {
    const opening = /^\?(?::|<(?![=!])[^>]*>|<?[=!])/.exec(this.source.slice(this.at, this.at + 40))?.[0] ?? '';
    this.at += opening.length;
    const inner = this.alternatives();
    this.at += 1;
    // What is looked for before or behind is not part of the match.
    return /[=!]$/.test(opening) ? NOTHING : inner;
  }

  /** `[sS]` is one letter, `['"]` two; anything more could be anything. */
  private set(): Known {
    const end = /(?:[^\\\]]|\\.)*\]/y;
    end.lastIndex = this.at;
    const text = end.exec(this.source)?.[0] ?? '';
    this.at += text.length;
    const chars = text.slice(0, -1);
    if (chars === '' || chars.length > 4 || /[\\^\x7f-\uffff]|.-./.test(chars)) return ANYTHING;
    return { exact: [...new Set(chars.toLowerCase())], need: undefined };
  }

  private escape(): Known {
    const char = this.source[this.at] ?? '';
    this.at += 1;
    if (char === 'b' || char === 'B') return NOTHING;
    return /[a-z0-9]/i.test(char) ? ANYTHING : { exact: [char], need: undefined };
  }
}

/**
 * Words of which one is, in any case of letters, in every text that the expression matches; `undefined` when nothing can be
 * said. An expression this does not understand in full is one of those.
 */
export function wordsIn(source: string): string[] | undefined {
  // Numbered and code point escapes take more characters than the reader gives them.
  if (/\\(?:[xucpPk]|[1-9]\d)/.test(source)) return undefined;
  const { exact, need } = new Reader(source).alternatives();
  return better(exact, need);
}
