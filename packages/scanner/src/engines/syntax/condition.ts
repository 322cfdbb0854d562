import type { Frame } from '../flow/machine.ts';
import { firstMatch, type NameIndex, nameIndex } from '../flow/pattern.ts';
import { type Layer, provedOf } from '../flow/scope.ts';
import type { SourceKind, Taint, Value } from '../flow/value.ts';
import { deepTaint, HOLE, isConstant, OWN, textOf } from '../flow/value.ts';
import type { Condition } from './match-schema.ts';
import { slowness } from './slow/slowness.ts';

/** What a condition is asked in, and what it leaves behind. */
export interface Asked {
  from: ReadonlySet<SourceKind>;
  bit: number;
  scope: Layer;
  /** The file's text. */
  text: string;
  /** The taints that made it hold. */
  taints: Taint[];
  /** A text condition that only the caller can answer, since the whole text is an argument. */
  deferred: RegExp | undefined;
  /** Under a `not`: what only the caller could answer does not hold. */
  negated?: boolean;
  /** The function around the place. */
  frame: Frame | undefined;
}

export type Check = (value: Value | undefined, asked: Asked) => boolean;

/** `HOLE` stands for any unknown part, `OWN` for one that nobody else controls. */
function pattern(source: string): RegExp {
  let inClass = false;
  let out = '';
  for (let i = 0; i < source.length; i++) {
    const char = source[i] ?? '';
    if (source.startsWith('HOLE', i)) {
      out += inClass ? HOLE + OWN : `[${HOLE}${OWN}]`;
      i += 3;
      continue;
    }
    if (source.startsWith('OWN', i)) {
      out += OWN;
      i += 2;
      continue;
    }
    if (char === '\\') {
      out += char + (source[++i] ?? '');
      continue;
    }
    if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    out += char;
  }
  return new RegExp(out, 'i');
}

const list = (what: string | string[]): string[] => (typeof what === 'string' ? [what] : what);

/** Taints of a value that matter here: not made safe, and from a source that the rule or a caller can know. */
export function openTaints(value: Value, asked: Asked): Taint[] {
  return (deepTaint(value) ?? []).filter(
    (taint) =>
      (asked.from.has(taint.kind) || taint.fn !== undefined) &&
      ((taint.clean | provedOf(asked.scope, taint.label)) & asked.bit) === 0,
  );
}

function tainted(value: Value | undefined, asked: Asked): boolean {
  if (value === undefined || value.kind === 'number' || value.kind === 'boolean') return false;
  const taints = openTaints(value, asked);
  asked.taints.push(...taints);
  return taints.length > 0;
}

function textCheck(source: string): Check {
  const expected = pattern(source);
  return (value, asked) => {
    if (value === undefined) return false;
    const text = textOf(value);
    if (text !== HOLE || expected.test(text)) return expected.test(text);
    if (asked.negated || !(value.taint ?? []).some((taint) => taint.fn !== undefined)) return false;
    asked.deferred = expected;
    return true;
  };
}

function someCheck(inner: Check): Check {
  const visit = (value: Value, asked: Asked, depth: number): boolean => {
    for (const each of value.props?.values() ?? [])
      if (inner(each, asked) || (depth > 0 && visit(each, asked, depth - 1))) return true;
    return false;
  };
  return (value, asked) => value !== undefined && visit(value, asked, 3);
}

function hasCheck(wanted: Record<string, Condition>): Check {
  const checks = Object.entries(wanted).map(([key, inner]) => ({ key, check: compileCondition(inner) }));
  return (value, asked) =>
    value !== undefined &&
    checks.every(({ key, check }) => {
      const own = value.props?.get(key);
      if (own !== undefined) return check(own, asked);
      return value.props !== undefined ? check(undefined, asked) : false;
    });
}

function constantText(value: Value): string | undefined {
  if (value.literal !== undefined) return String(value.literal);
  return undefined;
}

