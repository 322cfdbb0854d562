import type { SyntaxNode } from '@lezer/common';
import type { Node, TemplateLiteral } from '../tree.ts';
import { functionOf } from './functions.ts';
import { children, identifier, nothing, parts, type Reader, slice, span } from './reader.ts';

/** The parser at hand reads `not a or b` as `not (a or b)`; Python negates `a` alone. */
function negated(argument: Node, start: number): Node {
  if (argument.type === 'LogicalExpression') return { ...argument, left: negated(argument.left, start), start };
  return { type: 'UnaryExpression', operator: '!', argument, start, end: argument.end };
}

const QUOTES = /^([rbfu]*)("""|'''|"|')/i;

function stringValue(text: string): string {
  const open = QUOTES.exec(text);
  if (open === null) return text;
  const inner = text.slice(open[0].length, text.length - (open[2]?.length ?? 1));
  if (/r/i.test(open[1] ?? '')) return inner;
  return inner.replaceAll(
    /\\(['"\\nrt])/g,
    (_, escaped: string) => ({ n: '\n', r: '\r', t: '\t' })[escaped] ?? escaped,
  );
}

const literal = (node: SyntaxNode, value: string | number | boolean | null): Node => ({
  type: 'Literal',
  value,
  ...span(node),
});

function formatString(reader: Reader, node: SyntaxNode): Node {
  const expressions: Node[] = [];
  const quasis: TemplateLiteral['quasis'] = [];
  const open = QUOTES.exec(slice(reader, node));
  let at = node.from + (open?.[0].length ?? 1);
  const push = (to: number) => {
    const raw = reader.text.slice(at, to).replaceAll('{{', '{').replaceAll('}}', '}');
    quasis.push({ value: { cooked: raw, raw } });
  };
  for (const child of children(node)) {
    if (child.name !== 'FormatReplacement') continue;
    push(child.from);
    const inner = parts(child)[0];
    expressions.push(inner === undefined ? nothing(span(child)) : reader.expression(inner));
    at = child.to;
  }
  push(node.to - (open?.[2]?.length ?? 1));
  return { type: 'TemplateLiteral', quasis, expressions, ...span(node) };
}

function continued(reader: Reader, node: SyntaxNode): Node {
  const pieces = children(node).map((child) => reader.expression(child));
  return pieces.reduce((left, right) => ({
    type: 'BinaryExpression',
    operator: '+',
    left,
    right,
    start: left.start,
    end: right.end,
  }));
}

const OPERATORS: Readonly<Record<string, string>> = { is: '===', '==': '===', '!=': '!==' };

function binary(reader: Reader, node: SyntaxNode): Node {
  const [first, ...rest] = children(node);
  const last = rest[rest.length - 1];
  if (first === undefined || last === undefined) return nothing(span(node));
  const operator = rest
    .slice(0, -1)
    .map((child) => slice(reader, child))
    .join(' ');
  const left = reader.expression(first);
  const right = reader.expression(last);
  if (operator === 'and' || operator === 'or')
    return { type: 'LogicalExpression', operator: operator === 'and' ? '&&' : '||', left, right, ...span(node) };
  return {
    type: 'BinaryExpression',
    operator: operator === 'is not' ? '!==' : (OPERATORS[operator] ?? operator),
    left,
    right,
    ...span(node),
  };
}

function member(reader: Reader, node: SyntaxNode): Node {
  const [objectNode, ...rest] = children(node);
  if (objectNode === undefined) return nothing(span(node));
  const object = reader.expression(objectNode);
  const property = rest.find((child) => child.name === 'PropertyName');
  if (property !== undefined)
    return {
      type: 'MemberExpression',
      object,
      property: identifier(slice(reader, property), span(property)),
      computed: false,
      ...span(node),
    };
  const keys = rest.filter((child) => !/^[[\],]$/.test(child.name));
  // A slice keeps what the whole has.
  if (keys.some((child) => child.name === ':')) return object;
  const key = keys[0];
  if (key === undefined) return object;
  return { type: 'MemberExpression', object, property: reader.expression(key), computed: true, ...span(node) };
}

/** Arguments in order; keyword arguments become one object at the end. */
export function argumentsOf(reader: Reader, list: SyntaxNode): Node[] {
  const args: Node[] = [];
  const keywords: Node[] = [];
  const nodes = parts(list);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    if (node === undefined) break;
    const next = nodes[i + 1];
    const value = nodes[i + 2];
    if (node.name === 'VariableName' && next?.name === 'AssignOp' && value !== undefined) {
      keywords.push({
        type: 'Property',
        key: identifier(slice(reader, node), span(node)),
        value: reader.expression(value),
        computed: false,
        start: node.from,
        end: value.to,
      });
      i += 2;
    } else if ((node.name === '*' || node.name === '**') && next !== undefined) {
      const spread: Node = { type: 'SpreadElement', argument: reader.expression(next), start: node.from, end: next.to };
      if (node.name === '*') args.push(spread);
      else keywords.push(spread);
      i++;
    } else if (node.name === 'for') break;
    else args.push(reader.expression(node));
  }
  if (keywords.length > 0) args.push({ type: 'ObjectExpression', properties: keywords, ...span(list) });
  return args;
}

function call(reader: Reader, node: SyntaxNode): Node {
  const list = node.getChild('ArgList');
  const callee = node.firstChild;
  if (callee === null) return nothing(span(node));
  return {
    type: 'CallExpression',
    callee: reader.expression(callee),
    arguments: list === null ? [] : argumentsOf(reader, list),
    keywords: true,
    ...span(node),
  };
}

function dictionary(reader: Reader, node: SyntaxNode): Node {
  const properties: Node[] = [];
  const nodes = children(node).filter((child) => !/^[{},]$/.test(child.name));
  for (let i = 0; i < nodes.length; i++) {
    const key = nodes[i];
    if (key === undefined) break;
    const value = nodes[i + 2];
    if (key.name === '**' && nodes[i + 1] !== undefined) {
      const inner = nodes[i + 1];
      if (inner !== undefined)
        properties.push({ type: 'SpreadElement', argument: reader.expression(inner), start: key.from, end: inner.to });
      i++;
    } else if (nodes[i + 1]?.name === ':' && value !== undefined) {
      const computed = key.name !== 'String';
      properties.push({
        type: 'Property',
        key: reader.expression(key),
        value: reader.expression(value),
        computed,
        start: key.from,
        end: value.to,
      });
      i += 2;
    }
  }
  return { type: 'ObjectExpression', properties, ...span(node) };
}

/** `[f(x) for x in xs]` is `xs.map((x) => f(x))`. */
function comprehension(reader: Reader, node: SyntaxNode): Node {
  const nodes = parts(node);
  const at = nodes.findIndex((child) => child.name === 'for');
  const over = nodes.findIndex((child) => child.name === 'in');
  const element = nodes[0];
  const source = nodes[over + 1];
  if (at < 1 || over < 0 || element === undefined || source === undefined) return nothing(span(node));
  const names = nodes.slice(at + 1, over);
  const param: Node =
    names.length === 1 && names[0] !== undefined
      ? reader.expression(names[0])
      : { type: 'ArrayPattern', elements: names.map((name) => reader.expression(name)), ...span(node) };
  const arrow: Node = {
    type: 'ArrowFunctionExpression',
    params: [param],
    body: reader.expression(element),
    expression: true,
    ...span(node),
  };
  const callee: Node = {
    type: 'MemberExpression',
    object: reader.expression(source),
    property: identifier('map', span(node)),
    computed: false,
    ...span(node),
  };
  return { type: 'CallExpression', callee, arguments: [arrow], ...span(node) };
}

function conditional(reader: Reader, node: SyntaxNode): Node {
  const [yes, test, no] = parts(node).filter((child) => child.name !== 'if' && child.name !== 'else');
  if (yes === undefined || test === undefined || no === undefined) return nothing(span(node));
  return {
    type: 'ConditionalExpression',
    test: reader.expression(test),
    consequent: reader.expression(yes),
    alternate: reader.expression(no),
    ...span(node),
  };
}

function list(reader: Reader, node: SyntaxNode): Node {
  return {
    type: 'ArrayExpression',
    elements: parts(node)
      .filter((child) => child.name !== '*')
      .map((child) => reader.expression(child)),
    ...span(node),
  };
}

type Lower = (reader: Reader, node: SyntaxNode) => Node;

function first(reader: Reader, node: SyntaxNode): Node {
  const inner = parts(node).filter((child) => child.name !== 'await')[0];
  return inner === undefined ? nothing(span(node)) : reader.expression(inner);
}

export const EXPRESSIONS: Readonly<Record<string, Lower>> = {
  VariableName: (reader, node) => {
    const name = slice(reader, node);
    return name === 'self' ? { type: 'ThisExpression', ...span(node) } : identifier(name, span(node));
  },
  Number: (reader, node) => literal(node, Number(slice(reader, node).replaceAll('_', '')) || 0),
  String: (reader, node) => literal(node, stringValue(slice(reader, node))),
  FormatString: formatString,
  ContinuedString: continued,
  Boolean: (reader, node) => literal(node, slice(reader, node) === 'True'),
  None: (_reader, node) => literal(node, null),
  BinaryExpression: binary,
  UnaryExpression: (reader, node) => {
    const [operator, operand] = children(node);
    if (operator === undefined || operand === undefined) return nothing(span(node));
    const argument = reader.expression(operand);
    if (operator.name === 'not' && operand.name === 'BinaryExpression') return negated(argument, node.from);
    return {
      type: 'UnaryExpression',
      operator: operator.name === 'not' ? '!' : slice(reader, operator),
      argument,
      ...span(node),
    };
  },
  MemberExpression: member,
  CallExpression: call,
  ParenthesizedExpression: first,
  AwaitExpression: first,
  NamedExpression: (reader, node) => {
    const [name, , value] = children(node);
    if (name === undefined || value === undefined) return nothing(span(node));
    return {
      type: 'AssignmentExpression',
      operator: '=',
      left: reader.expression(name),
      right: reader.expression(value),
      ...span(node),
    };
  },
  ConditionalExpression: conditional,
  ArrayExpression: list,
  TupleExpression: list,
  SetExpression: list,
  DictionaryExpression: dictionary,
  ArrayComprehensionExpression: comprehension,
  SetComprehensionExpression: comprehension,
  ComprehensionExpression: comprehension,
  LambdaExpression: (reader, node) => {
    const body = parts(node).at(-1);
    const list = node.getChild('ParamList');
    return functionOf(reader, {
      node,
      list,
      body: body === undefined ? nothing(span(node)) : reader.expression(body),
      decorators: [],
    });
  },
  YieldExpression: first,
};
