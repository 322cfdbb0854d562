import type { SyntaxNode } from '@lezer/common';
import type { ClassNode, Decorator, FunctionNode, ImportDeclaration, Node } from '../tree.ts';
import { argumentsOf } from './expressions.ts';
import { functionOf } from './functions.ts';
import { children, identifier, parts, type Reader, slice, span } from './reader.ts';

type Lower = (reader: Reader, node: SyntaxNode) => Node[];

function block(reader: Reader, node: SyntaxNode | null): Node {
  const at = node === null ? { start: 0, end: 0 } : span(node);
  return { type: 'BlockStatement', body: reader.statements(node), ...at };
}

const statement = (expression: Node): Node => ({
  type: 'ExpressionStatement',
  expression,
  start: expression.start,
  end: expression.end,
});

function target(reader: Reader, nodes: readonly SyntaxNode[], at: { start: number; end: number }): Node {
  const single = nodes[0];
  if (
    nodes.length === 1 &&
    single !== undefined &&
    single.name !== 'TupleExpression' &&
    single.name !== 'ArrayExpression'
  )
    return reader.expression(single);
  const elements = (nodes.length === 1 && single !== undefined ? parts(single) : nodes)
    .filter((node) => node.name !== '*')
    .map((node) => reader.expression(node));
  return { type: 'ArrayPattern', elements, ...at };
}

function assigned(left: Node, right: Node, at: { start: number; end: number }): Node {
  if (left.type === 'MemberExpression')
    return statement({ type: 'AssignmentExpression', operator: '=', left, right, ...at });
  return { type: 'VariableDeclaration', kind: 'var', declarations: [{ id: left, init: right, ...at }], ...at };
}

const assignment: Lower = (reader, node) => {
  const groups: SyntaxNode[][] = [[]];
  for (const child of parts(node)) {
    if (child.name === 'AssignOp') groups.push([]);
    else if (child.name !== 'TypeDef') groups[groups.length - 1]?.push(child);
  }
  const values = groups.pop() ?? [];
  if (groups.length === 0) return [];
  const right: Node =
    values.length === 1 && values[0] !== undefined
      ? reader.expression(values[0])
      : { type: 'ArrayExpression', elements: values.map((value) => reader.expression(value)), ...span(node) };
  return groups.map((group) => assigned(target(reader, group, span(node)), right, span(node)));
};

const conditional: Lower = (reader, node) => {
  const nodes = children(node).filter((child) => child.name !== ':');
  const branches: { test: Node | null; body: Node }[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const word = nodes[i]?.name;
    const test = nodes[i + 1];
    if ((word === 'if' || word === 'elif') && test !== undefined)
      branches.push({ test: reader.expression(test), body: block(reader, nodes[i + 2] ?? null) });
    else if (word === 'else') branches.push({ test: null, body: block(reader, nodes[i + 1] ?? null) });
  }
  let alternate: Node | null = null;
  for (const branch of branches.reverse())
    alternate =
      branch.test === null
        ? branch.body
        : { type: 'IfStatement', test: branch.test, consequent: branch.body, alternate, ...span(node) };
  return alternate === null ? [] : [alternate];
};

const loop: Lower = (reader, node) => {
  const nodes = parts(node);
  const over = nodes.findIndex((child) => child.name === 'in');
  const start = nodes.findIndex((child) => child.name === 'for');
  const source = nodes[over + 1];
  const body = block(reader, node.getChild('Body'));
  if (source === undefined || over < 0) return [body];
  const left: Node = {
    type: 'VariableDeclaration',
    kind: 'let',
    declarations: [{ id: target(reader, nodes.slice(start + 1, over), span(node)), init: null, ...span(node) }],
    ...span(node),
  };
  return [{ type: 'ForOfStatement', left, right: reader.expression(source), body, ...span(node) }];
};

const withStatement: Lower = (reader, node) => {
  const out: Node[] = [];
  const nodes = parts(node).filter((child) => child.name !== 'with' && child.name !== 'async');
  for (let i = 0; i < nodes.length; i++) {
    const child = nodes[i];
    if (child === undefined || child.name === 'Body') continue;
    const name = nodes[i + 1]?.name === 'as' ? nodes[i + 2] : undefined;
    if (name === undefined) out.push(statement(reader.expression(child)));
    else {
      out.push(assigned(target(reader, [name], span(name)), reader.expression(child), span(child)));
      i += 2;
    }
  }
  out.push(...reader.statements(node.getChild('Body')));
  return out;
};

const attempt: Lower = (reader, node) => {
  const bodies = node.getChildren('Body');
  const [first, ...rest] = bodies;
  const last = node.getChild('finally') === null ? undefined : rest.pop();
  const caught = rest.flatMap((body) => reader.statements(body));
  return [
    {
      type: 'TryStatement',
      block: block(reader, first ?? null),
      handler:
        rest.length === 0 ? null : { param: null, body: { type: 'BlockStatement', body: caught, ...span(node) } },
      finalizer: last === undefined ? null : block(reader, last),
      ...span(node),
    },
  ];
};

function definition(reader: Reader, node: SyntaxNode, decorators: Decorator[], start: number): Node[] {
  const name = node.getChild('VariableName');
  if (name === null) return [];
  if (node.name === 'ClassDefinition') return [classOf(reader, node, name, decorators)];
  return [
    functionOf(reader, {
      node,
      list: node.getChild('ParamList'),
      body: block(reader, node.getChild('Body')),
      decorators,
      name,
      start,
    }),
  ];
}

