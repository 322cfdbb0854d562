import { type Node, pathOf, staticKey } from '../syntax/tree.ts';
import type { Machine } from './machine.ts';
import { elementOf, memberOf, refOf } from './member.ts';
import { assign, declare, functionLayer, type Layer, lookup, settle } from './scope.ts';
import { type Closure, either, UNKNOWN, type Value } from './value.ts';

/** Whether a value has a source, a function, a type or properties that the one before it had not. */
function isNews(before: Value | undefined, value: Value): boolean {
  const { taint, fn, type, props, regex, reached, keyLike, text } = value;
  const known = (at: number, clean: number) => before?.taint?.some((each) => each.at === at && each.clean === clean);
  return (
    (fn !== undefined && fn !== before?.fn) ||
    (type !== undefined && type !== before?.type) ||
    (props !== undefined && props.size > (before?.props?.size ?? 0)) ||
    (regex !== undefined && before?.regex === undefined) ||
    (reached === true && before?.reached !== true) ||
    (keyLike === true && before?.keyLike !== true) ||
    taint?.some(({ at, clean }) => !known(at, clean)) === true ||
    // A text that is put together bit by bit; what is longer has been through it.
    (taint !== undefined && text !== before?.text && (text ?? '').length < GROWS)
  );
}

/** Characters of a text with a source in it up to which it counts as new each time. */
const GROWS = 200;

export type Mode = 'declare' | 'assign' | 'var';

function write(machine: Machine, scope: Layer, name: string, given: Value, mode: Mode): void {
  machine.writes++;
  const value = settle(given, scope);
  if (mode !== 'declare' && isNews(lookup(scope, name), value)) machine.news++;
  if (value.fn !== undefined && value.fn.name === undefined) value.fn.name = name;
  if (mode === 'declare') declare(scope, name, value);
  else if (mode === 'var' && !isLocal(scope, name)) declare(functionLayer(scope), name, value);
  else assign(scope, name, value);
}

/** Already a name of this function, so that `var` once more only assigns. */
function isLocal(scope: Layer, name: string): boolean {
  const outer = functionLayer(scope);
  for (let at: Layer | undefined = scope; at !== undefined; at = at.parent) {
    if (at.vars.has(name)) return true;
    if (at === outer) return false;
  }
  return false;
}

/** Gives the names in a pattern their values: destructuring, defaults and rests included. */
export function bindPattern(machine: Machine, pattern: Node, value: Value, scope: Layer, mode: Mode): void {
  switch (pattern.type) {
    case 'Identifier':
      write(machine, scope, pattern.name, value, mode);
      return;
    case 'AssignmentPattern': {
      const fallback = machine.evaluate(pattern.right, scope);
      bindPattern(machine, pattern.left, value === UNKNOWN ? fallback : withFallback(value, fallback), scope, mode);
      return;
    }
    case 'ObjectPattern':
      bindObject(machine, pattern, value, scope, mode);
      return;
    case 'ArrayPattern':
      pattern.elements.forEach((element, i) => {
        if (element === null) return;
        if (element.type === 'RestElement') bindPattern(machine, element.argument, value, scope, mode);
        else bindPattern(machine, element, value.props?.get(String(i)) ?? elementOf(value), scope, mode);
      });
      return;
    case 'RestElement':
      bindPattern(machine, pattern.argument, value, scope, mode);
      return;
    case 'TSParameterProperty':
      bindPattern(machine, pattern.parameter, value, scope, mode);
      return;
    default:
      if (mode === 'assign') writeTarget(machine, pattern, pattern, value, scope);
  }
}

/** A default only adds what the value itself does not say. */
function withFallback(value: Value, fallback: Value): Value {
  if (fallback.props === undefined || value.props !== undefined) return value;
  return { ...value, ...(value.kind === undefined && fallback.kind !== undefined ? { kind: fallback.kind } : {}) };
}

