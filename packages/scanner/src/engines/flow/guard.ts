import type { Node } from '../syntax/tree.ts';
import { answersOf } from './answers.ts';
import type { CallFact, Machine } from './machine.ts';
import { ALL_BITS, bitsOf } from './models.ts';
import { firstMatch, lastName } from './pattern.ts';
import { declare, type Layer, layer, lookup, prove } from './scope.ts';
import { type Closure, deepTaint, isConstant, UNKNOWN, type Value } from './value.ts';

const UNSAFE_KEYS: ReadonlySet<unknown> = new Set(['__proto__', 'constructor', 'prototype']);
const PROTOTYPE = bitsOf(['prototype']);
const TYPE_CHECKED = bitsOf(['nosql', 'mass', 'prototype']);

/** Who checks the host of an address has checked the address. */
const HOST_PART = /(\.(host|hostname|origin|netloc|hostname\.\w+))+$/;

/** Who checks the scheme of an address has kept scripts out, not hosts. */
const SCHEME_PART = /\.protocol$/;
const SCHEME = bitsOf(['xss', 'code']);

function proveValue(scope: Layer, value: Value, bits: number): void {
  for (const { label } of deepTaint(value) ?? [])
    if (SCHEME_PART.test(label)) prove(scope, label.replace(SCHEME_PART, ''), bits & SCHEME);
    else prove(scope, label.replace(HOST_PART, ''), bits);
}

/** What Python's `ipaddress` says of an address. */
const INSIDE = /^is_(private|loopback|reserved|link_local)$/;
const OUTSIDE = /^is_global$/;
const SSRF = bitsOf(['ssrf']);
const HOST = /^(netloc|hostname|host)$/;

interface Test {
  machine: Machine;
  /** Where the test is evaluated. */
  from: Layer;
  /** Where what it proves is noted. */
  into: Layer;
  /** How many functions that answer for others it has gone through. */
  depth?: number;
}

/** How far a function that answers by asking another one is followed. */
const ANSWERS = 3;

/** What follows from a function of this file saying yes or no: what all tests on the way to that answer prove. */
function applyAnswer(test: Test, fn: Closure, args: readonly Value[], answer: boolean): void {
  const depth = test.depth ?? 0;
  if (depth >= ANSWERS) return;
  const tests = answersOf(fn.node, answer);
  if (tests.length === 0) return;
  const scope = layer('function', fn.scope);
  fn.node.params.forEach((param, i) => {
    if (param.type === 'Identifier') declare(scope, param.name, args[i] ?? UNKNOWN);
  });
  for (const each of tests) applyTest({ ...test, from: scope, depth: depth + 1 }, each.test, each.holds);
}

/** Notes in `into` what follows from `test` being true (`holds`) or false. */
export function applyTest(test: Test, node: Node, holds: boolean): void {
  switch (node.type) {
    case 'UnaryExpression':
      if (node.operator === '!') applyTest(test, node.argument, !holds);
      return;
    case 'LogicalExpression':
      if ((node.operator === '&&') === holds) {
        applyTest(test, node.left, holds);
        applyTest(test, node.right, holds);
      } else applyWeak(test, node, holds);
      return;
    case 'BinaryExpression':
      applyComparison(test, node, holds);
      return;
    case 'AwaitExpression':
    case 'ParenthesizedExpression':
    case 'ChainExpression':
    case 'TSAsExpression':
    case 'TSNonNullExpression': {
      const inner = node.argument ?? node.expression;
      if (inner !== undefined) applyTest(test, inner, holds);
      return;
    }
    case 'CallExpression':
      if (holds) applyCall(test, node);
      else applyRejected(test, node);
      return;
    case 'Identifier': {
      const { condition } = lookup(test.from, node.name) ?? {};
      if (condition !== undefined) applyTest(test, condition, holds);
      return;
    }
    case 'MemberExpression':
      // `if (ALLOWED[name])`: the name is one of those that the table has.
      if (holds && node.computed)
        proveValue(test.into, test.machine.evaluate(node.property, test.from), ALL_BITS & ~PROTOTYPE);
      // An address without a host stays on the site.
      if (!node.computed && !holds && HOST.test(calledName(node)))
        proveValue(test.into, test.machine.evaluate(node, test.from), REDIRECT);
      if (!node.computed && (holds ? OUTSIDE : INSIDE).test(calledName(node)))
        proveValue(test.into, test.machine.evaluate(node.object, test.from), SSRF);
      return;
    default:
  }
}

