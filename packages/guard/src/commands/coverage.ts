import { forEachChild, type ParsedScript, type SyntaxNode } from 'unbash';

/** Nodes whose text is accounted for by themselves; what is inside them is judged word by word. */
const leaves: ReadonlySet<string> = new Set([
  'Word',
  'Assignment',
  'Redirect',
  'HereDoc',
  'HereString',
  'TestCommand',
  'ArithmeticCommand',
]);

const keywords =
  /^(?:if|then|elif|else|fi|for|in|do|done|while|until|case|esac|time|select|function|coproc|!|\{|\}|-p|--)$/;

interface Seen {
  spans: [number, number][];
  subshells: number;
  caseItems: number;
  functions: number;
}

function collect(node: SyntaxNode, seen: Seen): void {
  if (leaves.has(node.type)) {
    seen.spans.push([node.pos, node.end]);
    if (node.type !== 'HereDoc') return;
    seen.spans.push([node.body.pos, node.body.end]);
    if (node.closing) seen.spans.push([node.closing.pos, node.closing.end]);
    return;
  }
  // The head of a counting loop is read as text by whoever walks it.
  if (node.type === 'ArithmeticFor') seen.spans.push([node.pos, node.body.pos]);
  if (node.type === 'Subshell') seen.subshells += 1;
  if (node.type === 'CaseItem') seen.caseItems += 1;
  if (node.type === 'Function') seen.functions += 1;
  forEachChild(node, (child) => collect(child, seen));
}

/** Text between the leaves: operators, keywords and comments, where the parser was right. */
function gaps(source: string, spans: [number, number][]): string {
  let text = '';
  let at = 0;
  for (const [start, end] of spans.sort((a, b) => a[0] - b[0])) {
    if (start > at) text += `${source.slice(at, start)} `;
    at = Math.max(at, end);
  }
  return text + source.slice(at);
}

const count = (text: string, char: string) => text.split(char).length - 1;

/**
 * Whether the tree accounts for every character of the line. A tolerant parser may drop what it does not understand;
 * then the tree is not what a shell would run, and the line counts as unparsed.
 */
export function accountsFor(source: string, script: ParsedScript): boolean {
  const seen: Seen = { spans: [], subshells: 0, caseItems: 0, functions: 0 };
  forEachChild(script, (child) => collect(child, seen));
  const rest = gaps(source, seen.spans)
    .replaceAll(/(^|\s)#[^\n]*/g, ' ')
    .replaceAll('\\\n', ' ');
  const words = rest
    .replaceAll(/[;&|()\n]/g, ' ')
    .split(/\s+/)
    .filter(Boolean);
  if (!words.every((word) => keywords.test(word))) return false;
  const opened = count(rest, '(') - seen.subshells - seen.functions;
  const closed = count(rest, ')') - seen.subshells - seen.functions;
  // `case x in (a) …` and `case x in a) …` are both right.
  return opened >= 0 && opened <= seen.caseItems && closed === seen.caseItems;
}
