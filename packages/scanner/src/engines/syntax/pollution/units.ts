import { type FunctionNode, isFunction, type Member, type Node, type Program } from '../tree.ts';

/** A computed member whose name may be anything: `object[key]`, `cursor[parts[i]]`. */
export interface Keyed {
  /** The name of the object, or `this`. */
  object: string;
  /** The key as the code writes it. */
  key: string;
  /** The key itself. */
  property: Node;
}

/** `name = value`, however it is written. */
export interface Naming {
  name: string;
  value: Node;
  /** Inside a loop or a function that is called for each element. */
  repeated: boolean;
}

/** `object[key] = value`. */
export interface Write extends Keyed {
  value: Node;
  at: Node;
}

export interface UnitCall {
  name: string;
  /** What it is called on, when that is a plain name. */
  of: string | undefined;
  args: readonly Node[];
  node: Node;
}

/** A function with the callbacks in it that run for each element: what reads as one piece. */
export interface Unit {
  node: FunctionNode;
  names: Set<string>;
  params: string[];
  namings: Naming[];
  writes: Write[];
  /** Members with a computed name that it deletes. */
  removals: Write[];
  calls: UnitCall[];
  /** Names that count and nothing else: `i++`, `n = 0`. */
  counters: Set<string>;
  /** Names that are another one on each round. */
  varying: Set<string>;
  /** Names that a loop over an object's keys or a list's elements gives. */
  looped: Set<string>;
  /** What callbacks of `reduce` return, with the name of their first parameter. */
  folded: { name: string; value: Node }[];
  /** Names the unit only reads. */
  reads: Set<string>;
  /** Computed members it reads. */
  members: Member[];
  /** Second parameters, of itself and of its callbacks: the key in `(value, key) => …`. */
  seconds: Set<string>;
}

const EACH =
  /^(forEach|map|reduce|reduceRight|some|every|filter|find|flatMap|forIn|forOwn|each|eachKey|forEachKey|eachOf|forOwnRight|forEachOf)$/;

type Visitor = (node: Node, unit: Unit, repeated: boolean) => void;

function newUnit(node: FunctionNode): Unit {
  return {
    node,
    names: new Set(),
    params: node.params.flatMap((param) => {
      const name = nameOf(param);
      return name === undefined ? [] : [name];
    }),
    namings: [],
    writes: [],
    removals: [],
    calls: [],
    counters: new Set(),
    varying: new Set(),
    looped: new Set(),
    folded: [],
    reads: new Set(),
    members: [],
    seconds: new Set(),
  };
}

export function nameOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'ThisExpression') return 'this';
  if (node.type === 'AssignmentPattern') return nameOf(node.left);
  if (node.type === 'RestElement') return nameOf(node.argument);
  const inner = unwrapped(node);
  return inner === node ? undefined : nameOf(inner);
}

/** Without `as`, `!`, parentheses and `?.`. */
export function unwrapped(node: Node): Node {
  if (
    (node.type === 'TSAsExpression' ||
      node.type === 'TSNonNullExpression' ||
      node.type === 'TSTypeAssertion' ||
      node.type === 'TSSatisfiesExpression' ||
      node.type === 'ChainExpression' ||
      node.type === 'ParenthesizedExpression') &&
    node.expression !== undefined
  )
    return unwrapped(node.expression);
  return node;
}

/** The name a call is known by: `merge` of `merge(…)`, `this.merge(…)` and `merge.call(…)`. */
export function calleeName(callee: Node): string {
  const at = unwrapped(callee);
  if (at.type === 'Identifier') return at.name;
  if (at.type !== 'MemberExpression' || at.property.type !== 'Identifier' || at.computed) return '';
  const name = at.property.name;
  return name === 'call' || name === 'apply' ? calleeName(at.object) : name;
}

function receiverName(callee: Node): string | undefined {
  const at = unwrapped(callee);
  if (at.type !== 'MemberExpression' || at.computed) return undefined;
  if (at.property.type === 'Identifier' && (at.property.name === 'call' || at.property.name === 'apply'))
    return receiverName(at.object);
  return nameOf(at.object);
}

/** `object[key]` with a key that is neither a constant, nor a number that the unit counts, nor part of a longer name. */
export function keyedOf(node: Node, unit: Unit, text: string): Keyed | undefined {
  const at = unwrapped(node);
  if (at.type !== 'MemberExpression' || !at.computed) return undefined;
  const object = nameOf(at.object);
  const property = unwrapped(at.property);
  if (object === undefined) return undefined;
  if (property.type === 'Identifier') {
    if (unit.counters.has(property.name)) return undefined;
  } else if (property.type === 'CallExpression') {
    if (/^(parseInt|Number|charCodeAt|indexOf|floor|max|min)$/.test(calleeName(property.callee))) return undefined;
  } else if (property.type !== 'MemberExpression' || !property.computed) return undefined;
  return { object, key: text.slice(property.start, property.end), property };
}