/** `a || b` being true proves what both sides prove of one value: `x === 'a' || x === 'b'`. */
function applyWeak(test: Test, node: Extract<Node, { type: 'LogicalExpression' }>, holds: boolean): void {
  // `x && !ok(x)` being false: either there is no x, or it is ok.
  const bare = node.left.type === 'Identifier' || node.left.type === 'MemberExpression';
  if (!holds && bare) {
    applyTest(test, node.right, holds);
    return;
  }
  const left: Layer = { ...test.into, proved: new Map() };
  const right: Layer = { ...test.into, proved: new Map() };
  applyTest({ ...test, into: left }, node.left, holds);
  applyTest({ ...test, into: right }, node.right, holds);
  for (const [label, bits] of left.proved) {
    const both = bits & (right.proved.get(label) ?? 0);
    if (both !== 0) prove(test.into, label, both);
  }
}

const EQUAL: ReadonlySet<string> = new Set(['===', '==', 'is', 'Eq']);
const UNEQUAL: ReadonlySet<string> = new Set(['!==', '!=', 'is not']);

function applyComparison(test: Test, node: Extract<Node, { type: 'BinaryExpression' }>, holds: boolean): void {
  const { machine, from, into } = test;
  if (node.operator === 'in' || node.operator === 'not in') {
    if ((node.operator === 'in') === holds) proveValue(into, machine.evaluate(node.left, from), ALL_BITS & ~PROTOTYPE);
    return;
  }
  const equal = EQUAL.has(node.operator);
  if (node.left.type === 'UnaryExpression' && node.left.operator === 'typeof') {
    if (equal !== holds && (equal || UNEQUAL.has(node.operator))) return;
    const kind = machine.evaluate(node.right, from).literal;
    if (kind === 'string') proveValue(into, machine.evaluate(node.left.argument, from), TYPE_CHECKED);
    if (kind === 'number' || kind === 'boolean') proveValue(into, machine.evaluate(node.left.argument, from), ALL_BITS);
    return;
  }
  for (const side of [node.left, node.right])
    if (side.type === 'CallExpression') {
      const other = machine.evaluate(side === node.left ? node.right : node.left, from);
      applyCounted(test, side, node.operator, other, holds);
    }
  if (!equal && !UNEQUAL.has(node.operator)) return;
  const left = machine.evaluate(node.left, from);
  const right = machine.evaluate(node.right, from);
  if (applyPart(test, node.left, right, equal === holds) || applyPart(test, node.right, left, equal === holds)) return;
  const unsafeKey = UNSAFE_KEYS.has(left.literal) || UNSAFE_KEYS.has(right.literal);
  if (unsafeKey) {
    if (equal !== holds) proveValue(into, UNSAFE_KEYS.has(left.literal) ? right : left, PROTOTYPE);
    return;
  }
  if (equal !== holds || left.picked || right.picked) return;
  const empty = (value: Value) => value.literal === undefined && !isConstant(value);
  if (right.taint === undefined && !isNothing(right) && (isConstant(right) || right.ref !== undefined || empty(right)))
    proveValue(into, left, ALL_BITS);
  else if (left.taint === undefined && !isNothing(left)) proveValue(into, right, ALL_BITS);
}

const BEGINNING = bitsOf(['path', 'ssrf', 'redirect']);
const REDIRECT = bitsOf(['redirect']);
const ROOTED = bitsOf(['rooted']);

