import { isFunction, type Node } from '../tree.ts';
import { calleeName, type Keyed, keyedOf, nameOf, type Unit, unwrapped, type Write } from './units.ts';

/** Names that may hold the same object, found through plain assignments. */
class Groups {
  readonly #parent = new Map<string, string>();

  of(name: string): string {
    let at = name;
    for (let next = this.#parent.get(at); next !== undefined && next !== at; next = this.#parent.get(at)) at = next;
    return at;
  }

  join(a: string, b: string): void {
    const root = this.of(a);
    const other = this.of(b);
    if (root !== other) this.#parent.set(root, other);
  }
}

/** What an expression may be, leaving out the conditions in it: `a && b ? c : d` may be `c` or `d`. */
export function outcomes(node: Node): Node[] {
  const at = unwrapped(node);
  switch (at.type) {
    case 'LogicalExpression':
      return [...outcomes(at.left), ...outcomes(at.right)];
    case 'ConditionalExpression':
      return [...outcomes(at.consequent), ...outcomes(at.alternate)];
    case 'AssignmentExpression':
      return [at.left, ...outcomes(at.right)];
    case 'SequenceExpression':
      return at.expressions.slice(-1).flatMap(outcomes);
    default:
      return [at];
  }
}

/** A fresh object or list to go on in: `{}`, `[]`, `Object.create(null)`. */
export function isFresh(node: Node): boolean {
  const at = unwrapped(node);
  if (at.type === 'CallExpression') return calleeName(at.callee) === 'create';
  return at.type === 'ObjectExpression' || at.type === 'ArrayExpression' || at.type === 'NewExpression';
}

/** The key is another one on each step down. */
function isPart(keyed: Keyed, unit: Unit): boolean {
  const { property } = keyed;
  if (property.type === 'Identifier') return unit.varying.has(property.name);
  if (property.type === 'CallExpression') return /^(shift|pop|at|next)$/.test(calleeName(property.callee));
  return property.type === 'MemberExpression' && property.computed;
}

function groupsOf(unit: Unit): Groups {
  const groups = new Groups();
  for (const { name, value } of unit.namings)
    for (const each of outcomes(value)) {
      const other = each.type === 'Identifier' || each.type === 'ThisExpression' ? nameOf(each) : undefined;
      if (other !== undefined && other !== 'undefined') groups.join(name, other);
      const folded = foldedName(each);
      if (folded !== undefined) groups.join(name, folded);
    }
  return groups;
}

/** The accumulator's name in `parts.reduce((at, part) => …, root)`. */
function foldedName(node: Node): string | undefined {
  if (node.type !== 'CallExpression' || !/^reduce(Right)?$/.test(calleeName(node.callee))) return undefined;
  const callback = node.arguments[0];
  const first = callback !== undefined && isFunction(callback) ? callback.params[0] : undefined;
  return first === undefined ? undefined : nameOf(first);
}

/** `[head, ...rest] = path.split('.')`: what is handed on is one key shorter. */
const HEAD_AND_REST = /\[\s*[\w$]+\s*,\s*\.{3}[\w$]+\s*\]/;

/** The names that go down one step in each round: `at = at[part]`. */
function descending(unit: Unit, text: string, groups: Groups): Set<string> {
  const out = new Set<string>();
  const look = (name: string, value: Node) => {
    for (const each of outcomes(value)) {
      const keyed = keyedOf(each, unit, text);
      if (keyed !== undefined && isPart(keyed, unit) && groups.of(keyed.object) === groups.of(name))
        out.add(groups.of(name));
    }
  };
  for (const { name, value, repeated } of unit.namings) if (repeated) look(name, value);
  for (const { name, value } of unit.folded) look(name, value);
  for (const call of unit.calls) {
    if (!unit.names.has(call.name)) continue;
    // `set(object[path[0]], path.slice(1), value)`: one step down for each call.
    const shortened = call.args.some((arg) =>
      /^(slice|shift|splice)$/.test(arg.type === 'CallExpression' ? calleeName(arg.callee) : ''),
    );
    const shifted = unit.calls.some(({ name }) => name === 'shift' || name === 'pop');
    if (!shortened && !shifted && !HEAD_AND_REST.test(text.slice(unit.node.start, unit.node.end))) continue;
    call.args.forEach((arg, i) => {
      for (const each of outcomes(arg)) {
        const keyed = keyedOf(each, unit, text);
        if (keyed !== undefined && unit.params.length > i && unit.params.includes(keyed.object))
          out.add(groups.of(keyed.object));
      }
    });
  }
  return out;
}

/** A function that only goes down, making what is missing, for others to write where it ends. */
function made(unit: Unit, down: ReadonlySet<string>, groups: Groups): Write | undefined {
  const parts = unit.calls.some(({ name }) => /^(split|shift|pop)$/.test(name));
  return parts ? unit.writes.findLast((write) => down.has(groups.of(write.object)) && isPart(write, unit)) : undefined;
}

/** Where a value is set, or taken away, at the end of a path of keys that nobody looked at; `undefined` when nothing like it is here. */
export function pathWrite(
  unit: Unit,
  text: string,
  guarded: (objects: ReadonlySet<string>) => boolean,
): Node | undefined {
  if (unit.writes.length === 0 && unit.removals.length === 0) return undefined;
  const groups = groupsOf(unit);
  const down = descending(unit, text, groups);
  if (down.size === 0) return undefined;
  const ends = unit.writes.filter(({ object, value }) => down.has(groups.of(object)) && !outcomes(value).some(isFresh));
  const removed = unit.removals.findLast(({ object }) => down.has(groups.of(object)));
  const end =
    ends.findLast(({ value }) => unwrapped(value).type === 'Identifier') ??
    ends.at(-1) ??
    removed ??
    made(unit, down, groups);
  if (end === undefined) return undefined;
  const names = new Set([end.object]);
  for (const { name } of unit.namings) if (down.has(groups.of(name))) names.add(name);
  for (const { object } of unit.writes) if (down.has(groups.of(object))) names.add(object);
  return guarded(names) ? undefined : end.at;
}