/** Puts everything below a node that is a node on the stack, the first on top; what stands in types takes no part. */
function pushChildren(node: Node, stack: Node[]): void {
  const fields = node as unknown as Record<string, unknown>;
  const bottom = stack.length;
  for (const key in fields) {
    const value = fields[key];
    if (typeof value !== 'object' || value === null || key === 'typeAnnotation') continue;
    if (Array.isArray(value)) {
      for (const each of value) if (isNode(each)) stack.push(each);
    } else if (isNode(value)) stack.push(value);
  }
  for (let low = bottom, high = stack.length - 1; low < high; low++, high--) {
    const first = stack[low] as Node;
    stack[low] = stack[high] as Node;
    stack[high] = first;
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** Notes every name a function is given where it is written: `a = module.exports = function b() {}`. */
function noteNames(node: Node, out: Map<Node, string[]>): void {
  const give = (value: Node | null, name: string | undefined) => {
    if (value === null || name === undefined) return;
    if (isFunction(value)) out.set(value, [...(out.get(value) ?? []), name]);
    else if (value.type === 'AssignmentExpression') give(value.right, name);
  };
  if (node.type === 'AssignmentExpression') {
    const left = unwrapped(node.left);
    if (left.type === 'MemberExpression') {
      if (left.property.type === 'Identifier' && !left.computed) give(node.right, left.property.name);
    } else give(node.right, nameOf(left));
  } else if (node.type === 'VariableDeclaration') for (const { id, init } of node.declarations) give(init, nameOf(id));
  else if (node.type === 'Property' || node.type === 'MethodDefinition')
    give(node.value, node.computed ? undefined : nameOf(node.key));
}

const LOOP = 1;
const NAMES = 2;
/** A kind that the units take note of. */
const NOTED = 4;
const CALL = 8;
/** What a kind of node is to the units; most kinds are nothing, and only what is below them counts. */
const ROLES: ReadonlyMap<string, number> = new Map([
  ['ForStatement', LOOP],
  ['ForInStatement', LOOP | NOTED],
  ['ForOfStatement', LOOP | NOTED],
  ['WhileStatement', LOOP],
  ['DoWhileStatement', LOOP],
  ['AssignmentExpression', NAMES | NOTED],
  ['VariableDeclaration', NAMES | NOTED],
  ['Property', NAMES],
  ['MethodDefinition', NAMES],
  ['Identifier', NOTED],
  ['MemberExpression', NOTED],
  ['UpdateExpression', NOTED],
  ['UnaryExpression', NOTED],
  ['CallExpression', CALL | NOTED],
]);

const isLeaf = (node: Node): boolean =>
  node.type === 'Literal' || (node.type === 'Identifier' && !(node.decorators && node.decorators.length > 0));

/** Functions of a file as units, each with every node in it shown to `see` once. */
function split(program: Program, see: Visitor): Unit[] {
  const units: Unit[] = [];
  const given = new Map<Node, string[]>();
  const nodes: Node[] = [program as unknown as Node];
  /** Beside each node: the unit it is in, and whether it is repeated there. */
  const owners: (Unit | undefined)[] = [undefined];
  const repeats: boolean[] = [false];
  const callbacks = new Set<Node>();
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    let unit = owners.pop();
    let repeated = repeats.pop() === true;
    const role = ROLES.get(node.type) ?? 0;
    if ((role & NAMES) !== 0) noteNames(node, given);
    if (isFunction(node)) {
      if (unit !== undefined && callbacks.has(node)) repeated = true;
      else {
        unit = newUnit(node);
        repeated = false;
        if (node.id) unit.names.add(node.id.name);
        for (const name of given.get(node) ?? []) unit.names.add(name);
        units.push(unit);
      }
      see(node, unit, repeated);
    } else {
      if ((role & LOOP) !== 0) repeated = true;
      if (unit !== undefined && (role & NOTED) !== 0) see(node, unit, repeated);
      if (isLeaf(node)) continue;
      if (node.type === 'CallExpression' && EACH.test(calleeName(node.callee)))
        for (const argument of [node.callee, ...node.arguments]) if (isFunction(argument)) callbacks.add(argument);
    }
    pushChildren(node, nodes);
    while (owners.length < nodes.length) {
      owners.push(unit);
      repeats.push(repeated);
    }
  }
  return units;
}

function isCount(value: Node): boolean {
  if (value.type === 'Literal') return typeof value.value === 'number';
  if (value.type === 'BinaryExpression') return /^[-*/%|&^]$|^>>>?$|^<<$/.test(value.operator) || isCount(value.right);
  if (value.type === 'UnaryExpression') return value.operator === '-' || value.operator === '+';
  if (value.type === 'MemberExpression') return !value.computed && nameOf(value.property) === 'length';
  return (
    value.type === 'CallExpression' && /^(parseInt|Number|indexOf|floor|charCodeAt)$/.test(calleeName(value.callee))
  );
}

function noteName(unit: Unit, name: string | undefined, value: Node, repeated: boolean): void {
  if (name === undefined) return;
  if (isCount(value)) unit.counters.add(name);
  else {
    if (repeated) unit.varying.add(name);
    unit.namings.push({ name, value, repeated });
  }
}

/** What is another one on each round; of `[key, value]` the first is the key of the second. */
function noteElement(unit: Unit, element: Node | undefined): void {
  const key = element?.type === 'ArrayPattern' && element.elements.length === 2 ? element.elements[0] : undefined;
  const name = element === undefined ? undefined : nameOf(key ?? element);
  if (name === undefined) return;
  unit.varying.add(name);
  if (key) unit.seconds.add(name);
}

function noteFunction(node: FunctionNode, unit: Unit): void {
  const key = node.params[1] === undefined ? undefined : nameOf(node.params[1]);
  if (key !== undefined) unit.seconds.add(key);
  if (node === unit.node) return;
  // A callback's parameters are others for each element; the second one of an array's counts.
  const [first, second] = node.params;
  for (const param of node.params) noteElement(unit, param);
  const accumulated = first === undefined ? undefined : nameOf(first);
  if (accumulated === undefined || second === undefined) return;
  if (node.body !== null && node.body.type !== 'BlockStatement')
    unit.folded.push({ name: accumulated, value: node.body });
  else if (node.body?.type === 'BlockStatement')
    for (const statement of node.body.body)
      if (statement.type === 'ReturnStatement' && statement.argument !== null)
        unit.folded.push({ name: accumulated, value: statement.argument });
}

function note(node: Node, unit: Unit, repeated: boolean): void {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      noteFunction(node, unit);
      return;
    case 'Identifier':
      unit.reads.add(node.name);
      return;
    case 'MemberExpression':
      if (node.computed) unit.members.push(node);
      return;
    case 'UpdateExpression': {
      const name = nameOf(node.argument);
      if (name !== undefined) unit.counters.add(name);
      return;
    }
    case 'VariableDeclaration':
      for (const { id, init } of node.declarations) if (init !== null) noteName(unit, nameOf(id), init, repeated);
      return;
    case 'AssignmentExpression':
      if (node.operator === '+=' || node.operator === '-=') {
        const name = nameOf(node.left);
        if (name !== undefined && isCount(node.right)) unit.counters.add(name);
      } else noteName(unit, nameOf(node.left), node.right, repeated);
      return;
    case 'ForInStatement':
    case 'ForOfStatement': {
      const left = node.left.type === 'VariableDeclaration' ? node.left.declarations[0]?.id : node.left;
      noteElement(unit, left);
      if (node.type === 'ForInStatement' && left?.type === 'Identifier') unit.looped.add(left.name);
      return;
    }
    case 'CallExpression':
      unit.calls.push({ name: calleeName(node.callee), of: receiverName(node.callee), args: node.arguments, node });
      return;
    default:
  }
}

