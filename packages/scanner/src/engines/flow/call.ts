import { isFunction, type Node, pathOf, staticKey } from '../syntax/tree.ts';
import { writeTarget } from './binding.ts';
import { type CallFact, type Machine, sourceTaint } from './machine.ts';
import { computedMember, elementOf, memberOf, moduleRef, refOf } from './member.ts';
import { calleeModel, type HandlerModel } from './models.ts';
import { callbackArguments, callResult, constructed } from './result.ts';
import { hasPaths, type Layer, lookup, lookupPath, settle } from './scope.ts';
import { concat, deepTaint, joinTaints, UNKNOWN, type Value } from './value.ts';

type Of<T extends Node['type']> = Extract<Node, { type: T }>;

interface Callee {
  /** The name of a computed method, when only known at run time. */
  key?: Value;
  value: Value;
  receiver: Value | undefined;
  ref: string;
}

function unwrap(node: Node): Node {
  let at = node;
  while (
    (at.type === 'ChainExpression' ||
      at.type === 'TSNonNullExpression' ||
      at.type === 'TSAsExpression' ||
      at.type === 'ParenthesizedExpression' ||
      at.type === 'TSInstantiationExpression') &&
    at.expression !== undefined
  )
    at = at.expression;
  return at;
}

function calleeOf(machine: Machine, node: Node, scope: Layer): Callee {
  const callee = unwrap(node);
  if (callee.type !== 'MemberExpression') {
    const value = callee.type === 'Super' ? { ref: 'super' } : machine.evaluate(callee, scope);
    return { value, receiver: undefined, ref: value.ref ?? '?' };
  }
  const receiver = machine.evaluate(callee.object, scope);
  let key = staticKey(callee.property, callee.computed);
  if (key === undefined) {
    const computed = machine.evaluate(callee.property, scope);
    if (typeof computed.literal === 'string') key = computed.literal;
    else {
      const value = computedMember(receiver, computed);
      return { value, receiver, ref: `${receiver.ref ?? '?'}.[]`, key: computed };
    }
  }
  const path = hasPaths(scope) ? pathOf(callee) : undefined;
  const written = path === undefined ? undefined : lookupPath(scope, path);
  const value = written ?? memberOf(machine, receiver, key, callee);
  const ref = value.ref ?? refOf(receiver.ref ?? receiver.type ?? '?', key) ?? `?.${key}`;
  return { value, receiver, ref };
}

function argumentsOf(machine: Machine, nodes: readonly Node[], scope: Layer): { args: Value[]; spread: boolean } {
  let spread = false;
  const args = nodes.map((node) => {
    if (node.type !== 'SpreadElement') return machine.evaluate(node, scope);
    spread = true;
    return elementOf(machine.evaluate(node.argument, scope));
  });
  return { args, spread };
}

/** Marks functions passed to a route registration as handlers, so that they are read with a request as argument. */
function registerHandlers(args: readonly Value[], model: HandlerModel): void {
  for (const arg of args) {
    if (arg.fn !== undefined) {
      arg.fn.params ??= model.params;
      // Koa's first version calls generators with the context as `this`.
      if (arg.fn.node.generator === true && model.params[0] === 'Context')
        arg.fn.self ??= { ref: 'ctx', type: 'Context' };
      if (model.every) arg.fn.every = true;
    } else if (arg.kind === 'array' || arg.kind === 'object')
      for (const inner of arg.props?.values() ?? []) if (inner.fn !== undefined) inner.fn.params ??= model.params;
  }
}

/** Reads the functions written directly as arguments; gives back what the last of them returns. */
function runCallbacks(
  machine: Machine,
  node: Of<'CallExpression' | 'NewExpression'>,
  fact: CallFact,
): Value | undefined {
  let result: Value | undefined;
  node.arguments.forEach((argument, i) => {
    const closure = fact.args[i]?.fn;
    if (closure === undefined || !isFunction(argument)) return;
    result = machine.inline(closure, callbackArguments(fact, fact.last));
  });
  return result;
}

/** Methods that are called on what comes first, `slice.call(arguments, 1)`: not functions of their own. */
const BORROWED =
  /^(?:slice|splice|concat|push|unshift|pop|shift|map|forEach|filter|join|some|every|reduce|sort|reverse|indexOf|includes|has|hasOwn\w*|own|\w*[tT]oString|keys|values|entries|propertyIsEnumerable|isPrototypeOf|trim|split|replace|substr|substring|charAt|test|bind|call|apply)$/;

