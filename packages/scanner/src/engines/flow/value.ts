import type { FunctionNode, Node } from '../syntax/tree.ts';
import type { Layer } from './scope.ts';

/** Longer names of sources were cut short. */
const LABEL_SHOWN = 60;

/** What a source is called in a message: the name that a destructured argument has inside; no name where it is a piece of code. */
export function sourceName(label: string): string {
  const name = label.replace(/^argument \d+\.(?=\w)/, '');
  if (/^argument \d+$/.test(name)) return 'an argument';
  return name === '' || /[{};]|=>/.test(name) || label.length >= LABEL_SHOWN ? 'a value' : `\`${name}\``;
}

/** Where dangerous data comes from. `param`: an argument of a function whose callers are not known here. */
export type SourceKind = 'request' | 'dom' | 'message' | 'archive' | 'param' | 'unknown';

/** One way in which a value may be under somebody else's control. */
export interface Taint {
  kind: SourceKind;
  /** What a reader calls it: `req.query.id`. */
  label: string;
  /** Offset of the source in its file. */
  at: number;
  /** Bits of the categories it has been made safe for. */
  clean: number;
  /** Set for `param`: which argument of which function, and which property of it. */
  fn?: FunctionNode;
  index?: number;
  path?: string;
}

/** Stands for the unknown parts of a string whose other parts are known. */
export const HOLE = '\uFFFC';
/** The same for parts that come from nowhere dangerous: a setting, a constant of another file. */
export const OWN = '\uFFFB';

/** What the interpreter knows of an expression. Never changed after it is made, except `props` of an object literal. */
export interface Value {
  /** Canonical name: `child_process.exec`, `express()`, `?name` for what cannot be known. */
  ref?: string;
  taint?: readonly Taint[];
  /** A string with `HOLE` for its unknown parts. */
  text?: string;
  /** A constant. */
  literal?: string | number | boolean | null;
  regex?: { pattern: string; flags: string };
  kind?: 'string' | 'number' | 'boolean' | 'object' | 'array' | 'function' | 'regex' | 'null';
  props?: Map<string, Value>;
  /** An object or array literal whose every property is in `props`. */
  whole?: boolean;
  fn?: Closure;
  /** A model type: `Request`, `Response`. */
  type?: string;
  /** Read out of another object by a key that is itself under somebody's control. */
  reached?: boolean;
  /** One element of a list, which one is not known: what is found out about it is not said of the others. */
  picked?: boolean;
  /** The keys of this object or the parts of this string: for prototype pollution. */
  keyLike?: boolean;
  /** The test whose outcome this value is: `const inside = file.startsWith(root)`. */
  condition?: Node;
  /** Value's own node, where a message can point. */
  node?: Node;
}

/** A function together with the names it can see, and what is known of its arguments. */
export interface Closure {
  node: FunctionNode;
  scope: Layer;
  name?: string;
  /** Model types of the arguments, once something says that this function handles requests. */
  params?: readonly (string | undefined)[];
  /** All arguments are of the first of these types. */
  every?: boolean;
  self?: Value;
}

export const UNKNOWN: Value = {};

const MAX_TAINTS = 6;
const MAX_TEXT = 4000;

/** Two lists of taints as one: the same source twice stays once, and is clean only where both are. */
export function joinTaints(
  a: readonly Taint[] | undefined,
  b: readonly Taint[] | undefined,
): readonly Taint[] | undefined {
  if (a === undefined || a.length === 0) return b;
  if (b === undefined || b.length === 0 || a === b) return a;
  const merged = [...a];
  for (const taint of b) {
    const same = merged.findIndex(
      (other) =>
        other.kind === taint.kind &&
        other.at === taint.at &&
        other.fn === taint.fn &&
        other.index === taint.index &&
        other.path === taint.path,
    );
    const found = merged[same];
    if (found !== undefined) {
      if (found.clean !== (found.clean & taint.clean)) merged[same] = { ...found, clean: found.clean & taint.clean };
    } else if (merged.length < MAX_TAINTS) merged.push(taint);
  }
  return merged;
}

