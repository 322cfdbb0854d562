import type { Node, Program } from '../tree.ts';
import { Calls, mergeWrite } from './merge.ts';
import { type Unit, unitsOf } from './units.ts';
import { pathWrite } from './walk.ts';

export type Shape = 'path' | 'merge';

const KEYS =
  /['"`](constructor|prototype)['"`]|__proto__\)?\|[^/\n]{0,60}\b(constructor|prototype)\b|\b(constructor|prototype)\)?\|[^/\n]{0,60}__proto__|(?:[!=]==?|\bin)\s*Object\.prototype\b(?!\.)|Object\.create\(\s*null\s*\)|isPrototypePolluted|\bnew Map\(/;
const PROTO = /__proto__/;
/** Calls that ask whether a key is a good one. */
const ASKS =
  /(un)?safe\w*(key|prop|path)|(key|prop|path)\w*(safe|valid|allowed)|(valid|check|assert|is)\w*(key|prop)$|proto|pollut|forbidden|denied|blacklist|blocked/i;
const OWN = /^(hasOwn\w*|has_?own\w*|own|propertyIsEnumerable)$/i;
/** A test that does not let functions through. */
const PLAIN = /[pP]lain|typeof [\w$.[\]]{1,60}\s*\)?\s*[!=]==?\s*(?:typeof\b|['"`]object)|\[object Object\]/;
/** A list of keys that nothing may set. */
const LISTS =
  /__proto__['"`][^;]{0,60}['"`](constructor|prototype)['"`]|['"`](constructor|prototype)['"`][^;]{0,60}['"`]__proto__|getOwnPropertyNames\(\s*Object\.prototype/;
/** How many constants and functions are looked at, beginning with those a unit names itself. */
const MENTIONS = 24;

/** Texts of the file's constants and functions that a unit uses, those that use it, and what they use in turn. */
function around(unit: Unit, units: readonly Unit[], declared: ReadonlyMap<string, string>): string[] {
  const used = ({ reads, calls }: Unit) => [...reads, ...calls.map(({ name }) => name)];
  const callers = units.filter((other) => other !== unit && other.calls.some(({ name }) => unit.names.has(name)));
  const open = [...used(unit), ...callers.flatMap(used)].filter((name) => declared.has(name));
  const seen = new Set<string>();
  for (let name = open.shift(); name !== undefined && seen.size < MENTIONS; name = open.shift()) {
    if (seen.has(name) || unit.names.has(name)) continue;
    seen.add(name);
    for (const [next] of declared.get(name)?.matchAll(/[A-Za-z_$][\w$]*/g) ?? [])
      if (declared.has(next) && !seen.has(next)) open.push(next);
  }
  return [...seen].map((name) => declared.get(name) ?? '');
}

function declarations(program: Program, units: readonly Unit[], text: string): Map<string, string> {
  const out = new Map<string, string>();
  for (const { node, names } of units) for (const name of names) out.set(name, text.slice(node.start, node.end));
  for (const statement of program.body) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declared?.type !== 'VariableDeclaration') continue;
    for (const { id, init } of declared.declarations)
      if (id.type === 'Identifier' && init !== null) out.set(id.name, text.slice(init.start, init.end));
  }
  return out;
}

function asksForOwn(unit: Unit, objects: ReadonlySet<string>, text: string): boolean {
  return unit.calls.some(({ name, args, node }) => {
    if (!OWN.test(name) || node.type !== 'CallExpression') return false;
    const first = args[0];
    if (first !== undefined && objects.has(text.slice(first.start, first.end))) return true;
    const callee = node.callee;
    return callee.type === 'MemberExpression' && objects.has(text.slice(callee.object.start, callee.object.end));
  });
}

/** Assignments through which a key such as `__proto__` reaches every object of the process. */
export function findPollution(program: Program, text: string): { shape: Shape; node: Node }[] {
  const units = unitsOf(program, text);
  const graph = new Calls(units);
  const found: { shape: Shape; node: Node }[] = [];
  let declared: Map<string, string> | undefined;
  for (const unit of units) {
    if (unit.writes.length === 0 && unit.removals.length === 0) continue;
    const guardedBy = (callers: () => readonly Unit[]) => (objects: ReadonlySet<string>) => {
      declared ??= declarations(program, units, text);
      const own = text.slice(unit.node.start, unit.node.end);
      if (KEYS.test(own) || unit.calls.some(({ name }) => ASKS.test(name))) return true;
      if (asksForOwn(unit, objects, text)) return true;
      const others = around(unit, callers(), declared);
      if (others.some((other) => LISTS.test(other))) return true;
      // `__proto__` alone leaves `constructor.prototype` open, unless functions are no objects here.
      return PLAIN.test(own) && [own, ...others].some((each) => PROTO.test(each));
    };
    const end = pathWrite(
      unit,
      text,
      guardedBy(() => units),
    );
    if (end !== undefined) found.push({ shape: 'path', node: end });
    // Who starts a merge has looked at keys of its own at most: those further in are seen by what calls itself.
    const merged = mergeWrite(
      unit,
      graph,
      text,
      guardedBy(() => graph.cycleOf(unit)),
    );
    if (merged !== undefined) found.push({ shape: 'merge', node: merged });
  }
  return found;
}
