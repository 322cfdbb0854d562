import type { Value } from './value.ts';

/**
 * What names mean at one point. A `block` holds what it declares; a `branch` collects the writes of code that may not
 * run, and what its condition proves, until the branch ends; a `function` is the border of a frame.
 */
export interface Layer {
  kind: 'module' | 'function' | 'block' | 'branch';
  /** Most blocks and branches declare nothing. */
  vars: ReadonlyMap<string, Value>;
  /** Paths such as `opts.cwd` that were assigned; few layers have any. */
  paths: ReadonlyMap<string, Value>;
  /** Sources, by label, that a condition proved safe for some categories, as long as this layer lasts. */
  proved: ReadonlyMap<string, number>;
  parent: Layer | undefined;
}

const NOTHING: ReadonlyMap<string, never> = new Map<string, never>();

export function layer(kind: Layer['kind'], parent?: Layer): Layer {
  return { kind, vars: NOTHING, paths: NOTHING, proved: NOTHING, parent };
}

/** The map itself, or a first one where there is none yet. */
function own<T>(map: ReadonlyMap<string, T>): Map<string, T> {
  return map === NOTHING ? new Map() : (map as Map<string, T>);
}

/** What a name means. */
export function lookup(scope: Layer, name: string): Value | undefined {
  for (let at: Layer | undefined = scope; at !== undefined; at = at.parent) {
    if (at.vars === NOTHING) continue;
    const found = at.vars.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether anything is known of any path: asked before a path is put together. */
export function hasPaths(scope: Layer): boolean {
  for (let at: Layer | undefined = scope; at !== undefined; at = at.parent)
    if (at.paths !== NOTHING && at.paths.size > 0) return true;
  return false;
}

/** What was assigned to, or proved of, a path such as `opts.cwd`. */
export function lookupPath(scope: Layer, path: string): Value | undefined {
  const root = path.slice(0, path.indexOf('.'));
  for (let at: Layer | undefined = scope; at !== undefined; at = at.parent) {
    const found = at.paths === NOTHING ? undefined : at.paths.get(path);
    if (found !== undefined) return found;
    if (at.kind !== 'branch' && at.vars !== NOTHING && at.vars.has(root)) return undefined;
  }
  return undefined;
}

export function declare(scope: Layer, name: string, value: Value): void {
  scope.vars = own(scope.vars).set(name, value);
}

/** Writes a name or a path: into the nearest branch that may not run, else where the name is declared. */
export function assign(scope: Layer, name: string, value: Value): void {
  const dot = name.indexOf('.');
  const root = dot < 0 ? name : name.slice(0, dot);
  let last = scope;
  for (let at: Layer | undefined = scope; at !== undefined; at = at.parent) {
    forget(at, name);
    last = at;
    if (at.kind === 'branch' || at.vars.has(root)) break;
  }
  if (dot < 0) declare(last, name, value);
  else last.paths = own(last.paths).set(name, value);
}

/** Drops what was known of `name` and of paths below it. */
function forget(at: Layer, name: string): void {
  if (at.paths === NOTHING || at.paths.size === 0) return;
  const below = `${name}.`;
  for (const key of at.paths.keys()) if (key.startsWith(below)) own(at.paths).delete(key);
}

/** The innermost function or module layer: where `var` and function declarations live. */
export function functionLayer(scope: Layer): Layer {
  let at = scope;
  while (at.kind !== 'function' && at.kind !== 'module' && at.parent !== undefined) at = at.parent;
  return at;
}

/** Notes that a source is safe for the categories in `bits` from here on. */
export function prove(scope: Layer, label: string, bits: number): void {
  scope.proved = own(scope.proved).set(label, (scope.proved.get(label) ?? 0) | bits);
}

/** What has been proved of a source, or of the object it was read from, where `scope` stands. */
export function provedOf(scope: Layer, label: string): number {
  let bits = 0;
  for (let at: Layer | undefined = scope; at !== undefined; at = at.parent) {
    if (at.proved === NOTHING || at.proved.size === 0) continue;
    for (const [key, value] of at.proved) if (label === key || label.startsWith(`${key}.`)) bits |= value;
  }
  return bits;
}

/** `value` with everything proved so far written into it: for values that outlive the condition. */
export function settle(value: Value, scope: Layer): Value {
  if (value.taint === undefined) return value;
  let changed = false;
  const taint = value.taint.map((each) => {
    const bits = provedOf(scope, each.label);
    if ((bits & ~each.clean) === 0) return each;
    changed = true;
    return { ...each, clean: each.clean | bits };
  });
  return changed ? { ...value, taint } : value;
}
