/** A sentence, list item or table row of a text, with the line it starts on (1-based). */
export interface Statement {
  text: string;
  line: number;
  /** The words to quote when `text` is only their meaning. */
  quote?: string;
  /** The file that says it, when there are several. */
  file?: string;
}

/** Longer texts are read to here: cues are tried on each sentence, and a page says what an app does early. */
export const TEXT_LIMIT = 256 * 1024;
const STATEMENT_LIMIT = 1_000;

const boundary = /(?<=[.!?;。！？；])\s+(?=\S)|(?<=[。！？；])/u;
/** A line of YAML or of a key-value list; such a document is read line by line. */
const keyLine = /^\s*(?:- )?["']?[\w$/{}.-]+["']?:(?:\s|$)/u;
const STRUCTURED = 0.5;

function isStructured(lines: readonly string[]): boolean {
  const filled = lines.filter((line) => line.trim() !== '');
  return filled.length >= 8 && filled.filter((line) => keyLine.test(line)).length >= STRUCTURED * filled.length;
}

/** A section that says what is not built; what it names is no capability. */
const excluded =
  /^\s*(?:#{1,6}\s*|\*\*)?(?:out of scope|non-?goals?|not in scope|won'?t (?:have|do|build)|excluded|not included)\b/iu;
const anyHeading = /^\s*(?:#{1,6}\s|\*\*[^*]+\*\*:?\s*$)/u;
/** Lines that start something new without a mark: user stories, scenarios, routes. */
const story = /^\s*(?:As an? \p{L}|Given |Scenario|Feature:|(?:GET|POST|PUT|PATCH|DELETE) \/)/u;
const listItem = /^\s*(?:[-*+•]|\d+[.)]|#{1,6}|\|)\s*/u;

/**
 * Splits a text into statements. A hard-wrapped paragraph is read as one text; a list item, heading, table row or blank
 * line ends it.
 */
export function statements(text: string): Statement[] {
  const found: Statement[] = [];
  let block = '';
  let starts: { offset: number; line: number }[] = [];
  const flush = () => {
    emit(block, starts, found);
    block = '';
    starts = [];
  };
  let skipping = false;
  const lines = text.slice(0, TEXT_LIMIT).split(/\r\n?|\n/);
  const structured = isStructured(lines);
  for (const [index, raw] of lines.entries()) {
    if (excluded.test(raw)) skipping = true;
    else if (anyHeading.test(raw)) skipping = false;
    const line = skipping ? '' : raw.trim();
    if (line === '' || structured || listItem.test(raw) || story.test(raw)) flush();
    if (line === '') continue;
    starts.push({ offset: block.length, line: index + 1 });
    block += `${line} `;
    if (/^\s*(?:#{1,6}\s|\|)/u.test(raw)) flush();
  }
  flush();
  return found;
}

function emit(block: string, starts: { offset: number; line: number }[], out: Statement[]): void {
  let offset = 0;
  const lineAt = (at: number) => starts.findLast((start) => start.offset <= at)?.line ?? 1;
  for (const sentence of block.split(boundary)) {
    const at = block.indexOf(sentence, offset);
    const text = sentence.trim();
    for (let start = 0; start < text.length; start += STATEMENT_LIMIT)
      out.push({ text: text.slice(start, start + STATEMENT_LIMIT), line: lineAt(at + start) });
    offset = at + sentence.length;
  }
}
