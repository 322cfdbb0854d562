import type { Node } from '../syntax/tree.ts';
import { type Machine, sourceTaint } from './machine.ts';
import { bitsOf } from './models.ts';
import { firstEndingIn } from './pattern.ts';
import { either, joinTaints, type Taint, UNKNOWN, type Value } from './value.ts';

const MAX_REF = 120;

export function refOf(object: string | undefined, key: string): string | undefined {
  if (object === undefined) return undefined;
  const ref = `${object}.${key}`;
  return ref.length > MAX_REF ? undefined : ref;
}

const OWN_ADDRESS = /(^|\.)(url|nextUrl|location)$/;
const REDIRECT = bitsOf(['redirect']);

/** More than three names. */
function isLong(path: string): boolean {
  const second = path.indexOf('.', path.indexOf('.') + 1);
  return second > 0 && path.indexOf('.', second + 1) > 0;
}

/** A taint as read through a property: what a parameter's property is, stays known to callers. */
function throughProperty(taint: Taint, key: string): Taint {
  const label = taint.label.length > 80 ? taint.label : `${taint.label}.${key}`;
  // The origin of the address that was asked for is the site's own: a visitor is not led away by it.
  const clean = key === 'origin' && OWN_ADDRESS.test(taint.label) ? taint.clean | REDIRECT : taint.clean;
  if (taint.fn === undefined) return { ...taint, label, clean };
  const path = taint.path === undefined ? key : `${taint.path}.${key}`;
  return { ...taint, label, path: isLong(path) ? (taint.path ?? '') : path };
}

const SAFE_MEMBERS: ReadonlySet<string> = new Set(['length', 'size', 'byteLength', 'constructor', 'prototype']);

/** The value of `object.key`. */
export function memberOf(machine: Machine, object: Value, key: string, node: Node): Value {
  const own = object.props?.get(key);
  if (own !== undefined) return own;
  if (key === 'default' && object.ref !== undefined && object.taint === undefined) return object;
  const model = object.type === undefined ? undefined : machine.models.types.get(object.type);
  if (model !== undefined) {
    const ref = refOf(object.type, key);
    const type = model.members.get(key);
    const base: Value = ref === undefined ? {} : { ref };
    if (type !== undefined) return { ...base, type };
    if (model.all || model.any || model.source.has(key))
      return { ...base, taint: [sourceTaint(machine, node, model.kind)] };
    return base;
  }
  if (SAFE_MEMBERS.has(key))
    return { kind: 'number', ...(object.ref === undefined ? {} : { ref: `${object.ref}.${key}` }) };
  const out: Value = {};
  const ref = refOf(object.ref, key);
  if (ref !== undefined) {
    out.ref = ref;
    const source = firstEndingIn(machine.models.sources, ref, key);
    if (source !== undefined) {
      if (source.type !== undefined) out.type = source.type;
      else out.taint = [sourceTaint(machine, node, source.kind)];
    }
  }
  if (object.whole && object.kind === 'object') return out;
  const taint = object.taint?.map((each) => throughProperty(each, key));
  const joined = joinTaints(out.taint, taint);
  if (joined !== undefined) out.taint = joined;
  if (object.keyLike) out.keyLike = true;
  if (object.reached) out.reached = true;
  return out;
}

/** One element of a collection, or a member whose name is not known. */
export function elementOf(object: Value): Value {
  let out: Value | undefined;
  if (object.props !== undefined) for (const value of object.props.values()) out = either(out, value);
  if (object.whole) return out ?? UNKNOWN;
  const taint = joinTaints(out?.taint, object.taint);
  const element: Value = { ...out };
  if (taint !== undefined) element.taint = taint;
  if (object.keyLike) element.keyLike = true;
  delete element.literal;
  return element;
}

const PROTOTYPE = bitsOf(['prototype']);

/** `object[key]` with a key that is only known at run time. */
export function computedMember(object: Value, key: Value): Value {
  const out = { ...elementOf(object) };
  const controlled = key.taint?.some(({ clean }) => (clean & PROTOTYPE) === 0) === true || key.keyLike === true;
  if (controlled && !(object.whole && object.props !== undefined && object.props.size > 0)) out.reached = true;
  if (object.kind === 'array' || key.kind === 'number') out.picked = true;
  const ref = refOf(object.ref, '[]');
  if (ref !== undefined && out.ref === undefined) out.ref = ref;
  return out;
}

/** The name modules are known by: without the `node:` scheme. */
export function moduleRef(specifier: string): string {
  return specifier.startsWith('node:') ? specifier.slice(5) : specifier;
}
