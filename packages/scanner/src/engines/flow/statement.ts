import type { ClassNode, Labeled, Node } from '../syntax/tree.ts';
import { bindPattern, exportValue, type Mode } from './binding.ts';
import { classValue, functionValue, hoist } from './functions.ts';
import { applyTest, calledName, proveCall } from './guard.ts';
import { type Machine, remember, sourceTaint } from './machine.ts';
import { elementOf, memberOf, moduleRef, refOf } from './member.ts';
import { ALL_BITS } from './models.ts';
import { assign, declare, type Layer, layer, lookup, lookupPath, prove, settle } from './scope.ts';
import { deepTaint, either, isConstant, UNKNOWN, type Value } from './value.ts';

type Of<T extends Node['type']> = Extract<Node, { type: T }>;

/** Statements in order; true when the end is never reached. */
function sequence(machine: Machine, body: readonly Node[], scope: Layer): boolean {
  hoist(machine, body, scope);
  let exits = false;
  for (const statement of body) exits = machine.execute(statement, scope) || exits;
  return exits;
}

function block(machine: Machine, node: Of<'BlockStatement'>, scope: Layer): boolean {
  const own = scope.kind === 'function' && scope.vars.size === 0 ? scope : layer('block', scope);
  const exits = sequence(machine, node.body, own);
  // What a block proves by leaving early holds after it, too.
  if (own !== scope) for (const [label, bits] of own.proved) prove(scope, label, bits);
  return exits;
}

function expression(machine: Machine, node: Of<'ExpressionStatement'>, scope: Layer): boolean {
  const at = node.expression;
  const value = machine.evaluate(at, scope);
  if (at.type === 'Literal' && typeof at.value === 'string') machine.directives.add(at.value);
  const call = at.type === 'AwaitExpression' ? at.argument : at;
  if (call?.type === 'CallExpression') {
    proveStatement(machine, call, scope);
    return value.ref !== undefined && NEVER_RETURNS.test(value.ref);
  }
  return false;
}

/** Calls after which nothing runs: an end of the process, what throws an answer in Koa, Next.js, SvelteKit, Flask. */
const NEVER_RETURNS =
  /(^|[.?])(ctx|context|Context)\.throw\(\)$|^((process|sys)\.exit|os\._exit|(flask\.)?abort|(next\/navigation\.)?(redirect|permanentRedirect|notFound|unauthorized|forbidden)|@sveltejs\/kit\.(error|redirect))\(\)$/;

/** `assertSafe(path)` on a line of its own: when it returns, its argument is safe. */
function proveStatement(machine: Machine, call: Of<'CallExpression'>, scope: Layer): void {
  const name = calledName(call.callee);
  if (machine.models.guardNames(name) === undefined) return;
  const args = call.arguments.map((arg) => machine.evaluate(arg, scope));
  proveCall(machine, scope, { ref: name, receiver: undefined, args });
}

/** What a constant can be given that an `if` may ask for later. */
const CONDITIONS: ReadonlySet<Node['type']> = new Set([
  'LogicalExpression',
  'BinaryExpression',
  'UnaryExpression',
  'CallExpression',
]);

function variables(machine: Machine, node: Of<'VariableDeclaration'>, scope: Layer): boolean {
  const mode: Mode = node.kind === 'var' ? 'var' : 'declare';
  for (const { id, init } of node.declarations) {
    let value = init === null ? UNKNOWN : machine.evaluate(init, scope);
    if (init !== null && node.kind === 'const' && CONDITIONS.has(init.type)) value = { ...value, condition: init };
    if (init === null && node.kind === 'var' && id.type === 'Identifier' && lookup(scope, id.name) !== undefined)
      continue;
    bindPattern(machine, id, value, scope, mode);
  }
  return false;
}

function returned(machine: Machine, node: Of<'ReturnStatement'>, scope: Layer): boolean {
  if (node.argument === null) return true;
  const value = settle(machine.evaluate(node.argument, scope), scope);
  machine.frame.returns = either(machine.frame.returns, value);
  machine.observer.returned({ node, value, scope, frame: machine.frame });
  return true;
}