type Call = Of<'CallExpression'>;

/** Each made once: who asks which calls there are tells them apart by their nodes. */
const directs = new WeakMap<Call, Call>();

/** `run.call(self, a, b)` and `run.apply(self, list)` as the call that they make; any other as it is. */
function direct(node: Call): Call {
  const { callee } = node;
  if (callee.type !== 'MemberExpression' || callee.computed || callee.property.type !== 'Identifier') return node;
  const { name } = callee.property;
  if (name !== 'call' && name !== 'apply') return node;
  const known = directs.get(node) ?? unborrowed(node, callee.object, name);
  directs.set(node, known);
  return known;
}

function unborrowed(node: Call, inner: Node, how: 'call' | 'apply'): Call {
  const [self, list, ...more] = node.arguments;
  const last = inner.type === 'MemberExpression' ? inner.property : inner;
  const plain =
    inner.type === 'Identifier' || (inner.type === 'MemberExpression' && inner.object.type === 'Identifier');
  if (!plain || last.type !== 'Identifier' || BORROWED.test(last.name) || self?.type === 'SpreadElement') return node;
  if (how === 'call') return { ...node, callee: inner, arguments: node.arguments.slice(1) };
  if (list === undefined || more.length > 0) return node;
  const elements =
    list.type === 'ArrayExpression'
      ? list.elements.filter((each) => each !== null)
      : [{ type: 'SpreadElement', start: list.start, end: list.end, argument: list } as unknown as Node];
  return { ...node, callee: inner, arguments: elements };
}

export function evaluateCall(machine: Machine, given: Call, scope: Layer): Value {
  const node = direct(given);
  if (node.callee.type === 'Identifier' && node.callee.name === 'require' && node.arguments.length === 1) {
    const first = node.arguments[0];
    if (first?.type === 'Literal' && typeof first.value === 'string' && lookup(scope, 'require') === undefined)
      return { ref: moduleRef(first.value) };
  }
  const callee = calleeOf(machine, node.callee, scope);
  const { args, spread } = argumentsOf(machine, node.arguments, scope);
  const model = calleeModel(machine.models, callee.ref);
  const fact: CallFact = {
    node,
    how: 'call',
    ref: model.ref,
    last: model.last,
    model,
    receiver: callee.receiver,
    args: callee.key === undefined ? args : [callee.key, ...args],
    spread,
    scope,
    frame: machine.frame,
  };
  const registrar = model.registrars.find(
    ({ first }) => first === undefined || first.test(String(args[0]?.literal ?? '')),
  );
  if (registrar !== undefined) registerHandlers(args, registrar);
  const returned = registrar === undefined ? runCallbacks(machine, node, fact) : undefined;
  machine.observer.call(fact);
  if (callee.value.fn !== undefined) return machine.invoke(callee.value.fn, args, node, scope);
  noteHanding(machine, node, callee.value, args);
  if (isForeign(model.ref)) machine.observer.foreign(model.ref, args, node, scope);
  noteAdded(machine, node, fact, scope);
  noteAssigned(machine, node, fact, scope);
  return callResult(machine, fact, returned);
}

/** Calls of one function's arguments that are kept. */
const MOST_HANDINGS = 3;

/** `done(body)` where `done` is an argument: whoever hands in a function there is told what it is called with. */
function noteHanding(machine: Machine, node: Node, callee: Value, args: readonly Value[]): void {
  const by = callee.taint?.[0];
  if (by?.kind !== 'param' || by.fn === undefined || by.index === undefined || by.path !== undefined) return;
  if (!args.some((arg) => deepTaint(arg) !== undefined)) return;
  const known = machine.handings.get(by.fn);
  const handing = { node, index: by.index, args };
  if (known === undefined) machine.handings.set(by.fn, [handing]);
  else if (known.length < MOST_HANDINGS && !known.some((each) => each.node === node)) known.push(handing);
}

const ADDS: ReadonlySet<string> = new Set(['push', 'unshift', 'add', 'set', 'append']);
const MOST_ELEMENTS = 20;

