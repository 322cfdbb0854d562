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
  return { program: { type: 'Program', body, start: 0, end: text.length }, skipped: [] };
}
