import {
  type JsxContainer,
  type Node,
  pathOf,
  type Spread,
  staticKey,
  type Wrapper,
  type Yield,
} from '../syntax/tree.ts';
import { bindPattern, writeTarget } from './binding.ts';
import { evaluateCall, evaluateNew, evaluateTag } from './call.ts';
import { classValue, functionValue } from './functions.ts';
import { applyTest } from './guard.ts';
import { evaluateJsx } from './jsx.ts';
import { type Machine, type Memory, remember, sourceTaint } from './machine.ts';
import { computedMember, elementOf, memberOf, moduleRef } from './member.ts';
import { bitsOf, calleeModel } from './models.ts';
import { firstMatch } from './pattern.ts';
import { hasPaths, type Layer, layer, lookup, lookupPath, settle } from './scope.ts';
import { cleaned, concat, constant, deepTaint, either, joinTaints, UNKNOWN, type Value } from './value.ts';

type Of<T extends Node['type']> = Extract<Node, { type: T }>;

const ROOTS: ReadonlySet<string> = new Set(['window', 'globalThis', 'self', 'global']);

/** Names of tools that a program keeps among its globals: what they give back is no data of somebody else. */
const MODULE_LIKE =
  /(?:^|_)(?:utils?|lib|tools?|helpers?|internals?|logger|builders?)$|[a-z](?:Utils?|Lib|Tools?|Helpers?|Logger)$/;

function identifier(machine: Machine, node: Of<'Identifier'>, scope: Layer): Value {
  const found = lookup(scope, node.name);
  if (found !== undefined) return found;
  if (node.name === 'undefined') return { ref: 'undefined', kind: 'null' };
  const source = firstMatch(machine.models.sources, node.name);
  if (source !== undefined) {
    if (source.type !== undefined) return { ref: node.name, type: source.type };
    return { ref: node.name, taint: [sourceTaint(machine, node, source.kind)] };
  }
  if (machine.models.globals.has(node.name) || !/^[a-z_$]/.test(node.name)) return { ref: node.name };
  if (MODULE_LIKE.test(node.name)) return { ref: node.name };
  // A name nobody declares: a fragment of a larger program. Whatever it holds, it is not a constant.
  return { ref: node.name, taint: [sourceTaint(machine, node, 'unknown')] };
}

function literal(machine: Machine, node: Of<'Literal'>): Value {
  if (node.regex !== undefined) {
    const value: Value = { kind: 'regex', regex: node.regex, node };
    machine.observer.constant(node, value);
    return value;
  }
  if (typeof node.value === 'bigint') return { kind: 'number', literal: Number(node.value) };
  if (typeof node.value === 'object' && node.value !== null) return UNKNOWN;
  return constant(node.value);
}

function member(machine: Machine, node: Of<'MemberExpression'>, scope: Layer): Value {
  const path = hasPaths(scope) ? pathOf(node) : undefined;
  if (path !== undefined) {
    const known = lookupPath(scope, path);
    if (known !== undefined) return known;
  }
  const object = machine.evaluate(node.object, scope);
  let key = staticKey(node.property, node.computed);
  if (key === undefined) {
    const computed = machine.evaluate(node.property, scope);
    if (typeof computed.literal === 'string' || typeof computed.literal === 'number') key = String(computed.literal);
    else return computedMember(object, settle(computed, scope));
  }
  if (object.ref !== undefined && ROOTS.has(object.ref) && lookup(scope, object.ref) === undefined) {
    const global = firstMatch(machine.models.sources, key);
    if (global !== undefined && global.type === undefined)
      return { ref: key, taint: [sourceTaint(machine, node, global.kind)] };
    return { ref: key };
  }
  return memberOf(machine, object, key, node);
}

const ARITHMETIC: ReadonlySet<string> = new Set(['-', '*', '/', '**', '|', '&', '^', '<<', '>>', '>>>', '//']);

