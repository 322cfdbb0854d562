import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@lezer/python';
import type { Parsed } from '../parse.ts';
import type { Node } from '../tree.ts';
import { EXPRESSIONS } from './expressions.ts';
import { children, nothing, type Reader, span } from './reader.ts';
import { STATEMENTS } from './statements.ts';

/** Deeper nesting than people write: what lies below is left out. */
const DEEPEST = 120;

/** Parses Python and lowers it to the tree that JavaScript has, so that the same interpreter reads it. */
export function parsePython(text: string): Parsed {
  let depth = 0;
  const bounded = <T>(inner: () => T, otherwise: T): T => {
    if (depth > DEEPEST) return otherwise;
    depth++;
    try {
      return inner();
    } finally {
      depth--;
    }
  };
  const reader: Reader = {
    text,
    expression(node) {
      const lower = EXPRESSIONS[node.name];
      return bounded<Node>(
        () => (lower === undefined ? nothing(span(node)) : lower(reader, node)),
        nothing(span(node)),
      );
    },
    statements(node) {
      if (node === null) return [];
      return bounded<Node[]>(
        () => children(node).flatMap((child) => STATEMENTS[child.name]?.(reader, child) ?? []),
        [],
      );
    },
  };
  const tree = parser.parse(text);
  const body = reader.statements(tree.topNode);
  return { program: { type: 'Program', body, start: 0, end: text.length }, skipped: unread(tree, text) };
}

/** More broken lines than this say no more about a file. */
const TOLD = 12;

/** What the grammar takes for an error and Python does not: `yield` alone, and `1.` for a number. */
function isKnown({ parent, from, to }: SyntaxNode, text: string): boolean {
  if (/^Yield/.test(parent?.name ?? '')) return from === to;
  return text.slice(from, to) === '.' && /\d/.test(text[from - 1] ?? '');
}

/** Lines with something that is no Python. */
function unread(tree: Tree, text: string): number[] {
  const lines = new Set<number>();
  let line = 1;
  let from = 0;
  const cursor = tree.cursor();
  do {
    if (!cursor.type.isError || isKnown(cursor.node, text)) continue;
    for (let at = text.indexOf('\n', from); at >= 0 && at < cursor.from; at = text.indexOf('\n', from)) {
      line += 1;
      from = at + 1;
    }
    lines.add(line);
  } while (lines.size < TOLD && cursor.next());
  return [...lines];
}