/** A pattern that fixes where an address leads: a path of one's own, or a host and what ends it. */
const BEGINS =
  /^\^(\\?\/(\[\^?[^\]]*\]|\(\?!|[A-Za-z0-9]|\\w)|https?(\?|s\?)?:\\?\/\\?\/([\w-]|\\\.|\\-|\(\?:[\w|-]+\\\.\)\??)+(\\?\/|\$|\(\?:?\\?\/))/;

/** The beginning of an address whose host goes on: `https://example.com` begins `https://example.com.evil.example` too. */
const OPEN_HOST = /^(?:https?:)?\/\/[^/?#]*$|^https?$/;

const PART = /^(slice|substr|substring|charAt|at|charCodeAt)$/;

/** `file` and 0 in `file.slice(0, root.length)`, `next` and 1 in `next.charAt(1)` and `next[1]`. */
function partOf(node: Node): { whole: Node; at: number } | undefined {
  if (node.type === 'MemberExpression') {
    const at = node.computed && node.property.type === 'Literal' ? node.property.value : undefined;
    return typeof at === 'number' ? { whole: node.object, at } : undefined;
  }
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return undefined;
  if (!PART.test(calledName(node.callee))) return undefined;
  const first = node.arguments[0];
  const at = first?.type === 'Literal' && typeof first.value === 'number' ? first.value : -1;
  return { whole: node.callee.object, at };
}

/** A lone `/` begins `//evil.example` too, and every absolute path. */
const isSlash = (value: Value | undefined) => value?.literal === '/';

/**
 * What is known of a text one part of which is, or is not, `other`; true when `node` is a part of a text. The part says
 * where the text leads when it is its beginning: `file.slice(0, root.length) === root`, `next[1] !== '/'`.
 */
function applyPart(test: Test, node: Node, other: Value, same: boolean): boolean {
  const part = partOf(node);
  if (part === undefined) return false;
  const whole = test.machine.evaluate(part.whole, test.from);
  if (same && part.at === 0) proveValue(test.into, whole, isSlash(other) ? ROOTED : BEGINNING);
  if (!same && part.at === 1 && isSlash(other)) proveValue(test.into, whole, REDIRECT);
  return true;
}

function isNothing(value: Value): boolean {
  return value.literal === null || value.ref === 'undefined';
}

/** `list.indexOf(x) !== -1`, `x.indexOf(root) === 0`, `key.search(/…/) < 0`. */
function applyCounted(
  test: Test,
  call: Extract<Node, { type: 'CallExpression' }>,
  operator: string,
  other: Value,
  holds: boolean,
): void {
  const bound = other.literal;
  let positive: boolean | undefined;
  if (bound === -1) positive = operator.startsWith('!') || operator === '>';
  else if (bound === 0) positive = operator === '>=' || operator === '===' || operator === '==';
  else if (typeof bound === 'boolean') positive = operator.startsWith('!') !== bound;
  else if (bound === null) positive = operator.startsWith('!');
  if (bound === 0 && operator === '<') positive = false;
  const callee = call.callee;
  // `path.indexOf(root) === 0` is `startsWith`.
  const begins = bound === 0 && !/[<>]/.test(operator) && calledName(callee) === 'indexOf';
  if (begins && positive === holds && callee.type === 'MemberExpression') {
    const start = call.arguments[0] === undefined ? undefined : test.machine.evaluate(call.arguments[0], test.from);
    if (OPEN_HOST.test(String(start?.literal ?? ''))) return;
    proveValue(test.into, test.machine.evaluate(callee.object, test.from), isSlash(start) ? ROOTED : BEGINNING);
    return;
  }
  if (positive !== undefined && positive === holds) applyCall(test, call);
  else if (positive !== undefined) applyRejected(test, call);
}

/** A set of the signs with which one command ends and another begins. */
const SHELL_SIGNS = /\[(?!\^)(?=[^\]]*;)(?=[^\]]*[|&])[^\]]*\]/;
const COMMAND = bitsOf(['command']);

