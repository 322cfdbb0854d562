import type { Sentence } from './ears.ts';
import type { Span } from './types.ts';

/** Line and column of an offset, found by halving; made once a document. */
export function positions(source: string): (start: number, end: number) => Span {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return (start, end) => {
    let low = 0;
    let high = starts.length;
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= start) low = middle;
      else high = middle;
    }
    return { start, end, line: low + 1, column: start - (starts[low] ?? 0) + 1 };
  };
}

/** Emphasis marks that stand for nothing in the sentence: `**WHEN**`. A star inside code or a glob stays. */
const marks = /\*\*|(?<=^|[\s(,])[*_](?=\S)|(?<=\S)[*_](?=$|[\s).,:;])|\s*\n\s*|[\t\u3000]| {2,}/g;

/**
 * The sentence of a stretch of source: emphasis dropped, lines joined by one space. A stretch without markup is its own
 * text and needs no table.
 */
export function sentenceOf(
  source: string,
  start: number,
  end: number,
  locate: (start: number, end: number) => Span,
): Sentence {
  const raw = source.slice(start, end);
  marks.lastIndex = 0;
  if (!marks.test(raw)) return { text: raw, span: (from, to) => locate(start + from, start + to) };
  const origin: number[] = [];
  let text = '';
  let last = 0;
  const copy = (until: number) => {
    for (let i = last; i < until; i++) origin.push(start + i);
    text += raw.slice(last, until);
  };
  marks.lastIndex = 0;
  for (let match = marks.exec(raw); match; match = marks.exec(raw)) {
    copy(match.index);
    last = match.index + match[0].length;
    if (/\s/.test(match[0]) && text !== '') {
      text += ' ';
      origin.push(start + match.index);
    }
  }
  copy(raw.length);
  const at = (i: number) => origin[i] ?? end;
  return { text, span: (from, to) => locate(at(from), to > from ? at(to - 1) + 1 : at(from)) };
}