function bindObject(
  machine: Machine,
  pattern: Extract<Node, { type: 'ObjectPattern' }>,
  value: Value,
  scope: Layer,
  mode: Mode,
): void {
  for (const property of pattern.properties) {
    if (property.type === 'RestElement')
      bindPattern(machine, property.argument, { ...value, whole: false }, scope, mode);
    if (property.type !== 'Property') continue;
    const key = staticKey(property.key, property.computed);
    const inner = key === undefined ? elementOf(value) : memberOf(machine, value, key, property.key);
    bindPattern(machine, property.value, inner, scope, mode);
  }
}

/** `target = value` for a name or a member. */
export function writeTarget(machine: Machine, node: Node, target: Node, value: Value, scope: Layer): void {
  if (target.type === 'Identifier') {
    write(machine, scope, target.name, value, 'assign');
    return;
  }
  if (target.type === 'TSAsExpression' || target.type === 'TSNonNullExpression') {
    if (target.expression !== undefined) writeTarget(machine, node, target.expression, value, scope);
    return;
  }
  if (target.type !== 'MemberExpression') return;
  machine.writes++;
  const object = machine.evaluate(target.object, scope);
  let key = staticKey(target.property, target.computed);
  let computed: Value | undefined;
  if (key === undefined) {
    computed = machine.evaluate(target.property, scope);
    if (computed.literal !== undefined) {
      key = String(computed.literal);
      computed = undefined;
    }
  }
  const ref = refOf(object.ref ?? object.type ?? '?', key ?? '[]') ?? '';
  machine.observer.set({ node, ref, object, key: computed, value, scope, frame: machine.frame });
  if (key === undefined) return;
  if (isNews(object.props?.get(key), value)) machine.news++;
  if (value.fn !== undefined && value.fn.name === undefined) value.fn.name = key;
  const path = pathOf(target);
  if (path !== undefined) {
    noteMethods(path, value, scope);
    noteExport(machine, path, value);
    // What is written to `location` is a sink of its own each time, not a value to be read back.
    if (
      !/^(window|self|document|location)\b/.test(path) ||
      lookup(scope, path.slice(0, path.indexOf('.'))) !== undefined
    )
      assign(scope, path, value);
  }
  if (object.props !== undefined && object.kind !== 'array')
    object.props.set(key, either(object.props.get(key), value));
}

/** `Image.prototype.read = …` and `Image.prototype = { read() {} }`: methods see what the constructor keeps in `this`. */
function noteMethods(path: string, value: Value, scope: Layer): void {
  const found = /^(?:exports\.|module\.exports\.)?([\w$]+)\.prototype(?:\.([\w$]+))?$/.exec(path);
  const maker = found?.[1] === undefined ? undefined : lookup(scope, found[1])?.fn;
  if (maker === undefined) return;
  maker.self ??= { ref: 'this', props: new Map() };
  const methods = found?.[2] === undefined ? (value.props ?? []) : [[found[2], value] as const];
  for (const [name, method] of methods)
    if (method.fn !== undefined) {
      method.fn.self = maker.self;
      maker.self.props?.set(name, method);
    }
}

function noteExport(machine: Machine, path: string, value: Value): void {
  const name = /^(?:module\.)?exports(?:\.(\w+))?$/.exec(path);
  if (name === null) return;
  exportValue(machine, name[1] ?? 'default', value);
}

/** Notes a function, or an object's or class's functions, as visible from outside the file. */
export function exportValue(machine: Machine, name: string, value: Value, depth = 0): void {
  if (value.fn !== undefined) exportClosure(machine, name, value.fn);
  if (value.props === undefined || depth > 1) return;
  for (const [key, inner] of value.props)
    exportValue(machine, name === 'default' ? key : `${name}.${key}`, inner, depth + 1);
}

function exportClosure(machine: Machine, name: string, closure: Closure): void {
  machine.exports.set(name, closure);
}
