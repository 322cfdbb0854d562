import type { Node } from '../tree.ts';
import { calleeName, keyedOf, nameOf, type Unit, unwrapped, type Write } from './units.ts';
import { isFresh, outcomes } from './walk.ts';

const overlaps = (some: ReadonlySet<string>, others: ReadonlySet<string>) => [...others].some((name) => some.has(name));

/** Which functions of a file lead to which. */
export class Calls {
  readonly #units = new Map<string, Unit[]>();
  readonly #reached = new Map<string, Set<string>>();

  constructor(units: readonly Unit[]) {
    for (const unit of units)
      for (const name of unit.names) this.#units.set(name, [...(this.#units.get(name) ?? []), unit]);
  }

  has(name: string): boolean {
    return this.#units.has(name);
  }

  /** The functions that lead to this one and that this one leads to. */
  cycleOf(unit: Unit): Unit[] {
    const led = [...unit.names].flatMap((name) => [...this.reaches(name)]);
    const units = new Set(led.flatMap((name) => this.#units.get(name) ?? []));
    return [...units].filter(({ names }) => [...names].some((name) => overlaps(this.reaches(name), unit.names)));
  }

  /** Names of functions that a call of `from` can lead to a call of. */
  reaches(from: string): Set<string> {
    const known = this.#reached.get(from);
    if (known !== undefined) return known;
    const seen = new Set<string>();
    const open = [from];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      for (const unit of this.#units.get(name) ?? []) {
        for (const call of unit.calls) if (this.#units.has(call.name)) open.push(call.name);
        // A function handed on by name: `forIn(source, copy, target)`.
        for (const read of unit.reads) if (this.#units.has(read)) open.push(read);
      }
    }
    this.#reached.set(from, seen);
    return seen;
  }
}

/** Names that hold `object[key]` or came out of it by a condition. */
function held(unit: Unit, write: Write, text: string): Set<string> {
  const out = new Set<string>();
  const holds = (value: Node) =>
    outcomes(value).some((each) => {
      const keyed = keyedOf(each, unit, text);
      if (keyed !== undefined) return keyed.object === write.object && keyed.key === write.key;
      const name = nameOf(each);
      return name !== undefined && out.has(name);
    });
  for (let grown = true; grown; ) {
    grown = false;
    for (const { name, value } of unit.namings)
      if (!out.has(name) && name !== write.object && holds(value)) {
        out.add(name);
        grown = true;
      }
  }
  return out;
}

/** A name for something else than `this`. */
const isNamed = ({ namings }: Unit, name: string) =>
  namings.some((each) => each.name === name && each.value.type !== 'ThisExpression');

/** An object made here and now: what is merged into it stays in it. */
function isOwn(unit: Unit, object: string): boolean {
  if (object === 'this' || unit.params.includes(object)) return false;
  const values = unit.namings.filter(({ name }) => name === object).map(({ value }) => unwrapped(value));
  return (
    values.length > 0 &&
    values.every(
      (value) =>
        value.type === 'ObjectExpression' ||
        value.type === 'NewExpression' ||
        // `Object(target)` is the target itself.
        (value.type === 'CallExpression' && calleeName(value.callee) !== 'Object'),
    )
  );
}

/** Where a recursive merge writes keys that nobody looked at; `undefined` when nothing like it is here. */
export function mergeWrite(
  unit: Unit,
  graph: Calls,
  text: string,
  guarded: (objects: ReadonlySet<string>) => boolean,
): Node | undefined {
  const candidates = unit.writes.filter(
    (write) => isKey(write, unit) && isCopied(write, unit, text) && !isOwn(unit, write.object),
  );
  if (candidates.length === 0) return undefined;
  const again = unit.calls.filter(
    ({ name, of, args }) =>
      args.length > 0 &&
      graph.has(name) &&
      // `view.render()` in `render()` is somebody else's method.
      (of === undefined || !(unit.params.includes(of) || isNamed(unit, of))) &&
      [...unit.names].some((own) => graph.reaches(name).has(own)),
  );
  const found = candidates.filter((write) => {
    const names = held(unit, write, text);
    return again.some(({ args }) =>
      args.some((arg) =>
        outcomes(arg).some((each) => {
          const keyed = keyedOf(each, unit, text);
          if (keyed !== undefined) return keyed.object === write.object && keyed.key === write.key;
          const name = nameOf(each);
          return name !== undefined && names.has(name);
        }),
      ),
    );
  });
  const plain = found.filter(
    ({ value }) => !again.some(({ node }) => node.start >= value.start && node.end <= value.end),
  );
  const write = plain.at(-1) ?? found.at(-1);
  if (write === undefined || guarded(new Set([write.object]))) return undefined;
  return write.at;
}

/** The value comes from the same key of another object; `object[key] = change(object[key])` brings nothing in. */
function isCopied(write: Write, unit: Unit, text: string): boolean {
  const values = outcomes(write.value);
  if (values.every((value) => isFresh(value))) return false;
  if (unit.seconds.has(write.key)) return true;
  return unit.members.some(
    ({ object, property }) =>
      text.slice(property.start, property.end) === write.key && text.slice(object.start, object.end) !== write.object,
  );
}

/** One key of many: of a loop, or an argument of a function that is called for each of them. */
function isKey(write: Write, unit: Unit): boolean {
  const { property } = write;
  if (property.type === 'Identifier') return unit.varying.has(property.name) || unit.params.includes(property.name);
  return property.type === 'MemberExpression' && property.computed;
}
