import type { ParserOptions } from 'oxc-parser';
import { parseSync } from 'oxc-parser/src-js/bindings';
import { isTooDeep } from './nesting.ts';
import { openTransfer, TRANSFER_MAX, type Transfer, type Transferred } from './transfer.ts';
import type { Program } from './tree.ts';

/** A parsed script. `skipped` lists the lines that no parser could read and that were left out. */
export interface Parsed {
  program: Program;
  skipped: number[];
}

type Language = 'js' | 'jsx' | 'ts' | 'tsx';

/** How many unreadable statements are cut out of a file before it counts as unparsable. */
const REPAIRS = 12;

function languagesFor(path: string): Language[] {
  if (/\.[cm]?ts$/.test(path)) return ['ts', 'tsx'];
  if (/\.tsx$/.test(path)) return ['tsx', 'ts'];
  return ['jsx', 'tsx', 'ts'];
}

/** A regular expression literal; the text decides, nobody runs it. */
class RegexText {
  private readonly text: string;

  constructor({ pattern, flags }: { pattern: string; flags: string }) {
    this.text = `/${pattern}/${flags}`;
  }

  toString(): string {
    return this.text;
  }
}

interface Fixed {
  value: unknown;
  bigint?: string;
  regex?: { pattern: string; flags: string };
}

/**
 * The tree out of the parser's JSON. The package's own way compiles every regular expression of the file and carries over
 * comments and imports that nobody here reads: that is half as much again, and a third more memory.
 */
function programOf(json: string): Program {
  const { node, fixes } = JSON.parse(json) as { node: Program; fixes: (string | number)[][] };
  for (const path of fixes) {
    let at: unknown = node;
    for (const key of path) at = (at as Record<string | number, unknown>)[key];
    const literal = at as Fixed;
    if (literal.bigint !== undefined) literal.value = BigInt(literal.bigint);
    else if (literal.regex !== undefined) literal.value = new RegexText(literal.regex);
  }
  return node;
}

function parsedAsJson(path: string, text: string, options: ParserOptions): Transferred {
  const { program, errors } = parseSync(path, text, options);
  return { program: programOf(program), errors };
}

/** Opened once per thread, by whoever has many files to parse there. */
const many: { transfer?: Transfer | undefined } = {};

/** Makes parsing cheaper on this thread, at a price that only many files are worth. */
export async function prepareForMany(): Promise<void> {
  many.transfer ??= await openTransfer();
}

function attempt(path: string, text: string, lang: Language): { program: Program; failedAt: number | undefined } {
  const options = { lang, sourceType: 'unambiguous', preserveParens: false } as const;
  const { program, errors } =
    many.transfer !== undefined && text.length <= TRANSFER_MAX
      ? many.transfer.parse(path, text, options)
      : parsedAsJson(path, text, options);
  const serious = errors.filter((error) => error.severity === 'Error');
  // oxc gives up with an empty body on a syntax error, and only there: later complaints leave the tree whole.
  const failed = serious.length > 0 && program.body.length === 0;
  return { program, failedAt: failed ? (serious[0]?.labels[0]?.start ?? 0) : undefined };
}

/** `text` with the line at `offset` replaced by blanks of the same length, so that offsets stay true. */
function withoutLine(text: string, offset: number): { text: string; line: number } {
  const start = text.lastIndexOf('\n', Math.max(0, Math.min(offset, text.length) - 1)) + 1;
  const found = text.indexOf('\n', start);
  const end = found < 0 ? text.length : found;
  const line = text.slice(0, start).split('\n').length;
  return { text: text.slice(0, start) + text.slice(start, end).replaceAll(/[^\r]/g, ' ') + text.slice(end), line };
}

/**
 * Parses JavaScript or TypeScript, tolerant of broken code: the language is guessed from the name and then from what
 * parses; a line nothing can read is cut out and reported. `undefined` when even that does not help.
 */
export function parseScript(path: string, source: string): Parsed | undefined {
  // SECURITY: hostile.test.ts gives it what would end the process.
  if (isTooDeep(source)) return undefined;
  const text = source.startsWith('#!') ? `//${source.slice(2)}` : source;
  const languages = languagesFor(path);
  let furthest = { lang: languages[0] ?? 'tsx', at: -1 };
  for (const lang of languages) {
    const { program, failedAt } = attempt(path, text, lang);
    if (failedAt === undefined) return { program, skipped: [] };
    if (failedAt > furthest.at) furthest = { lang, at: failedAt };
  }
  return repaired(path, text, furthest.lang, furthest.at);
}

function repaired(path: string, source: string, lang: Language, failedAt: number): Parsed | undefined {
  const skipped = new Set<number>();
  let text = source;
  let at = failedAt;
  for (let i = 0; i < REPAIRS; i++) {
    const blank = (offset: number) => /^\s*$/.test(lineAt(text, offset));
    let target = Math.min(at, text.length);
    // An error at the end of a construct points behind it: go back to the last line that still has text.
    while (target > 0 && blank(target)) target = text.lastIndexOf('\n', target - 1);
    if (target < 0) return undefined;
    const cut = withoutLine(text, target);
    skipped.add(cut.line);
    text = cut.text;
    const { program, failedAt: next } = attempt(path, text, lang);
    if (next === undefined) return { program, skipped: [...skipped].sort((a, b) => a - b) };
    at = next;
  }
  return undefined;
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1;
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? text.length : end);
}
