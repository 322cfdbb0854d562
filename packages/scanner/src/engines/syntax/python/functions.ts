import type { SyntaxNode } from '@lezer/common';
import type { Decorator, Node } from '../tree.ts';
import { identifier, parts, type Reader, slice, span } from './reader.ts';

interface Definition {
  node: SyntaxNode;
  list: SyntaxNode | null;
  body: Node;
  decorators: Decorator[];
  name?: SyntaxNode;
  start?: number;
}

function parameters(reader: Reader, list: SyntaxNode | null): Node[] {
  const out: Node[] = [];
  const nodes = list === null ? [] : parts(list);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    if (node === undefined || node.name !== 'VariableName') continue;
    const rest = nodes[i - 1]?.name === '*' || nodes[i - 1]?.name === '**';
    let at = i + 1;
    const name = slice(reader, node);
    const annotation = nodes[at]?.name === 'TypeDef' ? nodes[at++] : undefined;
    const typed = annotation === undefined ? {} : { typeAnnotation: { start: annotation.from, end: annotation.to } };
    const param: Node = { type: 'Identifier', name, ...typed, ...span(node) };
    const value = nodes[at]?.name === 'AssignOp' ? nodes[at + 1] : undefined;
    if (value !== undefined) i = at + 1;
    if (name === 'self' || name === 'cls') continue;
    if (rest) out.push({ type: 'RestElement', argument: param, ...span(node) });
    else if (value === undefined) out.push(param);
    else
      out.push({
        type: 'AssignmentPattern',
        left: param,
        right: reader.expression(value),
        start: node.from,
        end: value.to,
      });
  }
  return out;
}

export function functionOf(reader: Reader, { node, list, body, decorators, name, start }: Definition): Node {
  return {
    type: name === undefined ? 'ArrowFunctionExpression' : 'FunctionDeclaration',
    id:
      name === undefined
        ? null
        : (identifier(slice(reader, name), span(name)) as Extract<Node, { type: 'Identifier' }>),
    params: parameters(reader, list),
    body,
    expression: name === undefined,
    decorators,
    start: start ?? node.from,
    end: node.to,
  };
}
