/** How a language writes comments, strings and blocks, as far as tests are concerned. */
export interface Syntax {
  line: readonly string[];
  block: readonly [string, string][];
  quotes: readonly string[];
  /** Blocks by indentation instead of braces. */
  indented: boolean;
  /** Blocks end with the word `end`. */
  ended: boolean;
}

const slashes: Syntax = {
  line: ['//'],
  block: [['/*', '*/']],
  quotes: ['"', "'", '`'],
  indented: false,
  ended: false,
};
const python: Syntax = { line: ['#'], block: [], quotes: ['"""', "'''", '"', "'"], indented: true, ended: false };
const ruby: Syntax = { line: ['#'], block: [['=begin', '=end']], quotes: ['"', "'"], indented: false, ended: true };
/** `'` opens no string where it marks lifetimes or characters. */
const plainQuotes: Syntax = { ...slashes, quotes: ['"'] };

const byExtension: Readonly<Record<string, Syntax>> = {
  py: python,
  rb: ruby,
  ex: { ...ruby, block: [] },
  exs: { ...ruby, block: [] },
  php: { ...slashes, line: ['//', '#'] },
  rs: plainQuotes,
  go: { ...slashes, quotes: ['"', '`'] },
  java: plainQuotes,
  kt: plainQuotes,
  cs: plainQuotes,
  swift: plainQuotes,
  sh: { ...python, quotes: ['"', "'"], indented: false },
};

export function syntaxOf(file: string): Syntax {
  return byExtension[/\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase() ?? ''] ?? slashes;
}

interface Token {
  end: number;
  kind: 'comment' | 'string';
}

function stringEnd(text: string, at: number, quote: string): number {
  for (let i = at + quote.length; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text.startsWith(quote, i)) return i + quote.length;
    else if (text[i] === '\n' && quote.length === 1 && quote !== '`') return i;
  }
  return text.length;
}

function tokenAt(text: string, at: number, syntax: Syntax): Token | undefined {
  for (const mark of syntax.line)
    if (text.startsWith(mark, at)) {
      const end = text.indexOf('\n', at);
      return { end: end < 0 ? text.length : end, kind: 'comment' };
    }
  for (const [open, close] of syntax.block)
    if (text.startsWith(open, at)) {
      const end = text.indexOf(close, at + open.length);
      return { end: end < 0 ? text.length : end + close.length, kind: 'comment' };
    }
  const quote = syntax.quotes.find((mark) => text.startsWith(mark, at));
  return quote ? { end: stringEnd(text, at, quote), kind: 'string' } : undefined;
}

const blank = (text: string, mark: string) => text.replaceAll(/[^\n]/g, mark);

/**
 * The source with comments and string contents blanked, same length and lines: what is left is code. `strings` keeps
 * one letter per string character, so that an empty argument differs from a text.
 */
export function codeOnly(text: string, syntax: Syntax): string {
  let out = '';
  let last = 0;
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at, syntax);
    if (!token) {
      at++;
      continue;
    }
    out += text.slice(last, at);
    const raw = text.slice(at, token.end);
    // What a template puts in is code; only that there is some matters here.
    out += blank(raw, token.kind === 'comment' ? ' ' : raw.startsWith('`') && raw.includes('${') ? 'x' : '"');
    at = token.end;
    last = at;
  }
  return out + text.slice(last);
}