function adopt(scope: Layer, branch: Layer): void {
  for (const [name, value] of branch.vars) assign(scope, name, value);
  for (const [name, value] of branch.paths) assign(scope, name, value);
  for (const [label, bits] of branch.proved) prove(scope, label, bits);
}

function eitherKeys(yes: ReadonlyMap<string, Value>, no: ReadonlyMap<string, Value>): Iterable<string> {
  if (no.size === 0) return yes.keys();
  return yes.size === 0 ? no.keys() : new Set([...yes.keys(), ...no.keys()]);
}

/** After two ways that both go on: what either wrote may be there. */
/** What a path held before anything was written to it: read from the object that it begins with. */
function pathBefore(machine: Machine, scope: Layer, path: string, node: Node): Value | undefined {
  const known = lookupPath(scope, path);
  if (known !== undefined) return known;
  const [root = '', ...keys] = path.split('.');
  const start = lookup(scope, root);
  return start === undefined ? undefined : keys.reduce((at, key) => memberOf(machine, at, key, node), start);
}

const settled = (value: Value | undefined, scope: Layer) => value && settle(value, scope);

function merge(machine: Machine, node: Node, scope: Layer, yes: Layer, no: Layer): void {
  for (const name of eitherKeys(yes.vars, no.vars)) {
    // What one way proves of the old value holds for it only there: `if (!ok(x)) x = '/'`.
    const before = (way: Layer) => way.vars.get(name) ?? settled(lookup(scope, name), way);
    assign(scope, name, either(before(yes), before(no)));
  }
  for (const path of eitherKeys(yes.paths, no.paths)) {
    const before = pathBefore(machine, scope, path, node);
    assign(scope, path, either(yes.paths.get(path) ?? before, no.paths.get(path) ?? before));
  }
  for (const [label, bits] of yes.proved) {
    const both = bits & (no.proved.get(label) ?? 0);
    if (both !== 0) prove(scope, label, both);
  }
}

/** Tells which values a condition depends on. */
function tested(machine: Machine, node: Node, scope: Layer): void {
  if (node.type === 'LogicalExpression' || node.type === 'BinaryExpression') {
    tested(machine, node.left, scope);
    tested(machine, node.right, scope);
  } else if (node.type === 'UnaryExpression') tested(machine, node.argument, scope);
  else if (
    node.type === 'Identifier' ||
    node.type === 'MemberExpression' ||
    node.type === 'ChainExpression' ||
    (node.type === 'CallExpression' && /^(get|header)$/.test(calledName(node.callee)))
  )
    machine.observer.tested(node, machine.evaluate(node, scope), scope, machine.frame);
}

function conditional(machine: Machine, node: Of<'IfStatement'>, scope: Layer): boolean {
  const memory = remember(machine, scope);
  machine.evaluate(node.test, scope);
  tested(machine, node.test, scope);
  const yes = layer('branch', scope);
  const no = layer('branch', scope);
  applyTest({ machine, from: scope, into: yes }, node.test, true);
  applyTest({ machine, from: scope, into: no }, node.test, false);
  machine.memory = memory;
  const yesExits = machine.execute(node.consequent, yes);
  const noExits = node.alternate === null ? false : machine.execute(node.alternate, no);
  if (yesExits && noExits) return true;
  if (yesExits) adopt(scope, no);
  else if (noExits) adopt(scope, yes);
  else merge(machine, node, scope, yes, no);
  return false;
}

/** Runs a loop's body, twice where that can matter: what is new to a name in one round, the next one reads. */
function rounds(machine: Machine, body: () => void): void {
  machine.loops++;
  const { news } = machine;
  body();
  if (machine.loops <= 2 && machine.news !== news) body();
  machine.loops--;
}

function forLoop(machine: Machine, node: Of<'ForStatement'>, scope: Layer): boolean {
  const own = layer('block', scope);
  if (node.init !== null) {
    if (node.init.type === 'VariableDeclaration') machine.execute(node.init, own);
    else machine.evaluate(node.init, own);
  }
  rounds(machine, () => {
    if (node.test !== null) machine.evaluate(node.test, own);
    machine.execute(node.body, own);
    if (node.update !== null) machine.evaluate(node.update, own);
  });
  return false;
}