/** A value that does not contain `..` or `__proto__`: `!x.includes('..')`. */
function applyRejected(test: Test, call: Extract<Node, { type: 'CallExpression' }>): void {
  const { machine, from, into } = test;
  const { fn } = call.callee.type === 'Identifier' ? (lookup(from, call.callee.name) ?? {}) : {};
  if (fn !== undefined)
    applyAnswer(
      test,
      fn,
      call.arguments.map((arg) => machine.evaluate(arg, from)),
      false,
    );
  const name = calledName(call.callee);
  const refusal = machine.models.refusalNames(name);
  if (refusal !== undefined) for (const arg of call.arguments) proveValue(into, machine.evaluate(arg, from), refusal);
  if (call.callee.type !== 'MemberExpression') return;
  const what = call.arguments[0] === undefined ? undefined : machine.evaluate(call.arguments[0], from);
  const receiver = machine.evaluate(call.callee.object, from);
  const text = what?.literal ?? what?.regex?.pattern;
  const refused = receiver.regex?.pattern;
  if ((name === 'test' || name === 'exec') && refused !== undefined && what !== undefined) {
    if (SHELL_SIGNS.test(refused)) proveValue(into, what, COMMAND);
    if (/(?:\\\.){2}/.test(refused) && !anchored(refused)) proveValue(into, what, bitsOf(['path']));
    if (/__proto__/.test(refused)) proveValue(into, what, PROTOTYPE);
  }
  if (text === '//') proveValue(into, receiver, REDIRECT);
  if (typeof text === 'string' && /^(\\?\.){2}/.test(text)) proveValue(into, receiver, bitsOf(['path']));
  if (typeof text === 'string' && /proto/.test(text)) proveValue(into, receiver, PROTOTYPE);
  const list = receiver.props;
  if (what !== undefined && list !== undefined && [...list.values()].some((each) => UNSAFE_KEYS.has(each.literal)))
    proveValue(into, what, PROTOTYPE);
}

export function calledName(callee: Node): string {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type === 'MemberExpression' && callee.property.type === 'Identifier') return callee.property.name;
  return '';
}

function applyCall(test: Test, node: Extract<Node, { type: 'CallExpression' }>): void {
  const { machine, from, into } = test;
  const callee = machine.evaluate(node.callee, from);
  const args = node.arguments.map((arg) => machine.evaluate(arg, from));
  if (callee.fn !== undefined) applyAnswer(test, callee.fn, args, true);
  const receiver = node.callee.type === 'MemberExpression' ? machine.evaluate(node.callee.object, from) : undefined;
  proveCall(machine, into, {
    ref: callee.ref === undefined || callee.ref === '?' ? `?.${calledName(node.callee)}` : callee.ref,
    receiver,
    args,
  });
}

/** True when the pattern says what the whole string may be. */
function anchored(pattern: string): boolean {
  return /^\^.*(\$|\\Z)$/s.test(pattern) && !/^\^\.[*+]\$$/.test(pattern);
}

/** What a call proves of its arguments when it says yes, or when it returns at all. */
export function proveCall(machine: Machine, into: Layer, call: Pick<CallFact, 'ref' | 'receiver' | 'args'>): void {
  const name = lastName(call.ref).replace(/^\?/, '');
  const receiver = call.receiver;
  if (name === 'test' || name === 'match' || name === 'exec' || name === 'fullmatch') {
    const pattern = (receiver?.regex ?? call.args[0]?.regex)?.pattern;
    const subject = receiver?.regex === undefined ? receiver : call.args[0];
    if (subject === undefined) return;
    if (name === 'fullmatch' || pattern === undefined || anchored(pattern)) proveValue(into, subject, ALL_BITS);
    else if (BEGINS.test(pattern)) proveValue(into, subject, BEGINNING & ~bitsOf(['path']));
    return;
  }
  if (name === 'isArray') return;
  if (/^starts[wW]ith$/.test(name) && isSlash(call.args[0])) {
    if (receiver !== undefined) proveValue(into, receiver, ROOTED);
    return;
  }
  const begins = /^starts[wW]ith$/.test(name) && OPEN_HOST.test(String(call.args[0]?.literal ?? ''));
  const guard = firstMatch(machine.models.guards, call.ref);
  if (machine.models.refusalNames(name) !== undefined) return;
  const bits = guard?.bits ?? machine.models.guardNames(name);
  if (bits === undefined || begins) return;
  const of = guard?.of ?? 'argument';
  if (of !== 'receiver') for (const arg of call.args) proveValue(into, arg, bits);
  if (of !== 'argument' && receiver !== undefined) proveValue(into, receiver, bits);
}