function binary(machine: Machine, node: Of<'BinaryExpression'>, scope: Layer): Value {
  // A long chain of `+` is read from its left end without recursion.
  if (node.operator === '+') {
    const parts: Node[] = [];
    let at: Node = node;
    while (at.type === 'BinaryExpression' && at.operator === '+') {
      parts.push(at.right);
      at = at.left;
    }
    parts.push(at);
    const values = parts.reverse().map((part) => machine.evaluate(part, scope));
    if (values.every((value) => value.kind === 'number')) return { kind: 'number' };
    return concat(values.map((value, i) => (i === 0 ? value : onHost(value, scope))));
  }
  const left = machine.evaluate(node.left, scope);
  const right = machine.evaluate(node.right, scope);
  if (node.operator === '%') {
    if (left.kind !== 'string') return { kind: 'number' };
    const parts = right.props === undefined ? [right] : [...right.props.values()];
    return formatted(left, parts);
  }
  // Python's `folder / name` joins paths.
  if (node.operator === '/' && machine.path.endsWith('.py') && isPath(left, right))
    return { ...concat([left, constant('/'), right]), ref: 'pathlib.Path()' };
  return ARITHMETIC.has(node.operator) ? { kind: 'number' } : { kind: 'boolean' };
}

function isPath(left: Value, right: Value): boolean {
  if (left.kind === 'number' || right.kind === 'number') return false;
  return /\bPath\(\)/.test(left.ref ?? '') || left.kind === 'string' || right.kind === 'string';
}

