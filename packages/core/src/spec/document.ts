import { languageOf } from './languages.ts';
import { headingTitle, type Line, lineSpan, plainText, scanLines } from './lines.ts';
import type { Diagnostic, DocumentTree, FileReference, Fix, Section, Severity, Span, Suppression } from './types.ts';

/** What every parser works on: classified lines, headings, and a way from offsets to positions. */
export interface Draft {
  file: string;
  source: string;
  lines: Line[];
  locate: (start: number, end: number) => Span;
  diagnostics: Diagnostic[];
  /** Titles of the headings, made once. */
  titles: Map<Line, string>;
}

export function openDraft(source: string, file: string): Draft {
  const lines = scanLines(source);
  return { file, source, lines, locate: among(lines), diagnostics: [], titles: new Map() };
}

/** Line and column of an offset, found by halving. */
function among(lines: readonly Line[]): Draft['locate'] {
  let last = 0;
  return (start, end) => {
    let low = 0;
    let high = lines.length;
    // Spans are asked for in the order of reading: most lie in the line of the one before.
    if ((lines[last]?.start ?? 0) <= start && start < (lines[last + 1]?.start ?? 0)) {
      low = last;
      high = last + 1;
    }
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if ((lines[middle]?.start ?? 0) <= start) low = middle;
      else high = middle;
    }
    last = low;
    const line = lines[low];
    // Behind the last line end begins a line that holds nothing.
    if (line && low === lines.length - 1 && start > line.end) return { start, end, line: low + 2, column: 1 };
    return { start, end, line: low + 1, column: start - (line?.start ?? 0) + 1 };
  };
}

/** A heading's text, markup removed. */
export function titleOf(draft: Draft, line: Line): string {
  const known = draft.titles.get(line);
  if (known !== undefined) return known;
  const title = plainText(headingTitle(draft.source, line));
  draft.titles.set(line, title);
  return title;
}

/** A diagnostic at a span. */
export function diagnose(
  draft: { file: string },
  rule: string,
  severity: Severity,
  span: Span,
  message: string,
  more: { hint?: string; about?: string; fix?: Fix } = {},
): Diagnostic {
  return { rule, severity, message, file: draft.file, line: span.line, column: span.column, ...more };
}

/** Text of a line from its content on. */
export const contentOf = (draft: Draft, line: Line) => draft.source.slice(line.content, line.end).trimEnd();

/** The first entry behind `index` that is meant. Stops there, so that a thousand siblings cost a thousand steps. */
export function laterThan<T>(list: readonly T[], index: number, meant: (entry: T) => boolean): T | undefined {
  for (let i = index + 1; i < list.length; i++) {
    const entry = list[i] as T;
    if (meant(entry)) return entry;
  }
  return undefined;
}

/** Gives each wanted id once: a second `1` becomes `1~2`. */
export function uniqueIds(): (wanted: string) => string {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return (wanted) => {
    let id = wanted;
    for (let n = next.get(wanted) ?? 2; taken.has(id); n++) {
      id = `${wanted}~${n}`;
      next.set(wanted, n + 1);
    }
    taken.add(id);
    return id;
  };
}

function sectionsOf(draft: Draft): Section[] {
  const headings = draft.lines.filter((line) => line.kind === 'heading');
  const end = draft.source.length;
  return headings.map((line, i) => {
    const next = laterThan(headings, i, (other) => other.level <= line.level);
    const start = draft.lines[line.number]?.start ?? end;
    const body = draft.locate(Math.min(start, end), Math.max(start, next?.start ?? end));
    return { level: line.level, title: titleOf(draft, line), span: lineSpan(line), body };
  });
}

function fileReferences(draft: Draft): FileReference[] {
  if (!draft.source.includes('#[[')) return [];
  return [...draft.source.matchAll(/#\[\[file:([^\]\n]+)\]\]/g)].map((match) => ({
    path: (match[1] ?? '').trim(),
    span: draft.locate(match.index, match.index + match[0].length),
  }));
}

const suppressionPattern = /<!--\s*ambit-ignore(-file)?\s+([A-Z]\d+(?:\s*,\s*[A-Z]\d+)*)\s*(?::\s*([\s\S]*?))?\s*-->/g;

function suppressionsOf(draft: Draft): Suppression[] {
  if (!draft.source.includes('ambit-ignore')) return [];
  return [...draft.source.matchAll(suppressionPattern)].map((match) => ({
    rules: (match[2] ?? '').split(/\s*,\s*/),
    reason: (match[3] ?? '').trim(),
    scope: match[1] ? 'file' : 'next',
    span: draft.locate(match.index, match.index + match[0].length),
  }));
}

/** The parts that all documents share. */
export function documentTree(draft: Draft): DocumentTree {
  const sections = sectionsOf(draft);
  return {
    file: draft.file,
    source: draft.source,
    title: (sections.find((section) => section.level === 1) ?? sections[0])?.title ?? '',
    language: languageOf(draft.source),
    sections,
    references: fileReferences(draft),
    suppressions: suppressionsOf(draft),
    diagnostics: draft.diagnostics,
  };
}