/** A value that may be either: what is certain of both stays. */
export function either(a: Value | undefined, b: Value | undefined, depth = 3): Value {
  if (a === undefined || a === UNKNOWN) return b ?? UNKNOWN;
  if (b === undefined || b === UNKNOWN || a === b) return a;
  const taint = joinTaints(a.taint, b.taint);
  const out: Value = {};
  if (taint !== undefined) out.taint = taint;
  // What makes code of a text may be what is called: the other one tells nothing that matters.
  const ref = b.ref === 'Function' ? b.ref : (a.ref ?? b.ref);
  if (ref !== undefined) out.ref = ref;
  const type = a.type ?? b.type;
  if (type !== undefined) out.type = type;
  if (a.kind !== undefined && a.kind === b.kind) out.kind = a.kind;
  if (a.literal !== undefined && a.literal === b.literal) out.literal = a.literal;
  const text = a.taint !== undefined && b.taint === undefined ? a.text : (b.text ?? a.text);
  if (text !== undefined) out.text = text;
  const fn = a.fn ?? b.fn;
  if (fn !== undefined) out.fn = fn;
  const props = depth > 0 ? joinProps(a.props, b.props, depth - 1) : a.props;
  if (props !== undefined) out.props = props;
  if (a.reached || b.reached) out.reached = true;
  if (a.keyLike || b.keyLike) out.keyLike = true;
  return out;
}

function joinProps(
  a: Map<string, Value> | undefined,
  b: Map<string, Value> | undefined,
  depth: number,
): Map<string, Value> | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  const props = new Map(a);
  for (const [key, value] of b) props.set(key, either(props.get(key), value, depth));
  return props;
}

/** Everything that can flow out of a value: its own taint and that of its known properties. */
export function deepTaint(value: Value, depth = 3): readonly Taint[] | undefined {
  let taint = value.taint;
  if (value.props !== undefined && depth > 0)
    value.props.forEach((inner) => {
      taint = joinTaints(taint, deepTaint(inner, depth - 1));
    });
  return taint;
}

/** `value` made safe for the categories in `bits`. */
export function cleaned(value: Value, bits: number, depth = 3): Value {
  if (bits === 0) return value;
  const taint = value.taint?.map((each) => ({ ...each, clean: each.clean | bits }));
  const out: Value = { ...value };
  if (taint !== undefined) out.taint = taint;
  if (value.props !== undefined && depth > 0)
    out.props = new Map([...value.props].map(([key, inner]) => [key, cleaned(inner, bits, depth - 1)]));
  return out;
}

/** The text of a value inside a longer string. */
export function textOf(value: Value): string {
  if (value.text !== undefined) return value.text;
  if (value.literal !== undefined) return String(value.literal);
  return deepTaint(value) === undefined ? OWN : HOLE;
}

export function constant(literal: string | number | boolean | null): Value {
  if (typeof literal === 'string') return { literal, text: literal, kind: 'string' };
  return { literal, kind: literal === null ? 'null' : (typeof literal as 'number' | 'boolean') };
}

/** The string made of `parts`, with everything that flows into it. */
export function concat(parts: readonly Value[]): Value {
  let text = '';
  let taint: readonly Taint[] | undefined;
  let known = true;
  for (const part of parts) {
    const piece = textOf(part);
    if (piece.includes(HOLE) || piece.includes(OWN)) known = false;
    text += piece;
    taint = joinTaints(taint, part.kind === 'number' || part.kind === 'boolean' ? undefined : deepTaint(part));
  }
  text = text.slice(0, MAX_TEXT);
  const out: Value = { text, kind: 'string' };
  if (known) out.literal = text;
  if (taint !== undefined) out.taint = taint;
  return out;
}

/** True when nothing about the value is open: a constant, or made of constants only. */
export function isConstant(value: Value, depth = 4): boolean {
  if (value.literal !== undefined || value.regex !== undefined) return true;
  if (depth > 0 && value.whole && value.props !== undefined)
    return [...value.props.values()].every((each) => isConstant(each, depth - 1));
  return false;
}
