/**
 * The parser is native code that goes one level down per bracket, and a stack that overflows there ends the whole process,
 * not the file. It bears about 1,000 levels on the smallest stack that a thread gets.
 */
const BRACES = 700;
const BRACKETS = 400;
/** Levels that need no bracket: `a = b = …`, `a ? b : c ? …`, `else if`, `if (a) if (b)`, `A<B<C<`. */
const RUN = 900;

/** What a character is to the count. */
const OTHER = 0;
const LETTER = 1;
const OPEN = 2;
const CLOSE = 3;
const BRACE_OPEN = 4;
const BRACE_CLOSE = 5;
/** Ends a statement or an item of a list: what comes next is beside, not below. */
const SEPARATOR = 6;
const DEEPER = 7;
/** Signs that go one level down where they stand before an operand. */
const PREFIX = 8;
const NEWLINE = 9;
const DIGIT = 10;

const CLASS = new Uint8Array(128);
const GOES_ON = new Uint8Array(128);
const put = (table: Uint8Array, chars: string, value: number) => {
  for (const char of chars) table[char.charCodeAt(0)] = value;
};
put(CLASS, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ$_', LETTER);
put(CLASS, '0123456789', DIGIT);
put(CLASS, '([', OPEN);
put(CLASS, ')]', CLOSE);
put(CLASS, '{', BRACE_OPEN);
put(CLASS, '}', BRACE_CLOSE);
put(CLASS, ';,', SEPARATOR);
put(CLASS, '=?:<', DEEPER);
put(CLASS, '!~+-', PREFIX);
put(CLASS, '\n', NEWLINE);
put(GOES_ON, '=?:<>&|+-*/.,([!~^%{', 1);

/** Where one of these starts a line, a statement starts. */
const STARTS = /(?:const|let|var|export|import|function|class|return|async|type|interface|enum)\b/y;
const WORDS: ReadonlySet<string> = new Set([
  ...['if', 'else', 'for', 'while', 'do', 'new', 'yield', 'await', 'with', 'typeof', 'void', 'delete'],
  ...['keyof', 'readonly', 'unique', 'infer'],
]);
/** By first letter: bits of the lengths that such a word has, so that few others are cut out and looked up. */
const LENGTHS = new Uint16Array(128);
for (const word of WORDS) LENGTHS[word.charCodeAt(0)] = (LENGTHS[word.charCodeAt(0)] as number) | (1 << word.length);

/** Counts over one text. Strings and comments are not left out: what they hide could be code to the parser. */
class Depth {
  /** By level: whether a brace opened it, and the steps down on it that needed no bracket. */
  private readonly isBrace = new Uint8Array(BRACES + BRACKETS + 2);
  private readonly runs = new Int32Array(BRACES + BRACKETS + 2);
  private top = 0;
  private braces = 0;
  private run = 0;
  over = false;

  /** Leaves the innermost level; false when there is none. */
  private pop(): boolean {
    if (this.top === 0) return false;
    this.beside();
    this.braces -= this.isBrace[this.top] as number;
    this.top -= 1;
    return true;
  }

  deeper(): void {
    this.runs[this.top] = (this.runs[this.top] as number) + 1;
    this.run += 1;
    if (this.run > RUN) this.over = true;
  }

  beside(): void {
    this.run -= this.runs[this.top] as number;
    this.runs[this.top] = 0;
  }

  open(brace: 0 | 1): void {
    this.braces += brace;
    this.top += 1;
    this.isBrace[this.top] = brace;
    this.runs[this.top] = 0;
    if (this.braces > BRACES || this.top - this.braces > BRACKETS) this.over = true;
  }

  closeBracket(): void {
    if (this.isBrace[this.top] === 0) this.pop();
  }

  /** Closes brackets that were left open in the braces, too: they stood in strings and the like. */
  closeBrace(): void {
    while (this.braces > 0 && this.isBrace[this.top] === 0) this.pop();
    if (this.braces > 0) this.pop();
  }

  /** A statement starts: brackets that are still open stood in strings and the like. */
  statement(): void {
    while (this.top > 0 && this.isBrace[this.top] === 0) this.pop();
    this.beside();
  }
}

/** At the end of a line: whether the next one is a statement of its own. */
function endLine(depth: Depth, text: string, at: number, last: number): void {
  STARTS.lastIndex = at + 1;
  if (STARTS.test(text)) depth.statement();
  else if (GOES_ON[last] !== 1 && last !== 41) {
    let next = at + 1;
    while (next < text.length && text.charCodeAt(next) <= 32) next += 1;
    if (GOES_ON[text.charCodeAt(next)] !== 1) depth.beside();
  }
}

/** End of the word that starts at `from`. */
function endOfWord(text: string, from: number): number {
  let end = from + 1;
  for (; end < text.length; end += 1) {
    const kind = CLASS[text.charCodeAt(end)];
    if (kind !== LETTER && kind !== DIGIT) break;
  }
  return end;
}

/** True when a parser that goes down one level per bracket should not be given this text. */
export function isTooDeep(text: string): boolean {
  const depth = new Depth();
  let last = 0;
  for (let i = 0; i < text.length && !depth.over; i += 1) {
    const at = text.charCodeAt(i);
    const kind = CLASS[at] ?? OTHER;
    if (kind === LETTER) {
      const end = endOfWord(text, i);
      // The last letter of `else` or `new` is no end of a statement: 46 is a dot.
      const known = end - i < 9 && ((LENGTHS[at] as number) & (1 << (end - i))) !== 0;
      const leads = known && WORDS.has(text.slice(i, end));
      if (leads) depth.deeper();
      last = leads ? 46 : at;
      i = end - 1;
      continue;
    }
    if (kind === NEWLINE) endLine(depth, text, i, last);
    else if (kind === OPEN) depth.open(0);
    else if (kind === CLOSE) depth.closeBracket();
    else if (kind === BRACE_OPEN) depth.open(1);
    else if (kind === BRACE_CLOSE) depth.closeBrace();
    else if (kind === SEPARATOR) depth.beside();
    else if ((kind === DEEPER && last !== at) || (kind === PREFIX && GOES_ON[last] === 1)) depth.deeper();
    if (at > 32) last = at;
  }
  return depth.over;
}