/** `list.push(value)`: from here on the list holds the value too. */
function noteAdded(machine: Machine, node: Of<'CallExpression'>, fact: CallFact, scope: Layer): void {
  const callee = unwrap(node.callee);
  if (callee.type !== 'MemberExpression' || !ADDS.has(fact.last) || fact.receiver === undefined) return;
  const list = unwrap(callee.object);
  if (list.type !== 'Identifier' || fact.receiver.type !== undefined || lookup(scope, list.name) === undefined) return;
  let { taint } = fact.receiver;
  for (const arg of fact.args) taint = joinTaints(taint, settle({ taint: deepTaint(arg) ?? [] }, scope).taint);
  const props = new Map(fact.receiver.props);
  const grows = fact.receiver.kind === 'array' && fact.last === 'push' && props.size < MOST_ELEMENTS;
  if (grows) for (const arg of fact.args) props.set(String(props.size), arg);
  if ((taint === undefined || taint.length === 0) && !grows) return;
  const { whole: _whole, ...rest } = fact.receiver;
  writeTarget(
    machine,
    node,
    list,
    { ...rest, ...(taint?.length ? { taint } : {}), ...(grows ? { props } : {}) },
    scope,
  );
}

/** `Object.assign(target, from)`: from here on the target has the properties too, and is as tainted as what is not known. */
function noteAssigned(machine: Machine, node: Of<'CallExpression'>, fact: CallFact, scope: Layer): void {
  if (fact.ref !== 'Object.assign') return;
  const [target, ...sources] = fact.args;
  const name = node.arguments[0];
  if (target === undefined || name?.type !== 'Identifier' || lookup(scope, name.name) === undefined) return;
  const props = new Map(target.props);
  let { taint } = target;
  let known = true;
  for (const source of sources) {
    if (source.kind === 'object' && source.props !== undefined && source.taint === undefined)
      for (const [key, value] of source.props) props.set(key, value);
    else {
      const fresh = settle({ taint: deepTaint(source) ?? [] }, scope).taint;
      if (fresh !== undefined && fresh.length > 0) known = false;
      taint = joinTaints(taint, fresh);
    }
  }
  if (known && props.size === (target.props?.size ?? 0)) return;
  const { kind, whole: _whole, ...rest } = target;
  const shape = known && kind !== undefined ? { kind } : {};
  writeTarget(machine, node, name, { ...rest, ...shape, props, ...(taint?.length ? { taint } : {}) }, scope);
}

function isForeign(ref: string): boolean {
  return ref.startsWith('.') || ref.startsWith('@/') || ref.startsWith('~/') || ref.startsWith('$');
}

export function evaluateNew(machine: Machine, node: Of<'NewExpression'>, scope: Layer): Value {
  const callee = calleeOf(machine, node.callee, scope);
  const { args, spread } = argumentsOf(machine, node.arguments, scope);
  const model = calleeModel(machine.models, callee.ref);
  const fact: CallFact = {
    node,
    how: 'new',
    ref: model.ref,
    last: model.last,
    model,
    receiver: callee.receiver,
    args,
    spread,
    scope,
    frame: machine.frame,
  };
  runCallbacks(machine, node, fact);
  machine.observer.call(fact);
  if (callee.value.fn !== undefined) machine.invoke(callee.value.fn, args, node, scope);
  return constructed(machine, fact, callee.value);
}

export function evaluateTag(machine: Machine, node: Of<'TaggedTemplateExpression'>, scope: Layer): Value {
  const callee = calleeOf(machine, node.tag, scope);
  const parts: Value[] = [];
  const whole = machine.evaluate(node.quasi, scope);
  for (const inner of node.quasi.expressions) parts.push(machine.evaluate(inner, scope));
  const model = calleeModel(machine.models, callee.ref);
  const fact: CallFact = {
    node,
    how: 'tag',
    ref: model.ref,
    last: model.last,
    model,
    receiver: callee.receiver,
    args: [whole, ...parts],
    spread: false,
    scope,
    frame: machine.frame,
  };
  machine.observer.call(fact);
  const source = machine.models.types.get(callee.receiver?.type ?? '');
  if (source?.calls.has(fact.last)) return { taint: [sourceTaint(machine, node, source.kind)] };
  if (callee.ref === 'String.raw') return whole;
  if (model.sanitizes === undefined) return { ...concat([whole]), ref: `${callee.ref}()` };
  return callResult(machine, { ...fact, receiver: undefined }, UNKNOWN);
}
