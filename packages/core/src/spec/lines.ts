import type { Span } from './types.ts';

export type LineKind =
  | 'blank'
  | 'heading'
  | 'item'
  | 'text'
  | 'table'
  | 'quote'
  | 'rule'
  | 'code'
  | 'comment'
  | 'matter';

/** One source line, classified as CommonMark would in the documents we read. Offsets are UTF-16. */
export interface Line {
  kind: LineKind;
  /** From 1. */
  number: number;
  start: number;
  /** Without the line end. */
  end: number;
  /** Columns of leading white space, a tab to the next multiple of four. */
  indent: number;
  /** First character that is not white space. */
  text: number;
  /** Heading: level. Item: 0. */
  level: number;
  /** Start of the heading's title or of the item's text after its marker; else `text`. */
  content: number;
  /** Item: the ordered marker's number, letters included (`3`, `a`); empty for a bullet. */
  marker: string;
}

const headingPattern = /^(#{1,6})(?:[ \t\u3000]+|$)/;
const bulletPattern = /^[-*+•](?:[ \t\u3000]+|$)/;
/** `1.`, `2)`, `(3)`, `a)`, `12、` and full-width forms; `1.1` is no marker but a number that the text begins with. */
const orderedPattern =
  /^(?:(?:\d{1,9}|[a-zA-Z])(?:[.)](?=[ \t\u3000]|$)|[、．）](?=[^\d]))|[(（]\d{1,3}[)）](?=[ \t\u3000]))[ \t\u3000]*/;
