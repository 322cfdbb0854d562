import { closing, countAssertions } from './assertions.ts';
import type { CitedTest } from './evidence.ts';
import { codeOnly, type Syntax, syntaxOf } from './mask.ts';

/** Where a language opens a test; group 1 (or the string behind the call) is its name. */
const openings: readonly { match: RegExp; skipped: RegExp }[] = [
  {
    match: /(?<![\w.$])(?:(?:test|it|specify|fit|xit|xtest)(?:\.\w+(?:\([^)]*\))?)*|Deno\.test|Bun\.test)\s*\(/g,
    skipped: /^(?:x|\w+\.(?:skip|todo|fixme|failing))/,
  },
  { match: /^[ \t]*(?:async\s+)?def\s+(test\w*)\s*\(/gm, skipped: /(?!)/ },
  { match: /^func\s+(Test\w+|Fuzz\w+)\s*\(/gm, skipped: /(?!)/ },
  { match: /#\[(?:tokio::)?test\][\s\S]{0,200}?fn\s+(\w+)\s*\(/g, skipped: /#\[ignore/ },
  {
    match: /@(?:Parameterized)?Test\b[\s\S]{0,300}?\b(?:void|fun)\s+(`[^`]+`|\w+)\s*\(/g,
    skipped: /@(?:Disabled|Ignore)\b/,
  },
  {
    match: /\[(?:Fact|Theory|Test|TestMethod)\b[^\]]*\][\s\S]{0,300}?\b(?:void|Task)\s+(\w+)\s*\(/g,
    skipped: /Skip\s*=|\[Ignore/,
  },
  { match: /^[ \t]*(?:it|test|specify|example)\s+(?=["'])/gm, skipped: /^\s*x/ },
  { match: /\bfunc\s+(test\w+)\s*\(\s*\)/g, skipped: /(?!)/ },
  { match: /\bfunction\s+(test\w+)\s*\(/g, skipped: /(?!)/ },
];

const skipInside =
  /\b(?:t\.Skip(?:Now|f)?\(|pytest\.skip\(|t\.skip\(|this\.skip\(|ctx\.skip\(|markTestSkipped\(|XCTSkip)/;
const skipBefore = /@(?:pytest\.mark\.skip|unittest\.skip|Disabled|Ignore)\b|#\[ignore/;

interface Block {
  start: number;
  /** Where its body begins: behind the name. */
  body: number;
  end: number;
  name: string;
  skipped: boolean;
}

function indentedEnd(code: string, start: number): number {
  const lineStart = code.lastIndexOf('\n', start - 1) + 1;
  const indent = /^[ \t]*/.exec(code.slice(lineStart))?.[0].length ?? 0;
  let at = code.indexOf('\n', closing(code, code.indexOf('(', start)));
  while (at >= 0) {
    const line = /^([ \t]*)(\S?)/.exec(code.slice(at + 1, at + 400));
    if (line?.[2] && (line[1]?.length ?? 0) <= indent) return at + 1;
    at = code.indexOf('\n', at + 1);
  }
  return code.length;
}

function blockEnd(code: string, match: RegExpExecArray, syntax: Syntax): number {
  if (syntax.indented) return indentedEnd(code, match.index + match[0].length - 1);
  if (syntax.ended) {
    const indent = /^[ \t]*/.exec(code.slice(code.lastIndexOf('\n', match.index) + 1))?.[0] ?? '';
    const end = new RegExp(`^${indent}end\\b`, 'm').exec(code.slice(match.index));
    return end ? match.index + end.index + end[0].length : code.length;
  }
  if (match[0].trimEnd().endsWith('(') && match[1] === undefined)
    return closing(code, match.index + match[0].lastIndexOf('('));
  const brace = code.indexOf('{', match.index + match[0].length);
  return brace < 0 ? code.length : closing(code, brace);
}

function nameOf(text: string, match: RegExpExecArray): string {
  if (match[1]) return match[1].replaceAll('`', '');
  const after = text.slice(match.index + match[0].length);
  return /^\s*(["'`])((?:\\.|(?!\1)[\s\S])*)\1/.exec(after)?.[2] ?? '';
}

function blocks(text: string, code: string, syntax: Syntax): Block[] {
  const found: Block[] = [];
  for (const { match: pattern, skipped } of openings) {
    // Annotations and `describe` names are code; strings are blanked, so a test inside a string is not found.
    for (const match of code.matchAll(pattern)) {
      const end = blockEnd(code, match as RegExpExecArray, syntax);
      const body = code.slice(match.index, end);
      const before = code.slice(Math.max(0, code.lastIndexOf('\n\n', match.index)), match.index);
      const isSkipped =
        skipped.test(match[0].trimStart()) || skipInside.test(body) || skipBefore.test(before) || skipped.test(before);
      found.push({
        start: match.index,
        body: match.index + match[0].length,
        end,
        name: nameOf(text, match as RegExpExecArray),
        skipped: isSkipped,
      });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

const criterionId = '[A-Za-z]{0,5}-?\\d+(?:\\.\\d+)*[a-z]?';
const byPath =
  /(?<![\w./-])([\p{L}\p{N}][\p{L}\p{N}_-]*(?:\/[\p{L}\p{N}][\p{L}\p{N}_-]*)*)\/(\d+\.\d+[a-z]?|[A-Z]{1,5}-?\d+(?:\.\d+)*)(?![\w./-]|\.\d)/gu;
const byWord = new RegExp(
  `(?:requirements?|reqs?|validates|criteri(?:on|a)|需求|要件)\\s*[:：#]?\\s*((?:${criterionId})(?:\\s*(?:,|、|，|and|-|–)\\s*(?:${criterionId}))*)`,
  'giu',
);

/** `<spec>/<N.M>` and, without a spec, `Requirements: 1.2, 1.3` as Kiro's own agents write it. */
export function citationsIn(text: string): CitedTest['cites'] {
  const cites = new Map<string, { spec: string; criterion: string }>();
  const add = (spec: string, criterion: string) => cites.set(`${spec}/${criterion}`, { spec, criterion });
  for (const match of text.matchAll(byPath)) add(match[1] ?? '', match[2] ?? '');
  // Kiro's property tests carry this tag.
  for (const match of text.matchAll(/Feature:\s*([^,\n]{1,80}?)\s*,\s*Property\s+(\w+)/g))
    add((match[1] ?? '').replaceAll(/["'`]/g, ''), `property ${match[2]}`);
  for (const match of text.matchAll(byWord))
    for (const id of (match[1] ?? '').matchAll(new RegExp(criterionId, 'g'))) if (/\d/.test(id[0])) add('', id[0]);
  return [...cites.values()];
}

/** A comment directly above a test belongs to it. */
function commentAbove(text: string, code: string, start: number): string {
  let from = code.lastIndexOf('\n', start - 1) + 1;
  const end = from;
  while (from > 0) {
    const previous = code.lastIndexOf('\n', from - 2) + 1;
    const blanked = code.slice(previous, from).trim() === '';
    const real = text.slice(previous, from).trim();
    if (!(blanked && real !== '') && !/^[@#[]/.test(real)) break;
    from = previous;
  }
  return text.slice(from, end);
}

/** The tests of a file that cite something, with how much they assert. Works on text alone, in any common language. */
export function citedTests(file: string, text: string, sha256: string): CitedTest[] {
  const syntax = syntaxOf(file);
  const code = codeOnly(text, syntax);
  const all = blocks(text, code, syntax);
  const imitates = imitation.test(text);
  let line = 1;
  let at = 0;
  return all.flatMap((block) => {
    for (; at < block.start; at++) if (text[at] === '\n') line++;
    const outer = all.filter((other) => other !== block && other.start <= block.start && other.end >= block.end);
    const cites = citationsIn(`${commentAbove(text, code, block.start)}\n${heading(text, code, block, syntax)}`);
    if (cites.length === 0) return [];
    const skipped = block.skipped || outer.some((other) => other.skipped) || inSkippedGroup(code, block);
    return [
      {
        file,
        line,
        name: block.name,
        cites,
        assertions: countAssertions(code.slice(block.body, block.end)),
        skipped,
        ...(imitates ? { imitates } : {}),
        sha256,
      },
    ];
  });
}

/** A print of what a report says of a passed test: `console.log('ok 1 - …')`. */
const imitation =
  /(?:console\.\w+|std(?:out|err)\.write|\bprint(?:ln|f)?!?|fmt\.\w*rint\w*|\bputs|\becho|System\.out\.\w+|writeSync)\s*\(?[^\n]{0,80}?(?:\bok\s+\d|[✔✓√☑]|---\s*PASS|\bPASS(?:ED)?\b|<testcase\b)/u;

/**
 * What a test says of itself: its name, and the comment or docstring that opens its body. A comment further down, beside
 * code about something else, is no citation.
 */
function heading(text: string, code: string, block: Block, syntax: Syntax): string {
  let at = block.body;
  if (syntax.indented) {
    at = closing(code, block.body - 1);
    for (let line = code.indexOf('\n', at); line >= 0 && line < block.end; line = code.indexOf('\n', at)) {
      const next = code.indexOf('\n', line + 1);
      const own = code.slice(line + 1, next < 0 ? block.end : next).trim();
      at = line + 1;
      // A docstring is blanked to its quotes.
      if (own !== '' && !/^["']+\s*["']*$/.test(own)) break;
    }
    return text.slice(block.start, Math.min(at, block.end));
  }
  const body = code.slice(block.body, block.end);
  const opens = syntax.ended ? /\bdo\b[^\n]*\n|\n/.exec(body) : /=>\s*\{?|\{/.exec(body);
  at = block.body + (opens ? opens.index + opens[0].length : body.length);
  while (at < block.end && /\s/.test(code[at] ?? '')) at++;
  return text.slice(block.start, at);
}

function inSkippedGroup(code: string, block: Block): boolean {
  for (const match of code.matchAll(/(?<![\w.$])(?:describe\.skip|xdescribe|suite\.skip)\s*\(/g))
    if (match.index < block.start && closing(code, match.index + match[0].length - 1) >= block.end) return true;
  return false;
}
