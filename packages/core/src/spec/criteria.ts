import { contentOf, type Draft } from './document.ts';
import { parseEars } from './ears.ts';
import { type Line, lineSpan, plainText, spanIn } from './lines.ts';
import { sentenceOf } from './sentence.ts';
import type { Criterion, Slot } from './types.ts';

/** One criterion as found, before ids are given. */
interface Candidate {
  first: Line;
  last: Line;
  /** Where the text starts, behind marker, box and number. */
  start: number;
  /** End of the text, before the first detail. */
  end: number;
  number: string;
  /** The number was written as a label of its own: `AC-1:`, `**1.2**`, `PROD-01:`; not as a list's marker. */
  coded: boolean;
  details: Slot[];
}

/** `1.1`, `AC-2:`, `**1.3**`, `FR-001:` at the start of an item; a bare `5 attempts` is text. */
const labelPattern =
  /^(?:\*\*|__|`)?\s*(?:(?:AC|Criterion|验收标准|受入基準)\s*[-#]?\s*)?((?:[A-Z]{1,8}[-_]?){0,3}\d+(?:[.-]\d+)*[a-z]?)(?:\s*[.:：]?(?:\*\*|__|`)\s*[:：.)]?(?:\s+[—–-]\s)?|\s*[:：]\s*(?:\*\*|__)?|[.)、．]\s+|[)、．])/u;