const rulePattern = /^(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const fencePattern = /^(`{3,}|~{3,})(.*)$/;

interface State {
  fence: string;
  fenceIndent: number;
  /** Indent of the line that opened an HTML comment, or -1. */
  comment: number;
}

function lineEnd(text: string, from: number, returns: boolean): { end: number; next: number } {
  const lf = text.indexOf('\n', from);
  const end = lf < 0 ? text.length : lf;
  const cr = returns ? text.slice(from, end).indexOf('\r') : -1;
  if (cr < 0) return { end, next: lf < 0 ? text.length : lf + 1 };
  const at = from + cr;
  return { end: at, next: at + 1 === lf ? lf + 1 : at + 1 };
}

function indentation(text: string, from: number, end: number): { indent: number; at: number } {
  let indent = 0;
  let at = from;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 32 || code === 0xa0) indent += 1;
    else if (code === 9) indent += 4 - (indent % 4);
    else if (code === 0x3000) indent += 2;
    else if (code !== 0xfeff) break;
  }
  return { indent, at };
}

function fenced(line: Line, rest: string, state: State): boolean {
  const mark = rest.charCodeAt(0);
  const match = mark === 96 || mark === 126 ? fencePattern.exec(rest) : null;
  if (state.fence) {
    const closes = match?.[1]?.startsWith(state.fence) && (match[2] ?? '').trim() === '';
    if (closes) state.fence = '';
    line.kind = 'code';
    return true;
  }
  if (!match?.[1] || (match[1].startsWith('`') && (match[2] ?? '').includes('`'))) return false;
  state.fence = match[1];
  state.fenceIndent = line.indent;
  line.kind = 'code';
  return true;
}

/** A comment opened on a list item's line ends with that item, even when nobody closed it. */
function commented(line: Line, rest: string, state: State): boolean {
  if (state.comment >= 0) {
    if (state.comment > 0 && line.indent < state.comment && rest !== '') {
      state.comment = -1;
      return false;
    }
    line.kind = 'comment';
    if (rest.includes('-->')) state.comment = -1;
    return true;
  }
  if (!rest.startsWith('<!--')) return false;
  line.kind = 'comment';
  if (!rest.includes('-->', 4)) state.comment = line.indent;
  return true;
}

function classify(line: Line, rest: string): void {
  if (rest === '') {
    line.kind = 'blank';
    return;
  }
  const first = rest.charCodeAt(0);
  const heading = first === 35 && line.indent < 4 ? headingPattern.exec(rest) : null;
  if (heading) {
    line.kind = 'heading';
    line.level = heading[1]?.length ?? 0;
    line.content = line.text + heading[0].length;
    return;
  }
  // `-`, `*` or `_`.
  if ((first === 45 || first === 42 || first === 95) && rulePattern.test(rest)) {
    line.kind = 'rule';
    return;
  }
  const bullet = bulletPattern.exec(rest);
  const ordered = bullet ? null : orderedPattern.exec(rest);
  if (bullet || ordered) {
    line.kind = 'item';
    line.content = line.text + (bullet ?? ordered ?? [''])[0].length;
    line.marker = ordered ? (/\w+/.exec(ordered[0])?.[0] ?? '') : '';
    return;
  }
  if (rest.startsWith('|')) line.kind = 'table';
  else if (rest.startsWith('>')) line.kind = 'quote';
}

/** Splits and classifies; every character belongs to exactly one line or line end. */
export function scanLines(text: string): Line[] {
  const lines: Line[] = [];
  const state: State = { fence: '', fenceIndent: 0, comment: -1 };
  let from = 0;
  let number = 0;
  const returns = text.includes('\r');
  let matter = /^\uFEFF?---[ \t]*\r?\n/.test(text) && /\n---[ \t]*(?:\r?\n|$)/.test(text.slice(3));
  while (from < text.length) {
    const { end, next } = lineEnd(text, from, returns);
    const { indent, at } = indentation(text, from, end);
    const line: Line = {
      kind: 'text',
      number: ++number,
      start: from,
      end,
      indent,
      text: at,
      level: 0,
      content: at,
      marker: '',
    };
    // Inside a fence only a line that begins like a fence needs a look: most lines of a design are code.
    if (state.fence && !matter && text[at] !== state.fence[0]) {
      line.kind = 'code';
      lines.push(line);
      from = next;
      continue;
    }
    const rest = text.slice(at, end).trimEnd();
    if (matter) {
      line.kind = 'matter';
      if (number > 1 && rest === '---') matter = false;
    } else if (!fenced(line, rest, state) && !commented(line, rest, state)) classify(line, rest);
    lines.push(line);
    from = next;
  }
  return closeFence(text, lines, state);
}

/**
 * A fence nobody closed would swallow the rest of the document. The part after it is read as if the fence ended at the
 * first heading or task box behind it: losing a requirement to a missing mark is worse than reading an example.
 */
function closeFence(text: string, lines: Line[], state: State): Line[] {
  if (!state.fence) return lines;
  let open = lines.length - 1;
  while (open > 0 && lines[open - 1]?.kind === 'code') open--;
  // The run of code lines may hold earlier, closed fences: only behind its last opening mark is in doubt.
  for (let i = lines.length - 1; i > open; i--)
    if (text.slice(lines[i]?.text, lines[i]?.end).startsWith(state.fence)) {
      open = i;
      break;
    }
  const resume = lines.findIndex(
    (line, i) => i > open && /^(?:#{2,4} |- \[.\] )/.test(text.slice(line.text, line.end)) && line.indent < 4,
  );
  if (resume < 0) return lines;
  for (const line of lines.slice(resume)) {
    line.kind = 'text';
    classify(line, text.slice(line.text, line.end).trimEnd());
  }
  return lines;
}

/** Span from a line's start to another's end. */
export function lineSpan(first: Line, last: Line = first): Span {
  return { start: first.start, end: last.end, line: first.number, column: 1 };
}

/** Span inside one line. */
export function spanIn(line: Line, start: number, end: number): Span {
  return { start, end, line: line.number, column: start - line.start + 1 };
}

/** Text of a heading without its closing marks. */
export function headingTitle(source: string, line: Line): string {
  return source
    .slice(line.content, line.end)
    .replace(/[ \t]+#+[ \t]*$/, '')
    .trim();
}

/** Emphasis, code and link marks removed, white space joined. Underscores inside names stay. */
export function plainText(text: string): string {
  if (!/[*[\n\t]|__|\s\s/.test(text)) return text.trim();
  let out = text;
  if (out.includes('*')) out = out.replaceAll(/(?<![/\w*])\*{1,3}(?=\S)|(?<=[^\s/*])\*{1,3}(?![\w*/])/g, '');
  if (out.includes('](')) out = out.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  if (out.includes('__')) out = out.replaceAll(/(^|[\s(])__(?=\S)|(?<=\S)__(?=$|[\s).,:])/g, '$1');
  if (out.includes('\n') || out.includes('\t') || out.includes('  ')) out = out.replaceAll(/\s+/g, ' ');
  return out.trim();
}
