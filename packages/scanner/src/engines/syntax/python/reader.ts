import type { SyntaxNode } from '@lezer/common';
import type { Node } from '../tree.ts';

/** What lowering a Python tree needs; `expression` and `statements` are the two ways down. */
export interface Reader {
  text: string;
  expression(node: SyntaxNode): Node;
  statements(node: SyntaxNode | null): Node[];
}

export const span = (node: SyntaxNode): { start: number; end: number } => ({ start: node.from, end: node.to });

export function slice(reader: Reader, node: SyntaxNode): string {
  return reader.text.slice(node.from, node.to);
}

export function children(node: SyntaxNode): SyntaxNode[] {
  const out: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (child.name !== 'Comment') out.push(child);
  return out;
}

const PUNCTUATION = /^[()[\]{},:.;]$/;

/** The children that mean something by themselves. */
export function parts(node: SyntaxNode): SyntaxNode[] {
  return children(node).filter((child) => !PUNCTUATION.test(child.name));
}

export function identifier(name: string, at: { start: number; end: number }): Node {
  return { type: 'Identifier', name, ...at };
}

export const nothing = (at: { start: number; end: number }): Node => ({ type: 'Literal', value: null, ...at });
