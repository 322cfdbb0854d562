import type { Report } from 'scslre';
import { type Alternative, type Element, type Pattern, type Quantifier, SPECIMENS, Steps, takes } from './steps.ts';

/** A text made for an expression: `prefix`, `pump` again and again, `suffix`. */
export interface Attack {
  prefix: string;
  pump: string;
  suffix: string;
}

/** How often the pump is repeated in the three trials; a bounded repetition ends within them. */
const ROUNDS = 40;
/** As many are enough where the expression counts to no more than nine itself. */
const FEW_ROUNDS = 12;
/** Repetitions bounded from either side, which hide growth from a short text, or look like it. */
const COUNTS = /\{\d*,?\d{2,}/;
/** What grows with the square needs some ten thousand steps for the longest trial, a long linear expression as many. */
const STEPS = 400_000;
/** The same for the shorter trials: a quarter of the length, a sixteenth of its square. */
const FEW_STEPS = 100_000;
/** Twice the length takes four times the steps where they grow with the square, twice where they do not. */
const GROWTH = 3;
/** Steps for all trials of one expression, some fifty milliseconds; what none of them shows is taken for fast. */
const ALL_STEPS = 2_000_000;

/** What has to stand there more often than this is left to others: the text would be all of it. */
const REPEATED_MAX = 200;

interface Maker {
  flags: string;
  /** Also what may be left out. */
  generous: boolean;
}

/** A short text that the part matches; empty where none is seen. */
function exampleOf(element: Element, maker: Maker): string {
  switch (element.type) {
    case 'Group':
    case 'CapturingGroup':
      return shortest(element.alternatives, maker);
    case 'Quantifier':
      return exampleOf(element.element, maker).repeat(
        Math.min(element.min || (maker.generous && element.max > 0 ? 1 : 0), REPEATED_MAX),
      );
    case 'Assertion':
    case 'Backreference':
      return '';
    default: {
      const fits = takes(element.raw, maker.flags);
      return element.type === 'Character' ? String.fromCodePoint(element.value) : (SPECIMENS.find(fits) ?? '');
    }
  }
}

function shortest(alternatives: readonly Alternative[], maker: Maker): string {
  const texts = alternatives.map(({ elements }) => elements.map((each) => exampleOf(each, maker)).join(''));
  const long = texts.filter((text) => text !== '' || !maker.generous);
  return long.reduce((best, text) => (text.length < best.length ? text : best), long[0] ?? '');
}

/** What leads from the start of the expression to this part of it. */
function before(part: Quantifier, maker: Maker): string {
  let text = '';
  let child: { type: string; start: number; parent: unknown } = part;
  for (let up = part.parent as { type: string; start: number; parent: unknown } | null; up !== null; ) {
    if (up.type === 'Alternative') {
      const own = up as unknown as Alternative;
      const index = own.elements.findIndex((each) => (each as unknown) === child);
      text =
        own.elements
          .slice(0, Math.max(0, index))
          .map((each) => exampleOf(each, maker))
          .join('') + text;
    }
    child = up;
    up = up.parent as typeof up | null;
  }
  return text;
}

/** The repetitions round a part, the innermost first. */
function around(part: Quantifier): Quantifier[] {
  const out: Quantifier[] = [];
  for (let up = part.parent as { type: string; parent: unknown } | null; up !== null; up = up.parent as typeof up)
    if (up.type === 'Quantifier' && (up as unknown as Quantifier).max > 1) out.push(up as unknown as Quantifier);
  return out;
}

/** Ends both repetitions of a trade, one after the other: `?` and a blank after `([^?]+)(\S*)$`. */
function ending(report: Report, flags: string): string[] {
  if (report.type !== 'Trade') return [];
  const [first, second] = [report.startQuant, report.endQuant].map(({ element }) => {
    const single = element.type === 'CharacterSet' || element.type === 'CharacterClass' || element.type === 'Character';
    const fits = single ? takes(element.raw, flags) : undefined;
    return fits && SPECIMENS.find((char) => !fits(char));
  });
  return first === undefined || second === undefined || first === second ? [] : [first + second, second + first];
}

/** The parts of an expression that take one character each. */
function singles(alternatives: readonly Alternative[]): Element[] {
  return alternatives.flatMap(({ elements }) =>
    elements.flatMap((each): Element[] => {
      if (each.type === 'Group' || each.type === 'CapturingGroup') return singles(each.alternatives);
      if (each.type === 'Quantifier') return singlesOf(each.element);
      return each.type === 'Assertion' || each.type === 'Backreference' ? [] : [each];
    }),
  );
}

function singlesOf(element: Element): Element[] {
  if (element.type === 'Group' || element.type === 'CapturingGroup') return singles(element.alternatives);
  return element.type === 'Assertion' || element.type === 'Backreference' ? [] : [element];
}

/** The character that the fewest parts take: nothing goes on behind two of them. */
function rejected(pattern: Pattern, flags: string): string {
  const takers = [...new Set(singles(pattern.alternatives).map(({ raw }) => raw))].map((raw) => takes(raw, flags));
  const takenBy = (char: string) => takers.reduce((count, fits) => count + (fits(char) ? 1 : 0), 0);
  const counted = SPECIMENS.map((char) => [char, takenBy(char)] as const);
  return counted.reduce((least, each) => (each[1] < least[1] ? each : least), counted[0] ?? ['', 0])[0];
}

const unique = (texts: string[]) => [...new Set(texts)];

/** Texts that may keep the expression busy at the place of the report, the likeliest first. */
export function* attacksOn(report: Report, flags: string, end: string): Generator<Attack> {
  const quantifier = report.type === 'Trade' ? report.startQuant : report.quant;
  const makers = [false, true].map((generous): Maker => ({ flags, generous }));
  const { set, pick } = report.character;
  const picked = [pick, ...SPECIMENS.filter((char) => set.has(char.codePointAt(0) ?? 0)).slice(0, 2)];
  // What neither runs on nor starts anew: it stands before a run that `^\s+` would take, and ends one.
  const others = unique(['\u0000', '!', '\n', ...SPECIMENS]).filter((char) => !set.has(char.codePointAt(0) ?? 0));
  const [other = ''] = others;
  const prefixes = unique([...makers.map((maker) => before(quantifier, maker)), '', other]);
  const outer = around(quantifier);
  const pumps = unique([
    ...picked.slice(0, 1),
    ...[...outer, quantifier].flatMap(({ element }) => makers.map((maker) => exampleOf(element, maker))),
    ...picked,
  ]).filter((pump) => pump !== '');
  const suffixes = unique([
    ...others.slice(0, 2),
    '',
    ...others.slice(2, 4),
    other + pick,
    ...ending(report, flags),
    end + end,
  ]);
  for (const pump of pumps)
    for (const suffix of suffixes) for (const prefix of prefixes) yield { prefix, pump, suffix };
}

/** Whether the steps that the expression takes grow faster than the text, from `rounds` pumps to four times as many. */
export function grows(steps: Steps, { prefix, pump, suffix }: Attack, rounds: number): boolean {
  const limit = rounds === FEW_ROUNDS ? FEW_STEPS : STEPS;
  const at = (times: number) => steps.count(prefix + pump.repeat(times) + suffix, limit);
  const short = at(rounds);
  if (short === Number.POSITIVE_INFINITY) return true;
  const middle = at(2 * rounds);
  // Growing by the same for each round is linear, whatever it begins with.
  if (middle - short < rounds * (rounds / 4)) return false;
  const long = at(4 * rounds);
  return long === Number.POSITIVE_INFINITY || long - middle >= GROWTH * (middle - short);
}

/** A text that provably keeps the expression busy at the place of one of the reports. */
export function provenAttack(pattern: Pattern, flags: string, reports: readonly Report[]): Attack | undefined {
  const steps = new Steps(pattern, flags);
  if (reports.length === 0) return undefined;
  const end = rejected(pattern, flags);
  const rounds = COUNTS.test(pattern.raw) ? ROUNDS : FEW_ROUNDS;
  for (const report of reports)
    for (const attack of attacksOn(report, flags, end)) {
      if (steps.total > ALL_STEPS) return undefined;
      if (grows(steps, attack, rounds)) return attack;
    }
  return undefined;
}