function forEach(machine: Machine, node: Of<'ForInStatement' | 'ForOfStatement'>, scope: Layer): boolean {
  const over = machine.evaluate(node.right, scope);
  const own = layer('block', scope);
  let each: Value;
  // `for await (const chunk of req)`: its body, piece by piece.
  if (node.type === 'ForOfStatement')
    each =
      node.await && over.type === 'Request'
        ? { taint: [{ ...sourceTaint(machine, node.right, 'request'), label: 'request body' }] }
        : elementOf(over);
  else {
    const taint = over.whole ? undefined : deepTaint(over);
    each = { kind: 'string', keyLike: over.whole !== true, ...(taint === undefined ? {} : { taint }) };
  }
  rounds(machine, () => {
    if (node.left.type === 'VariableDeclaration') {
      const pattern = node.left.declarations[0]?.id;
      if (pattern !== undefined) bindPattern(machine, pattern, each, own, 'declare');
    } else bindPattern(machine, node.left, each, own, 'assign');
    machine.execute(node.body, own);
  });
  // Whoever leaves on a bad element has looked at all of them when the loop is over.
  for (const [label, bits] of own.proved) prove(scope, label, bits);
  return false;
}

function whileLoop(machine: Machine, node: Of<'WhileStatement' | 'DoWhileStatement'>, scope: Layer): boolean {
  rounds(machine, () => {
    const memory = remember(machine, scope);
    machine.evaluate(node.test, scope);
    const inside = layer('branch', scope);
    applyTest({ machine, from: scope, into: inside }, node.test, true);
    machine.memory = memory;
    machine.execute(node.body, inside);
    merge(machine, node, scope, inside, layer('branch', scope));
  });
  return false;
}

function attempt(machine: Machine, node: Of<'TryStatement'>, scope: Layer): boolean {
  const exits = machine.execute(node.block, scope);
  let caught = node.handler === null;
  if (node.handler !== null) {
    const own = layer('block', scope);
    if (node.handler.param !== null) bindPattern(machine, node.handler.param, { ref: 'error' }, own, 'declare');
    caught = machine.execute(node.handler.body, own);
  }
  const last = node.finalizer === null ? false : machine.execute(node.finalizer, scope);
  return last || (exits && caught);
}

function choice(machine: Machine, node: Of<'SwitchStatement'>, scope: Layer): boolean {
  const subject = machine.evaluate(node.discriminant, scope);
  const own = layer('block', scope);
  let open: Node[] = [];
  for (const each of node.cases) {
    const test = each.test === null ? undefined : machine.evaluate(each.test, scope);
    const branch = layer('branch', own);
    if (test !== undefined && isConstant(test))
      for (const taint of deepTaint(subject) ?? []) prove(branch, taint.label, ALL_BITS);
    open = each.consequent;
    hoist(machine, open, branch);
    for (const statement of open) machine.execute(statement, branch);
    merge(machine, node, own, branch, layer('branch', own));
  }
  return false;
}

function importDeclaration(_machine: Machine, node: Of<'ImportDeclaration'>, scope: Layer): boolean {
  const module = moduleRef(String(node.source.value));
  for (const specifier of node.specifiers) {
    const imported =
      specifier.type === 'ImportSpecifier' && specifier.imported !== undefined
        ? specifier.imported.type === 'Identifier'
          ? specifier.imported.name
          : String((specifier.imported as Of<'Literal'>).value)
        : 'default';
    const ref = specifier.type === 'ImportSpecifier' && imported !== 'default' ? refOf(module, imported) : module;
    declare(scope, specifier.local.name, { ref: ref ?? module });
  }
  return false;
}