function refCheck(what: string | string[]): Check {
  const index: NameIndex<true> = nameIndex(list(what).map((name) => [name, true] as const));
  return (value) => firstMatch(index, value?.ref) === true;
}

/** An object literal of the function around, or of the one whose callback that is. */
function isFresh(value: Value | undefined, { frame }: Asked): boolean {
  const made = value?.kind === 'object' ? value.node : undefined;
  if (made?.type !== 'ObjectExpression') return false;
  for (let at = frame; at?.closure !== undefined; at = at.parent) {
    const { node, name } = at.closure;
    if (node.start <= made.start && made.end <= node.end) return true;
    if (name !== undefined) return false;
  }
  return false;
}

type Builder<K extends keyof Condition> = (wanted: NonNullable<Condition[K]>) => Check;

const BUILDERS: { [K in keyof Condition]-?: Builder<K> } = {
  tainted: (wanted) => (value, asked) => tainted(value, asked) === wanted,
  literal: (source) => {
    const expected = pattern(source);
    return (value) => {
      const text = value === undefined ? undefined : constantText(value);
      return text !== undefined && expected.test(text);
    };
  },
  text: textCheck,
  dynamic: (wanted) => (value) => value !== undefined && value.ref !== 'undefined' && !isConstant(value) === wanted,
  present: (wanted) => (value) => (value !== undefined) === wanted,
  has: hasCheck,
  lacks: (names) => (value) =>
    value?.whole === true && list(names).every((name) => value.props?.get(name) === undefined),
  regex: (source) => {
    const expected = pattern(source);
    return (value) => value?.regex !== undefined && expected.test(value.regex.pattern);
  },
  code: (source) => {
    const expected = new RegExp(source);
    return (value, asked) => {
      const node = value?.fn?.node ?? value?.node;
      return node !== undefined && expected.test(asked.text.slice(node.start, node.end));
    };
  },
  slow: (wanted) => (value) => {
    const regex =
      value?.regex ?? (typeof value?.literal === 'string' ? { pattern: value.literal, flags: '' } : undefined);
    return regex !== undefined && slowness(regex.pattern, regex.flags) === wanted;
  },
  label: (source) => {
    const expected = new RegExp(source, 'i');
    return (value, asked) => {
      const taints = asked.bit === 0 || asked.negated || value === undefined ? value?.taint : openTaints(value, asked);
      return taints?.some((taint) => expected.test(taint.label)) === true;
    };
  },
  kind: (kinds) => {
    const expected = new Set(list(kinds));
    return (value) => value?.kind !== undefined && expected.has(value.kind);
  },
  ref: refCheck,
  some: (inner) => someCheck(compileCondition(inner)),
  reached: (wanted) => (value) => (value?.reached === true) === wanted,
  keyLike: (wanted) => (value) => (value?.keyLike === true) === wanted,
  fresh: (wanted) => (value, asked) => isFresh(value, asked) === wanted,
  spread: (wanted) => (value) =>
    (value?.kind === 'object' && value.whole === false && value.taint !== undefined) === wanted,
  not: (inner) => {
    const check = compileCondition(inner);
    return (value, asked) => !check(value, { ...asked, taints: [], deferred: undefined, negated: true });
  },
  any: (inner) => {
    const checks = inner.map(compileCondition);
    return (value, asked) => checks.some((check) => check(value, asked));
  },
  all: (inner) => {
    const checks = inner.map(compileCondition);
    return (value, asked) => checks.every((check) => check(value, asked));
  },
};

/** A condition as a function. Cheap tests should stand first in the rule: they are asked in order. */
export function compileCondition(condition: Condition): Check {
  const checks = (Object.keys(condition) as (keyof Condition)[]).flatMap((key) => {
    const wanted = condition[key];
    return wanted === undefined ? [] : [(BUILDERS[key] as (wanted: unknown) => Check)(wanted)];
  });
  if (checks.length === 1 && checks[0] !== undefined) return checks[0];
  return (value, asked) => checks.every((check) => check(value, asked));
}