/** `**AC-1.1 (discount with cap)**: …`, `**1.2 — Errors:** …`: the label carries a name. */
const namedLabelPattern =
  /^\*\*(?:AC\s*[-#]?\s*)?((?:[A-Z]{1,8}[-_]?){0,3}\d+(?:[.-]\d+)*[a-z]?)(?:\s*[(（[][^*]{1,60}|\s*[.:：]?\s+[^*]{1,60}|\s*[—–-]\s*[^*]{1,60})\*\*\s*[:：.]?\s+(?=\S)/u;
/** Codes by which requirements are named where no heading says what the list is. */
const codePattern =
  /^(?:[-*+•]\s+|\d+[.)]\s+)?(?:\[[ xX]\]\s+)?(?:\*\*|`)?(?:N?FR|REQ|AC|US|SR|BR|TR|CR|UR|SEC|R)[-_.]?\d+(?:[.-]\d+)*[a-z]?[^*`\n]{0,60}?(?:\*\*|`|[:：])/u;
const dottedPattern = /^(\d+(?:\.\d+)+[a-z]?)\s+/;
const boxPattern = /^\[[ xX~-]\]\s+/;
const openingPattern =
  /^(?:\*\*)?(?:WHEN|IF|WHILE|WHERE|THE|FOR\s+(?:ALL|ANY|EACH|EVERY)|GIVEN|When|If|While|Where|The|当|如果|若|若|CUANDO|SI|MIENTRAS|QUANDO|SE)(?:\*\*)?[\s\u4e00-\u9fff]/u;

const clausePattern = /^\s*(?:\*\*)?(?:WHEN|IF|WHILE|WHERE|GIVEN|When|If|While|Where)\b/;

/** True for a text that states behaviour: SHALL in any case, or its like in another language behind a clause. */
export function hasShall(text: string): boolean {
  return /\bshall\b/i.test(text);
}

/** True for an item that names itself by a requirement's code: `- **FR-2:** …`. */
export const hasCode = (text: string) => codePattern.test(text);

function label(text: string): { number: string; length: number } | undefined {
  const match = labelPattern.exec(text) ?? namedLabelPattern.exec(text) ?? dottedPattern.exec(text);
  return match?.[1] ? { number: match[1], length: match[0].length } : undefined;
}

/** A label that can stand at the start of a paragraph: a lone number there is prose («3. However …» is an item). */
const opensParagraph = (found: { number: string; length: number }, text: string) =>
  !/^\d+$/.test(found.number) || /^(?:\*\*|__)?\s*AC\b/.test(text);

function candidate(draft: Draft, line: Line): Candidate {
  let start = line.content;
  const text = contentOf(draft, line);
  const box = boxPattern.exec(text);
  if (box) start += box[0].length;
  const found = label(draft.source.slice(start, line.end));
  if (found) start += found.length;
  while (start < line.end && /\s/.test(draft.source[start] ?? '')) start++;
  const number = found?.number ?? line.marker;
  return { first: line, last: line, start, end: line.end, number, coded: found !== undefined, details: [] };
}

/** A row with a code in its first cell; below a criteria heading its text is the next cell, else the one with SHALL. */
function tableRow(draft: Draft, line: Line, strict: boolean): Candidate | undefined {
  const row = draft.source.slice(line.text, line.end);
  const cells = [...row.matchAll(/(?<=\|)([^|]*)(?=\|)/g)];
  const id = /^\s*(?:\*\*|`)?(?:AC[-\s]?)?((?:[A-Z]{1,8}[-_]?){0,3}\d+(?:[.-]\d+)*[a-z]?)(?:\*\*|`)?\s*$/.exec(
    cells[0]?.[1] ?? '',
  );
  const cell =
    cells.slice(1).find((match) => hasShall(match[1] ?? '')) ??
    (strict ? undefined : cells.slice(1).find((match) => (match[1] ?? '').trim().includes(' ')));
  if (!id || !cell) return undefined;
  // The condition may have a cell of its own before the one that says what the system does.
  const condition = cells.slice(1).find((match) => match.index < cell.index && clausePattern.test(match[1] ?? ''));
  const opening = condition ?? cell;
  const lead = /^\s*/.exec(opening[1] ?? '')?.[0].length ?? 0;
  const start = line.text + opening.index + lead;
  return {
    first: line,
    last: line,
    start,
    end: line.text + cell.index + (cell[1] ?? '').trimEnd().length,
    number: id[1] ?? '',
    coded: true,
    details: [],
  };
}

interface Reading {
  draft: Draft;
  found: Candidate[];
  /** Indent and orderedness of the list, set by its first item. */
  indent: number;
  ordered: boolean;
  /** A blank line stands between the last content and this line. */
  gap: boolean;
  /** Only items that state behaviour count: no heading says that these are criteria. */
  strict: boolean;
}

function addItem(reading: Reading, line: Line): void {
  const { draft, found } = reading;
  const text = contentOf(draft, line);
  const current = found.at(-1);
  const first = reading.indent < 0;
  const nested = !first && line.indent > reading.indent + 1;
  const bulletInOrdered = !first && reading.ordered && line.marker === '' && !hasShall(text) && !label(text);
  if (current && (nested || bulletInOrdered)) {
    current.details.push({ text: plainText(text), span: spanIn(line, line.content, line.end) });
    current.last = line;
    return;
  }
  if (reading.strict && !hasShall(text) && !hasCode(text)) return;
  if (nested && !current) return;
  if (first) {
    reading.indent = line.indent;
    reading.ordered = line.marker !== '';
  }
  found.push(candidate(draft, line));
}

function addText(reading: Reading, line: Line): void {
  const { draft, found } = reading;
  const text = draft.source.slice(line.text, line.end);
  const current = found.at(-1);
  const labelled = label(text);
  const opens = openingPattern.test(text) && (hasShall(text) || reading.gap || !current);
  if ((labelled && opensParagraph(labelled, text)) || (opens && (reading.gap || !current))) {
    if (reading.strict && !hasShall(text) && !hasCode(text)) return;
    found.push(candidate(draft, line));
    return;
  }
  if (!current) return;
  const deeper = line.indent > Math.max(reading.indent, 0);
  if (reading.gap && !deeper) return;
  if (current.details.length === 0 && !reading.gap) current.end = line.end;
  current.last = line;
}

/** Criteria among the lines `[from, to)`, in order. */
function candidates(draft: Draft, from: number, to: number, strict: boolean): Candidate[] {
  const reading: Reading = { draft, found: [], indent: -1, ordered: false, gap: true, strict };
  for (let i = from; i < to; i++) {
    const line = draft.lines[i];
    if (!line) break;
    if (line.kind === 'item') addItem(reading, line);
    else if (line.kind === 'text') addText(reading, line);
    else if (line.kind === 'table') {
      const row = tableRow(draft, line, strict);
      if (row) reading.found.push(row);
    } else if (line.kind === 'heading') reading.indent = -1;
    else if (line.kind === 'code' && reading.found.length > 0 && line.indent > reading.indent)
      (reading.found.at(-1) as Candidate).last = line;
    reading.gap = line.kind === 'blank' || line.kind === 'heading' || line.kind === 'comment' || line.kind === 'rule';
  }
  return reading.found.filter((entry) => draft.source.slice(entry.start, entry.end).trim() !== '');
}

/** `- **Priority:** High` says something about the requirement, not what the system does. */
function isAttribute(draft: Draft, entry: Candidate): boolean {
  return (
    entry.number === '' &&
    /^\*\*[\w ]{2,24}:?\*\*:?\s*[^\n]{0,60}$/.test(draft.source.slice(entry.start, entry.end)) &&
    !hasShall(draft.source.slice(entry.start, entry.end))
  );
}

/**
 * Ids: a written number that starts with the requirement's id is one already; any other is put behind it. A number
 * that is taken (every item is `1.`) gives way to the position, as a Markdown renderer shows it.
 */
function idFor(requirement: string, entry: Candidate, position: number, taken: Set<string>): string {
  // `REQ-1.1` is 1.1, as in headings and references.
  const written = entry.number.replace(/^(?:REQ|R|CR)[-_]?(?=\d)/, '');
  const whole = /^[A-Z]/.test(written) || written.startsWith(`${requirement}.`) || /\d\.\d/.test(written);
  const wanted = written === '' ? '' : whole ? written : `${requirement}.${written}`;
  if (wanted !== '' && !taken.has(wanted)) return wanted;
  let n = position;
  while (taken.has(`${requirement}.${n}`)) n++;
  return `${requirement}.${n}`;
}

/** Reads the criteria of one requirement from the lines `[from, to)`; `taken` holds the ids given so far. */
export function readCriteria(
  draft: Draft,
  requirement: string,
  lines: { from: number; to: number },
  options: {
    /** Only what states behaviour or names itself counts: no heading says that these are criteria. */
    strict: boolean;
    taken: Set<string>;
    /** Criteria of the requirement read before. */
    before?: number;
    /** Asked before ids are given, so that what is left out takes none. */
    keep?: (entry: { text: string; number: string; coded: boolean; item: boolean }) => boolean;
  },
): Criterion[] {
  const { strict, taken, before = 0, keep } = options;
  return candidates(draft, lines.from, lines.to, strict)
    .filter((entry) => !isAttribute(draft, entry))
    .filter(
      (entry) =>
        keep?.({
          text: draft.source.slice(entry.start, entry.end),
          number: entry.number,
          coded: entry.coded,
          item: entry.first.kind === 'item',
        }) ?? true,
    )
    .map((entry, i) => {
      const id = idFor(requirement, entry, before + i + 1, taken);
      taken.add(id);
      const end = entry.start + draft.source.slice(entry.start, entry.end).trimEnd().length;
      const sentence = sentenceOf(draft.source, entry.start, end, draft.locate);
      const span = lineSpan(entry.first, entry.last);
      return {
        id,
        ...(entry.number === '' ? {} : { number: entry.number }),
        requirement,
        text: plainText(sentence.text),
        ears: parseEars(sentence),
        span: { ...span, start: entry.first.text, column: entry.first.text - entry.first.start + 1 },
        body: draft.locate(entry.start, end),
        details: entry.details,
      };
    });
}