/** Python's `'… %s …' % value`. */
function formatted(format: Value, parts: readonly Value[]): Value {
  const text = (format.text ?? '').replaceAll(/%(\(\w+\))?[-#0 +]*\d*(\.\d+)?[srdifx]/g, '\uFFFC');
  let taint = format.taint;
  for (const part of parts) taint = joinTaints(taint, deepTaint(part));
  return { kind: 'string', text, ...(taint === undefined ? {} : { taint }) };
}

function template(machine: Machine, node: Of<'TemplateLiteral'>, scope: Layer): Value {
  const parts: Value[] = [];
  node.quasis.forEach((quasi, i) => {
    parts.push(constant(quasi.value.cooked ?? quasi.value.raw));
    const inner = node.expressions[i];
    if (inner === undefined) return;
    const value = machine.evaluate(inner, scope);
    parts.push(parts.some(({ literal }) => literal !== '') ? onHost(value, scope) : value);
  });
  return concat(parts);
}

const ROOTED = bitsOf(['rooted']);
const LEADS = bitsOf(['redirect', 'ssrf']);

/** A part of an address after its beginning: what begins with a slash does not change the host before it. */
function onHost(value: Value, scope: Layer): Value {
  const settled = settle(value, scope);
  if (settled.taint?.some(({ clean }) => (clean & ROOTED) !== 0) !== true) return value;
  const taint = settled.taint.map((each) =>
    (each.clean & ROOTED) === 0 ? each : { ...each, clean: each.clean | LEADS },
  );
  return { ...value, taint };
}

function logical(machine: Machine, node: Of<'LogicalExpression'>, scope: Layer): Value {
  const before = remember(machine, scope);
  const left = machine.evaluate(node.left, scope);
  const inner = layer('branch', scope);
  if (node.operator !== '??') applyTest({ machine, from: scope, into: inner }, node.left, node.operator === '&&');
  machine.memory = before;
  const right = machine.evaluate(node.right, inner);
  if (node.operator === '&&')
    return right.kind === undefined && right.taint === undefined ? either(right, left) : right;
  return either(left, right);
}

function conditional(machine: Machine, node: Of<'ConditionalExpression'>, scope: Layer): Value {
  const before = remember(machine, scope);
  machine.evaluate(node.test, scope);
  const yes = layer('branch', scope);
  const no = layer('branch', scope);
  applyTest({ machine, from: scope, into: yes }, node.test, true);
  applyTest({ machine, from: scope, into: no }, node.test, false);
  machine.memory = before;
  return either(settle(machine.evaluate(node.consequent, yes), yes), settle(machine.evaluate(node.alternate, no), no));
}

function object(machine: Machine, node: Of<'ObjectExpression'>, scope: Layer): Value {
  const props = new Map<string, Value>();
  const value: Value = { kind: 'object', props, whole: true, node };
  const seen: { node: Node; name: string; value: Value }[] = [];
  for (const property of node.properties) {
    if (property.type === 'SpreadElement') {
      const spread = machine.evaluate(property.argument, scope);
      if (spread.props !== undefined) for (const [key, inner] of spread.props) props.set(key, inner);
      if (!spread.whole) value.whole = false;
      const taint = joinTaints(value.taint, spread.taint);
      if (taint !== undefined) value.taint = taint;
      continue;
    }
    if (property.type !== 'Property') continue;
    const inner = machine.evaluate(property.value, scope);
    let key = staticKey(property.key, property.computed);
    if (key === undefined) {
      const computed = machine.evaluate(property.key, scope);
      if (computed.literal !== undefined) key = String(computed.literal);
    }
    if (key === undefined) {
      value.whole = false;
      const taint = joinTaints(value.taint, deepTaint(inner));
      if (taint !== undefined) value.taint = taint;
      continue;
    }
    if (inner.fn !== undefined && inner.fn.name === undefined) inner.fn.name = key;
    const safe = machine.models.keys.get(key);
    props.set(key, safe === undefined ? inner : cleaned(inner, safe));
    if (machine.observer.hears(key)) seen.push({ node: property, name: key, value: inner });
  }
  for (const each of seen)
    machine.observer.prop({ ...each, owner: undefined, whole: value, scope, frame: machine.frame });
  return value;
}

function array(machine: Machine, node: Of<'ArrayExpression'>, scope: Layer): Value {
  const props = new Map<string, Value>();
  const value: Value = { kind: 'array', props, whole: true, node };
  node.elements.forEach((element, i) => {
    if (element === null) return;
    if (element.type === 'SpreadElement') {
      const spread = machine.evaluate(element.argument, scope);
      props.set(String(i), elementOf(spread));
      value.whole = false;
    } else props.set(String(i), machine.evaluate(element, scope));
  });
  return value;
}

function assignment(machine: Machine, node: Of<'AssignmentExpression'>, scope: Layer): Value {
  let value = machine.evaluate(node.right, scope);
  if (node.operator === '+=') value = concat([machine.evaluate(node.left, scope), value]);
  else if (node.operator === '||=' || node.operator === '??=')
    value = either(machine.evaluate(node.left, scope), value);
  else if (node.operator !== '=') value = { kind: 'number' };
  if (node.left.type === 'ObjectPattern' || node.left.type === 'ArrayPattern')
    bindPattern(machine, node.left, value, scope, 'assign');
  else writeTarget(machine, node, node.left, value, scope);
  return value;
}

function unary(machine: Machine, node: Of<'UnaryExpression'>, scope: Layer): Value {
  const value = machine.evaluate(node.argument, scope);
  switch (node.operator) {
    case '!':
      return typeof value.literal === 'boolean' || typeof value.literal === 'number'
        ? constant(!value.literal)
        : { kind: 'boolean' };
    case '-':
      return typeof value.literal === 'number' ? constant(-value.literal) : { kind: 'number' };
    case 'typeof':
      return { kind: 'string' };
    case '+':
    case '~':
      return { kind: 'number' };
    default:
      return UNKNOWN;
  }
}

type Handler = (machine: Machine, node: never, scope: Layer) => Value;

function unwrapped(machine: Machine, node: Wrapper | Yield | Spread | JsxContainer, scope: Layer): Value {
  const wrapped =
    ('argument' in node ? node.argument : undefined) ?? ('expression' in node ? node.expression : undefined);
  return wrapped === undefined ? UNKNOWN : machine.evaluate(wrapped, scope);
}
const inner = unwrapped as Handler;

const handlers: Readonly<Record<string, Handler>> = {
  FunctionDeclaration: functionValue as Handler,
  FunctionExpression: functionValue as Handler,
  ArrowFunctionExpression: functionValue as Handler,
  Identifier: identifier as Handler,
  Literal: literal as Handler,
  MemberExpression: member as Handler,
  BinaryExpression: binary as Handler,
  TemplateLiteral: template as Handler,
  TaggedTemplateExpression: evaluateTag as Handler,
  LogicalExpression: logical as Handler,
  ConditionalExpression: conditional as Handler,
  ObjectExpression: object as Handler,
  ArrayExpression: array as Handler,
  AssignmentExpression: assignment as Handler,
  UnaryExpression: unary as Handler,
  CallExpression: evaluateCall as Handler,
  NewExpression: evaluateNew as Handler,
  AwaitExpression: inner,
  TSAsExpression: inner,
  TSSatisfiesExpression: inner,
  TSNonNullExpression: inner,
  TSTypeAssertion: inner,
  TSInstantiationExpression: inner,
  ParenthesizedExpression: inner,
  ChainExpression: inner,
  YieldExpression: inner,
  SpreadElement: inner,
  JSXElement: evaluateJsx as Handler,
  JSXFragment: evaluateJsx as Handler,
  JSXExpressionContainer: inner,
  ClassExpression: ((machine: Machine, node: Of<'ClassExpression'>, scope: Layer) =>
    classValue(machine, node, scope)) as Handler,
  ThisExpression: (_machine, _node, scope) => lookup(scope, 'this') ?? UNKNOWN,
  SequenceExpression: ((machine: Machine, node: Of<'SequenceExpression'>, scope: Layer) =>
    node.expressions.reduce<Value>((_, each) => machine.evaluate(each, scope), UNKNOWN)) as Handler,
  UpdateExpression: () => ({ kind: 'number' }),
  ImportExpression: ((machine: Machine, node: Of<'ImportExpression'>, scope: Layer) => {
    const source = machine.evaluate(node.source, scope);
    if (typeof source.literal === 'string') return { ref: moduleRef(source.literal) };
    const { frame, models } = machine;
    machine.observer.call({
      node,
      how: 'call',
      ref: 'import',
      last: 'import',
      model: calleeModel(models, 'import'),
      receiver: undefined,
      args: [source],
      spread: false,
      scope,
      frame,
    });
    return UNKNOWN;
  }) as Handler,
  MetaProperty: () => ({ ref: 'import.meta' }),
};
const HANDLERS: ReadonlyMap<string, Handler> = new Map(Object.entries(handlers));

export function evaluate(machine: Machine, node: Node, scope: Layer): Value {
  if (--machine.budget <= 0 || machine.depth > 400) return UNKNOWN;
  const handler = HANDLERS.get(node.type);
  if (handler === undefined) return UNKNOWN;
  const memory = machine.memory?.scope === scope && REMEMBERED.has(node.type) ? machine.memory : undefined;
  const known = memory === undefined ? undefined : remembered(machine, memory, node);
  if (known !== undefined) return known;
  machine.depth++;
  try {
    const value = handler(machine, node as never, scope);
    if (memory !== undefined && memory.writes === machine.writes) memory.values.set(node, value);
    return value;
  } finally {
    machine.depth--;
  }
}

/** Parts of conditions that are worth remembering. */
const REMEMBERED: ReadonlySet<string> = new Set([
  'MemberExpression',
  'CallExpression',
  'LogicalExpression',
  'BinaryExpression',
  'UnaryExpression',
  'ChainExpression',
  'AwaitExpression',
]);

function remembered(machine: Machine, memory: Memory, node: Node): Value | undefined {
  if (memory.writes === machine.writes) return memory.values.get(node);
  memory.values.clear();
  memory.writes = machine.writes;
  return undefined;
}