function classOf(reader: Reader, node: SyntaxNode, name: SyntaxNode, decorators: Decorator[]): Node {
  const members = reader.statements(node.getChild('Body')).flatMap((member): Node[] => {
    if (member.type === 'FunctionDeclaration' && member.id) {
      const id = member.id.name === '__init__' ? identifier('constructor', member.id) : member.id;
      return [
        {
          type: 'MethodDefinition',
          key: id,
          value: member as FunctionNode,
          kind: member.id.name === '__init__' ? 'constructor' : 'method',
          static: false,
          computed: false,
          start: member.start,
          end: member.end,
        },
      ];
    }
    return [];
  });
  const id = identifier(slice(reader, name), span(name)) as ClassNode['id'];
  return { type: 'ClassDeclaration', id, superClass: null, body: { body: members }, decorators, ...span(node) };
}

function decoratorOf(reader: Reader, node: SyntaxNode): Decorator {
  let expression: Node | undefined;
  for (const child of children(node)) {
    if (child.name === 'VariableName') {
      const name = identifier(slice(reader, child), span(child));
      expression =
        expression === undefined
          ? name
          : {
              type: 'MemberExpression',
              object: expression,
              property: name,
              computed: false,
              start: expression.start,
              end: child.to,
            };
    } else if (child.name === 'ArgList' && expression !== undefined) {
      expression = {
        type: 'CallExpression',
        callee: expression,
        arguments: argumentsOf(reader, child),
        start: expression.start,
        end: child.to,
      };
    }
  }
  return { type: 'Decorator', expression: expression ?? identifier('', span(node)), ...span(node) };
}

const imports: Lower = (reader, node) => {
  const text = slice(reader, node)
    .replaceAll(/#.*$/gm, '')
    .replaceAll(/[()\\\n]/g, ' ');
  const from = /^from\s+(\.*)([\w.]*)\s+import\s+(.+)$/s.exec(text);
  const local = (name: string) => identifier(name, span(node)) as ImportDeclaration['specifiers'][number]['local'];
  const declare = (source: string, specifiers: ImportDeclaration['specifiers']): Node => ({
    type: 'ImportDeclaration',
    source: { type: 'Literal', value: source, ...span(node) },
    specifiers,
    ...span(node),
  });
  if (from !== null) {
    const dots = from[1] ?? '';
    const base =
      dots === ''
        ? (from[2] ?? '')
        : `${dots.length === 1 ? './' : '../'.repeat(dots.length - 1)}${(from[2] ?? '').replaceAll('.', '/')}`;
    const names = (from[3] ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => part.split(/\s+as\s+/));
    return [
      declare(
        base,
        names.map(([imported = '', alias = imported]) => ({
          type: 'ImportSpecifier',
          imported: local(imported),
          local: local(alias),
        })),
      ),
    ];
  }
  return text
    .replace(/^import\s+/, '')
    .split(',')
    .flatMap((part) => {
      const [module = '', alias] = part.trim().split(/\s+as\s+/);
      const root = module.split('.')[0] ?? module;
      return [
        declare(alias === undefined ? root : module, [
          { type: 'ImportNamespaceSpecifier', local: local(alias ?? root) },
        ]),
      ];
    });
};

const single = (reader: Reader, node: SyntaxNode): Node | null => {
  const inner = parts(node).filter((child) => !/^(return|raise|from|yield|del|assert)$/.test(child.name))[0];
  return inner === undefined ? null : reader.expression(inner);
};

export const STATEMENTS: Readonly<Record<string, Lower>> = {
  ExpressionStatement: (reader, node) =>
    children(node)
      .slice(0, 1)
      .map((child) => statement(reader.expression(child))),
  AssignStatement: assignment,
  UpdateStatement: (reader, node) => {
    const [left, operator, right] = parts(node);
    if (left === undefined || operator === undefined || right === undefined) return [];
    return [
      statement({
        type: 'AssignmentExpression',
        operator: slice(reader, operator),
        left: reader.expression(left),
        right: reader.expression(right),
        ...span(node),
      }),
    ];
  },
  ReturnStatement: (reader, node) => [{ type: 'ReturnStatement', argument: single(reader, node), ...span(node) }],
  RaiseStatement: (reader, node) => [
    { type: 'ThrowStatement', argument: single(reader, node) ?? identifier('error', span(node)), ...span(node) },
  ],
  BreakStatement: (_reader, node) => [{ type: 'BreakStatement', ...span(node) }],
  ContinueStatement: (_reader, node) => [{ type: 'ContinueStatement', ...span(node) }],
  IfStatement: conditional,
  ForStatement: loop,
  WhileStatement: (reader, node) => {
    const test = parts(node)[1];
    return test === undefined
      ? []
      : [
          {
            type: 'WhileStatement',
            test: reader.expression(test),
            body: block(reader, node.getChild('Body')),
            ...span(node),
          },
        ];
  },
  WithStatement: withStatement,
  TryStatement: attempt,
  FunctionDefinition: (reader, node) => definition(reader, node, [], node.from),
  ClassDefinition: (reader, node) => definition(reader, node, [], node.from),
  DecoratedStatement: (reader, node) => {
    const decorators = node.getChildren('Decorator').map((child) => decoratorOf(reader, child));
    const inner = node.getChild('FunctionDefinition') ?? node.getChild('ClassDefinition');
    return inner === null ? [] : definition(reader, inner, decorators, node.from);
  },
  ImportStatement: imports,
  StatementGroup: (reader, node) => reader.statements(node),
};
