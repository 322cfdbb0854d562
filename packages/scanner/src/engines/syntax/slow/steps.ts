import type { ParsedLiteral } from 'scslre';

export type Pattern = ParsedLiteral['pattern'];
export type Alternative = Pattern['alternatives'][number];
export type Element = Alternative['elements'][number];
export type Quantifier = Extract<Element, { type: 'Quantifier' }>;

type Then = (at: number) => boolean;
/** Tries what a part of the expression can match from `at` on, and goes on with `then` behind each of it. */
type Part = (at: number, then: Then) => boolean;

class OverLimit extends Error {}

/** Characters that stand for their kind: what a class holds is asked of these. */
export const SPECIMENS: readonly string[] = [
  ...'a0 -_.,:;/=@#"\'<>()[]{}!?*+&|%$^~`\\\t\n\r',
  ...'bcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ123456789',
  ...['\u0000', '\u001b', '\u009b', '\u0007', '\u00e9', '\u2028', '\u4e2d'],
];

/** Whether one character is one that this part of the expression takes. */
export function takes(raw: string, flags: string): (char: string) => boolean {
  const known = new Map<string, boolean>();
  const single = new RegExp(`^(?:${raw})$`, flags.replaceAll(/[^isuv]/g, ''));
  return (char) => {
    let answer = known.get(char);
    if (answer === undefined) {
      answer = single.test(char);
      known.set(char, answer);
    }
    return answer;
  };
}

const isWord = (char: string | undefined) => char !== undefined && /\w/.test(char);

/**
 * Matches as an engine that goes back does, and counts the steps: what V8 does in time, this does in numbers that are the same
 * on every machine.
 */
export class Steps {
  private readonly whole: Part;
  private readonly flags: string;
  private readonly groups = new Map<unknown, [number, number]>();
  private text = '';
  private steps = 0;
  private limit = 0;
  /** Of all texts so far. */
  total = 0;

  constructor(pattern: Pattern, flags: string) {
    this.flags = flags;
    this.whole = this.choice(pattern.alternatives);
  }

  /** Steps that it takes to look through all of `text`; `Infinity` above `limit`. */
  count(text: string, limit: number): number {
    this.text = text;
    this.steps = 0;
    this.limit = limit;
    const repeats = this.flags.includes('g');
    try {
      for (let from = 0; from <= text.length; ) {
        this.groups.clear();
        let end = -1;
        const matched = this.whole(from, (at) => {
          end = at;
          return true;
        });
        if (this.flags.includes('y') || (matched && !repeats)) break;
        from = matched && end > from ? end : from + 1;
      }
    } catch (error) {
      // A stack that is used up was reached by going ever deeper: as good as too many steps.
      if (error instanceof OverLimit || error instanceof RangeError) return Number.POSITIVE_INFINITY;
      throw error;
    }
    return this.steps;
  }

  private step(): void {
    this.steps += 1;
    this.total += 1;
    if (this.steps > this.limit) throw new OverLimit();
  }

  private choice(alternatives: readonly Alternative[]): Part {
    const parts = alternatives.map((each) => this.sequence(each));
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return only;
    return (at, then) => {
      this.step();
      return parts.some((part) => part(at, then));
    };
  }

  private sequence({ elements }: Alternative): Part {
    return elements
      .map((each) => this.part(each))
      .reduceRight<Part>(
        (rest, part) => (at, then) => part(at, (next) => rest(next, then)),
        (at, then) => then(at),
      );
  }

  private part(element: Element): Part {
    switch (element.type) {
      case 'Group':
        return this.choice(element.alternatives);
      case 'CapturingGroup':
        return this.captured(element, this.choice(element.alternatives));
      case 'Quantifier':
        return this.repeated(element);
      case 'Assertion':
        return this.asserted(element);
      case 'Backreference':
        return this.repeatedText(element);
      default:
        return this.single(element);
    }
  }

  private single(element: Element): Part {
    const fits = takes(element.raw, this.flags);
    return (at, then) => {
      this.step();
      const char = this.text[at];
      return char !== undefined && fits(char) && then(at + 1);
    };
  }

  private captured(group: unknown, inner: Part): Part {
    return (at, then) => {
      const before = this.groups.get(group);
      const matched = inner(at, (end) => {
        const outer = this.groups.get(group);
        this.groups.set(group, [at, end]);
        if (then(end)) return true;
        if (outer === undefined) this.groups.delete(group);
        else this.groups.set(group, outer);
        return false;
      });
      if (!matched && before !== undefined) this.groups.set(group, before);
      return matched;
    };
  }

  private repeatedText(element: Extract<Element, { type: 'Backreference' }>): Part {
    return (at, then) => {
      this.step();
      const group = Array.isArray(element.resolved) ? element.resolved[0] : element.resolved;
      const [from, to] = this.groups.get(group) ?? [0, 0];
      return this.text.startsWith(this.text.slice(from, to), at) && then(at + to - from);
    };
  }

  private repeated(quantifier: Quantifier): Part {
    const { element, min, max, greedy } = quantifier;
    if (element.type === 'Character' || element.type === 'CharacterSet' || element.type === 'CharacterClass')
      return this.run(quantifier, takes(element.raw, this.flags));
    const inner = this.part(element);
    const round = (done: number, at: number, then: Then): boolean => {
      this.step();
      const again = () =>
        done < max && inner(at, (next) => (next > at || done < min) && round(done + 1, Math.max(next, at), then));
      const enough = () => done >= min && then(at);
      return greedy ? again() || enough() : enough() || again();
    };
    return (at, then) => round(0, at, then);
  }

  /** A single character again and again: without a level of the stack for each. */
  private run({ min, max, greedy }: Quantifier, fits: (char: string) => boolean): Part {
    const most = (at: number): number => {
      let end = at;
      while (end - at < max && end < this.text.length && fits(this.text[end] as string)) {
        this.step();
        end += 1;
      }
      return end;
    };
    return (at, then) => {
      this.step();
      if (greedy) {
        for (let end = most(at); end >= at + min; end -= 1) {
          this.step();
          if (then(end)) return true;
        }
        return false;
      }
      for (let end = at; ; end += 1) {
        this.step();
        if (end >= at + min && then(end)) return true;
        if (end - at >= max || end >= this.text.length || !fits(this.text[end] as string)) return false;
      }
    };
  }

  private asserted(element: Extract<Element, { type: 'Assertion' }>): Part {
    if (element.kind === 'lookahead' || element.kind === 'lookbehind') {
      const inner = this.choice(element.alternatives);
      const holds =
        element.kind === 'lookahead' ? (at: number) => inner(at, () => true) : (at: number) => this.endsAt(inner, at);
      return (at, then) => holds(at) !== element.negate && then(at);
    }
    const multiline = this.flags.includes('m');
    return (at, then) => {
      this.step();
      const before = this.text[at - 1];
      const here = this.text[at];
      if (element.kind === 'start') return (at === 0 || (multiline && before === '\n')) && then(at);
      if (element.kind === 'end') return (here === undefined || (multiline && here === '\n')) && then(at);
      const boundary = isWord(before) !== isWord(here);
      return element.kind === 'word' && boundary !== element.negate && then(at);
    };
  }

  private endsAt(inner: Part, at: number): boolean {
    for (let from = at; from >= 0; from -= 1) if (inner(from, (end) => end === at)) return true;
    return false;
  }
}