function exportNamed(machine: Machine, node: Of<'ExportNamedDeclaration'>, scope: Layer): boolean {
  if (node.declaration !== null) {
    machine.execute(node.declaration, scope);
    const declared = node.declaration;
    if (declared.type === 'VariableDeclaration') {
      for (const { id } of declared.declarations)
        if (id.type === 'Identifier') exportValue(machine, id.name, lookup(scope, id.name) ?? UNKNOWN);
    } else if ('id' in declared && declared.id?.type === 'Identifier')
      exportValue(machine, declared.id.name, lookup(scope, declared.id.name) ?? UNKNOWN);
  }
  if (node.source === null)
    for (const { local, exported } of node.specifiers)
      if (local.type === 'Identifier')
        exportValue(
          machine,
          exported.type === 'Identifier' ? exported.name : 'default',
          lookup(scope, local.name) ?? UNKNOWN,
        );
  return false;
}

function exportDefault(machine: Machine, node: Of<'ExportDefaultDeclaration'>, scope: Layer): boolean {
  const declared = node.declaration;
  let value: Value;
  if (declared.type === 'FunctionDeclaration') {
    value = functionValue(machine, declared, scope);
    if (declared.id) declare(scope, declared.id.name, value);
  } else if (declared.type === 'ClassDeclaration') value = classValue(machine, declared, scope);
  else value = machine.evaluate(declared, scope);
  exportValue(machine, 'default', value);
  return false;
}

type Handler = (machine: Machine, node: never, scope: Layer) => boolean;

const handlers: Readonly<Record<string, Handler>> = {
  BlockStatement: block as Handler,
  ExpressionStatement: expression as Handler,
  VariableDeclaration: variables as Handler,
  ReturnStatement: returned as Handler,
  ThrowStatement: ((machine: Machine, node: Of<'ThrowStatement'>, scope: Layer) => {
    machine.evaluate(node.argument, scope);
    return true;
  }) as Handler,
  BreakStatement: () => true,
  ContinueStatement: () => true,
  IfStatement: conditional as Handler,
  ForStatement: forLoop as Handler,
  ForInStatement: forEach as Handler,
  ForOfStatement: forEach as Handler,
  WhileStatement: whileLoop as Handler,
  DoWhileStatement: whileLoop as Handler,
  TryStatement: attempt as Handler,
  SwitchStatement: choice as Handler,
  LabeledStatement: ((machine: Machine, node: Labeled, scope: Layer) => machine.execute(node.body, scope)) as Handler,
  WithStatement: ((machine: Machine, node: Labeled, scope: Layer) => machine.execute(node.body, scope)) as Handler,
  FunctionDeclaration: () => false,
  ClassDeclaration: ((machine: Machine, node: ClassNode, scope: Layer) => {
    const value = classValue(machine, node, scope);
    if (node.id !== null) declare(scope, node.id.name, value);
    return false;
  }) as Handler,
  ImportDeclaration: importDeclaration as Handler,
  ExportNamedDeclaration: exportNamed as Handler,
  ExportDefaultDeclaration: exportDefault as Handler,
  TSExportAssignment: ((machine: Machine, node: Of<'TSExportAssignment'>, scope: Layer) => {
    exportValue(machine, 'default', machine.evaluate(node.expression, scope));
    return false;
  }) as Handler,
  TSImportEqualsDeclaration: ((_machine: Machine, node: Of<'TSImportEqualsDeclaration'>, scope: Layer) => {
    const source = node.moduleReference.expression?.value;
    if (typeof source === 'string') declare(scope, node.id.name, { ref: moduleRef(source) });
    return false;
  }) as Handler,
  TSModuleDeclaration: ((machine: Machine, node: Of<'TSModuleDeclaration'>, scope: Layer) => {
    if (Array.isArray(node.body?.body)) sequence(machine, node.body?.body ?? [], layer('block', scope));
    return false;
  }) as Handler,
};

const HANDLERS: ReadonlyMap<string, Handler> = new Map(Object.entries(handlers));

export function execute(machine: Machine, node: Node, scope: Layer): boolean {
  if (--machine.budget <= 0 || machine.depth > 400) return false;
  const handler = HANDLERS.get(node.type);
  if (handler === undefined) {
    machine.evaluate(node, scope);
    return false;
  }
  machine.depth++;
  try {
    return handler(machine, node as never, scope);
  } finally {
    machine.depth--;
  }
}

export function runProgram(machine: Machine, body: readonly Node[]): void {
  sequence(machine, body, machine.moduleScope);
}