/** `Object.defineProperty(object, key, …)` writes as an assignment does. */
function noteDefinition(unit: Unit, { name, args, node }: UnitCall, text: string): void {
  const [target, key, value] = args;
  if (name !== 'defineProperty' || target === undefined || key?.type !== 'Identifier' || value === undefined) return;
  const object = nameOf(target);
  if (object === undefined || unit.counters.has(key.name) || unit.names.has(name)) return;
  unit.writes.push({ object, key: text.slice(key.start, key.end), property: key, value, at: node });
}

/** Reads a file's functions; `text` is its source. */
export function unitsOf(program: Program, text: string): Unit[] {
  const assigned: { node: Extract<Node, { type: 'AssignmentExpression' }>; unit: Unit }[] = [];
  const deleted: { node: Extract<Node, { type: 'UnaryExpression' }>; unit: Unit }[] = [];
  const units = split(program, (node, unit, repeated) => {
    note(node, unit, repeated);
    if (node.type === 'AssignmentExpression') assigned.push({ node, unit });
    else if (node.type === 'UnaryExpression' && node.operator === 'delete') deleted.push({ node, unit });
  });
  // Only when all of a unit is known is it known which names count.
  for (const unit of units) {
    for (const name of unit.looped) unit.counters.delete(name);
    for (const { name, value } of unit.namings)
      if (value.type !== 'Identifier' || !unit.counters.has(value.name)) unit.counters.delete(name);
  }
  for (const { node, unit } of assigned) {
    const keyed = keyedOf(node.left, unit, text);
    if (keyed !== undefined) unit.writes.push({ ...keyed, value: node.right, at: node });
  }
  for (const { node, unit } of deleted) {
    const keyed = keyedOf(node.argument, unit, text);
    if (keyed !== undefined) unit.removals.push({ ...keyed, value: node, at: node });
  }
  for (const unit of units) for (const call of unit.calls) noteDefinition(unit, call, text);
  return units;
}
