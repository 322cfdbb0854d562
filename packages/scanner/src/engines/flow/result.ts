import { captured } from './captures.ts';
import { applyTest, proveCall } from './guard.ts';
import { type CallFact, type Machine, sourceTaint } from './machine.ts';
import { elementOf } from './member.ts';
import { ALL_BITS, bitsOf } from './models.ts';
import { firstMatch } from './pattern.ts';
import { parsedBy, schemaOf } from './schema.ts';
import { declare, layer, settle } from './scope.ts';
import {
  cleaned,
  concat,
  constant,
  deepTaint,
  isConstant,
  joinTaints,
  type Taint,
  UNKNOWN,
  type Value,
} from './value.ts';

/** Methods that hand the elements of what they are called on to their callback. */
const EACH: ReadonlySet<string> = new Set([
  'map',
  'forEach',
  'filter',
  'find',
  'findIndex',
  'some',
  'every',
  'flatMap',
  'findLast',
  'sort',
  'each',
  'mapValues',
  'forOwn',
]);
const REDUCE: ReadonlySet<string> = new Set(['reduce', 'reduceRight']);
const SETTLED: ReadonlySet<string> = new Set(['then', 'tap', 'pipe', 'finally', 'on', 'once', 'addListener']);
const YES_OR_NO = /^(is[A-Z]|has[A-Z]?|includes$|test$|startsWith$|endsWith$|some$|every$|equals?$|compare|verify)/;
const NUMERIC: ReadonlySet<string> = new Set([
  'parseInt',
  'parseFloat',
  'Number',
  'int',
  'float',
  'len',
  'bool',
  'Boolean',
  'BigInt',
  'indexOf',
  'lastIndexOf',
  'charCodeAt',
  'getTime',
  'search',
  'localeCompare',
  'ObjectId',
  'UUID',
  'uuid',
  'Date',
  'valueOf',
]);
const SAME: ReadonlySet<string> = new Set([
  'filter',
  'slice',
  'sort',
  'reverse',
  'concat',
  'find',
  'findLast',
  'pop',
  'shift',
  'at',
  'values',
  'flat',
]);
const STRING_METHODS: ReadonlySet<string> = new Set([
  'toString',
  'trim',
  'toLowerCase',
  'toUpperCase',
  'substring',
  'substr',
  'padStart',
  'padEnd',
  'trimEnd',
  'trimStart',
  'normalize',
  'repeat',
  'charAt',
  'replaceAll',
  'replace',
  'strip',
  'lower',
  'upper',
  'decode',
  'toLocaleLowerCase',
  'encode',
  'lstrip',
  'rstrip',
  'title',
]);

/** What a callback given to a call receives. */
export function callbackArguments(fact: CallFact, name: string): Value[] {
  const from = fact.receiver;
  if (from === undefined) return [];
  if (EACH.has(name) || REDUCE.has(name)) {
    // lodash and async take the collection as first argument.
    const collection =
      from.taint === undefined && from.props === undefined && fact.args[0]?.fn === undefined ? fact.args[0] : from;
    const element = elementOf(collection ?? from);
    return REDUCE.has(name) ? [fact.args[1] ?? UNKNOWN, element] : [element, UNKNOWN, collection ?? from];
  }
  if (name === 'replace' || name === 'replaceAll') return [{ ...from, kind: 'string' }, from];
  if (SETTLED.has(name) && (from.taint !== undefined || from.type !== undefined)) {
    const { ref: _ref, ...rest } = from;
    const event = fact.args[0]?.literal;
    if (from.type === 'Request' && (event === 'data' || event === 'end'))
      return [{ taint: [{ kind: 'request', label: 'request body', at: fact.node.start, clean: 0 }] }];
    return [from.taint === undefined ? from : rest];
  }
  return [];
}

function withTaint(value: Value, taint: readonly Taint[] | undefined): Value {
  return taint === undefined ? value : { ...value, taint };
}

/** After `path.normalize` all that leads out stands at the beginning. */
const LEADING_DOTS = /^\^\(?\(?:?.*\\\.\\?\.?.*\)[+*]/;

/** Slashes in front become one: no other host can stand behind them. */
const LEADING_SLASHES = /^\^(?:\\?\/|\[(?:\\?[\\/])+\])(?:\+|\{\d,\})$/;
/** A part of a request that has names of its own, `url` among them. */
const SENT_PART = /\b(?:query|body|params|searchParams|headers|cookies)\b/;
/** What browsers have already turned backslashes into slashes in. */
const SENT_PATH = /(?:^|\.)(?:path|url|originalUrl|pathname|baseUrl)$/;

/** Whether a `replace` leaves no second slash, or backslash, in front of what it gives. */
function isOneSlash(pattern: string, taint: readonly Taint[], replacement: Value | undefined): boolean {
  if (!LEADING_SLASHES.test(pattern) || replacement?.literal !== '/') return false;
  return pattern.includes('\\\\') || taint.every(({ label }) => SENT_PATH.test(label));
}

/** The categories that a `replace` with this pattern makes a string safe for. */
function replacedBits(pattern: string, flags: string, replacement: Value | undefined): number {
  if (!flags.includes('g')) return 0;
  if (/^\[\^[^\]]*\][+*]?$/.test(pattern) && !/[/.<'"`$;|&]/.test(pattern.replaceAll(/\\[wds]/g, ''))) return ALL_BITS;
  if (/^\[\^[^\]]*\][+*]?$/.test(pattern)) return bitsOf(['command', 'sql', 'xss', 'code', 'regex']);
  let bits = 0;
  if (/</.test(pattern)) bits |= bitsOf(['xss']);
  if (/\\\.\\?\./.test(pattern) || /\\\.\{2/.test(pattern)) bits |= bitsOf(['path']);
  if (/'/.test(pattern)) bits |= bitsOf(['command', 'sql']);
  if (/\[.*[*+?].*\]/.test(pattern) && /\\\\?\$&/.test(String(replacement?.literal ?? ''))) bits |= bitsOf(['regex']);
  if (/\\r|\\n/.test(pattern)) bits |= bitsOf(['log', 'header']);
  return bits;
}

/** `[a, b].join(' ')`, with its text where the parts are known. */
function joined(list: Value, separator: Value | undefined, taint: readonly Taint[] | undefined): Value {
  if (list.kind !== 'array' || list.props === undefined) return withTaint({ kind: 'string' }, taint);
  const between = constant(typeof separator?.literal === 'string' ? separator.literal : ',');
  return concat([...list.props.values()].flatMap((part, i) => (i === 0 ? [part] : [between, part])));
}

/** `ids.map(Number)`: each element is what the named function makes of it. */
function mapped(machine: Machine, fact: CallFact): Value {
  const by = fact.args[0]?.ref;
  const array: Value = withTaint({ kind: 'array' }, fact.receiver?.taint ?? deepTaint(fact.receiver ?? UNKNOWN));
  return by === undefined ? array : cleaned(array, firstMatch(machine.models.sanitizers, by) ?? 0);
}

/** `ids.filter(Number.isInteger)`, `names.find((name) => /^\w+$/.test(name))`: what is left passed the test. */
function passing(machine: Machine, fact: CallFact, kept: Value): Value {
  const by = fact.args[0];
  const element = elementOf(kept);
  if (element.taint === undefined || by === undefined) return kept;
  const proved = layer('branch', by.fn?.scope ?? fact.scope);
  const body = by.fn?.node.body;
  const param = by.fn?.node.params[0];
  if (by.fn === undefined) proveCall(machine, proved, { ref: by.ref ?? '?', receiver: undefined, args: [element] });
  else if (body !== undefined && body !== null && body.type !== 'BlockStatement' && param?.type === 'Identifier') {
    declare(proved, param.name, element);
    applyTest({ machine, from: proved, into: proved }, body, true);
  }
  return settle(kept, proved);
}

function methodOnTainted(
  machine: Machine,
  fact: CallFact,
  name: string,
  receiver: Value,
  returned: Value | undefined,
): Value | undefined {
  const taint = receiver.taint ?? deepTaint(receiver);
  if (name === 'replace' || name === 'replaceAll' || name === 'sub') {
    const pattern = fact.args[0];
    const bits =
      pattern?.regex === undefined
        ? 0
        : replacedBits(pattern.regex.pattern, name === 'replaceAll' ? 'g' : pattern.regex.flags, fact.args[1]) |
          (/^path\..*normalize\(\)$/.test(receiver.ref ?? '') && LEADING_DOTS.test(pattern.regex.pattern) ? PATH : 0);
    const joined = joinTaints(taint, fact.args[1]?.taint);
    const oneSlash = pattern?.regex !== undefined && isOneSlash(pattern.regex.pattern, taint ?? [], fact.args[1]);
    return cleaned(
      withTaint({ kind: 'string', ...(receiver.keyLike ? { keyLike: true } : {}) }, joined),
      oneSlash ? bits | REDIRECT : bits,
    );
  }
  if (name === 'split') return withTaint({ keyLike: true }, taint);
  if (name === 'match') {
    const regex = fact.args[0]?.regex;
    return captured(taint, regex, regex?.flags.includes('g') === true);
  }
  if (name === 'map' || name === 'flatMap')
    return returned === undefined ? mapped(machine, fact) : withTaint({ kind: 'array' }, deepTaint(returned));
  if (name === 'join') return joined(receiver, fact.args[0], taint);
  if (name === 'get' || name === 'getAll') {
    const key = fact.args[0]?.literal;
    return withTaint(
      {},
      taint?.map((each) => (typeof key === 'string' ? { ...each, label: `${each.label}.${key}` } : each)),
    );
  }
  if (name === 'filter' || name === 'find' || name === 'findLast')
    return passing(machine, fact, { ...receiver, ...withTaint({}, taint) });
  if (SAME.has(name)) return { ...receiver, ...withTaint({}, taint) };
  if (STRING_METHODS.has(name)) {
    const text = receiver.text === undefined ? {} : { text: receiver.text };
    return withTaint({ kind: 'string', ...text, ...(receiver.keyLike ? { keyLike: true } : {}) }, taint);
  }
  return undefined;
}

const JOINED: ReadonlySet<string> = new Set(['concat', 'push', 'unshift']);

function passed(fact: CallFact, name: string): Value | undefined {
  const how = fact.model.passes;
  if (how === undefined) return undefined;
  let taint = fact.receiver?.taint;
  for (const arg of fact.args) if (arg.fn === undefined) taint = joinTaints(taint, deepTaint(arg));
  const first = fact.args[0];
  const props = how === 'same' && first?.props !== undefined ? { props: first.props } : {};
  const same = how === 'same' && first?.ref !== undefined ? { ref: first.ref } : {};
  const text = how === 'same' && first?.text !== undefined ? { text: first.text } : {};
  const keyLike = name === 'keys' || name === 'entries' || first?.keyLike === true ? { keyLike: true } : {};
  const fn = how === 'same' && first?.fn !== undefined ? { fn: first.fn } : {};
  return withTaint(
    { ...(how === 'string' ? { kind: 'string' as const } : {}), ...props, ...same, ...text, ...keyLike, ...fn },
    taint,
  );
}

const PATH = bitsOf(['path']);
const REDIRECT = bitsOf(['redirect']);
const SET_BY_SERVER = /^(jwtPayload|user|userId|session|auth|currentUser|clerkAuth)$/;

/** `path.normalize('/' + name)` and `path.join('/', name)`: no `..` is left that leads anywhere. */
function isRooted({ ref, args }: CallFact, name: string): boolean {
  if (!/^(normalize|join|resolve)$/.test(name) || !ref.startsWith('path.')) return false;
  const first = args[0];
  if (name !== 'normalize' && typeof first?.literal === 'string') return first.literal === '/' && args.length > 1;
  return args.length === 1 && first?.text !== undefined && /^\/\uFFFC/.test(first.text);
}

/** `url.parse(req.query.link)`: what is said of its host is said of the link, which `url.parse(req.url)` has no name for. */
function isNamedAddress({ args }: CallFact, type: string): boolean {
  return (
    type === 'UrlParts' && args[0]?.taint?.some(({ label }) => SENT_PART.test(label) || !SENT_PATH.test(label)) === true
  );
}

/** What a call of a function that is not in this file gives back. */
export function callResult(machine: Machine, fact: CallFact, returned: Value | undefined): Value {
  const { args, receiver, last: name, model } = fact;
  const base: Value = model.result === undefined ? {} : { ref: model.result };
  const typed = receiver?.type === undefined ? undefined : machine.models.types.get(receiver.type);
  // Hono's `c.get('jwtPayload')` is what middleware of the server left there.
  if (name === 'get' && SET_BY_SERVER.test(String(args[0]?.literal ?? ''))) return base;
  if (typed?.calls.has(name)) return { ...base, taint: [sourceTaint(machine, fact.node, typed.kind)] };
  const known = model.gives;
  if (known?.most !== undefined && args.length > known.most) return { ...receiver, ...base };
  if (known?.kind !== undefined) return { ...base, taint: [sourceTaint(machine, fact.node, known.kind)] };
  if (known?.type !== undefined && !isNamedAddress(fact, known.type)) return { ...base, type: known.type };
  const clean = model.sanitizes;
  const parsed = schemaOf(fact, name) ?? parsedBy(machine, fact, name);
  if (parsed !== undefined) return parsed;
  if (clean !== undefined && clean !== 0)
    return sanitized(fact, clean, model.passes === 'string' ? { ...base, kind: 'string' } : base);
  if (NUMERIC.has(name) && (receiver === undefined || name !== 'search' || args[0]?.kind === 'regex'))
    return { kind: 'number', ref: `${name}()` };
  if (YES_OR_NO.test(name)) return { kind: 'boolean', ...base };
  const expression = expressionOf(fact);
  if (expression !== undefined) return { ...base, ...expression };
  if (REDUCE.has(name) && returned !== undefined) return returned;
  if (name === 'exec' && receiver?.regex !== undefined)
    return { ...base, ...captured(args[0] === undefined ? undefined : deepTaint(args[0]), receiver.regex, false) };
  if (name === 'String' || name === 'str') return { ...concat(args.slice(0, 1)) };
  if (name === 'format' && receiver?.kind === 'string') return pythonFormat(receiver, args);
  // `url.format(url.parse(req.url))`: the address as it was sent.
  const sent = name === 'format' ? machine.models.types.get(args[0]?.type ?? '') : undefined;
  if (sent?.source.has('pathname'))
    return { ...base, kind: 'string', taint: [sourceTaint(machine, fact.node, sent.kind)] };
  const through = passed(fact, name);
  if (through !== undefined) return { ...base, ...(isRooted(fact, name) ? cleaned(through, PATH) : through) };
  if (JOINED.has(name) && receiver !== undefined) {
    if (receiver.kind === 'string') return concat([receiver, ...args]);
    return {
      ...receiver,
      ...withTaint(
        {},
        args.reduce((all, arg) => joinTaints(all, deepTaint(arg)), deepTaint(receiver)),
      ),
    };
  }
  if (receiver !== undefined) {
    const own = methodOnTainted(machine, fact, name, receiver, returned);
    if (own !== undefined && (receiver.taint !== undefined || receiver.props !== undefined || own.taint !== undefined))
      return { ...own };
    if ((name === 'then' || name === 'catch') && returned !== undefined) return { ...base, ...returned };
  }
  return base;
}

function sanitized(fact: CallFact, bits: number, base: Value): Value {
  let taint = fact.receiver?.taint;
  for (const arg of fact.args) taint = joinTaints(taint, deepTaint(arg));
  return cleaned(withTaint(base, taint), bits);
}

function pythonFormat(receiver: Value, args: readonly Value[]): Value {
  const text = (receiver.text ?? '').replaceAll(/\{[^{}]*\}/g, '\uFFFC');
  const taint = args.reduce<readonly Taint[] | undefined>(
    (all, arg) => joinTaints(all, deepTaint(arg)),
    receiver.taint,
  );
  return withTaint({ kind: 'string', text }, taint);
}

/** `new RegExp('^a+$', 'g')`: as good as a literal. */
function expressionOf({ last, args, node }: CallFact): Value | undefined {
  const [source, flags] = args;
  if (last !== 'RegExp' || typeof source?.literal !== 'string') return undefined;
  const given = typeof flags?.literal === 'string' ? flags.literal : '';
  return { kind: 'regex', regex: { pattern: source.literal, flags: given }, node };
}

/** What `new X(…)` makes. */
export function constructed(machine: Machine, fact: CallFact, made: Value): Value {
  const base: Value = fact.model.result === undefined ? {} : { ref: fact.model.result };
  const expression = expressionOf(fact);
  if (expression !== undefined) return { ...base, ...expression };
  if (made.props !== undefined) return { ...base, props: made.props };
  const known = fact.model.gives;
  if (known?.kind !== undefined) return { ...base, taint: [sourceTaint(machine, fact.node, known.kind)] };
  if (known?.type !== undefined) return { ...base, type: known.type };
  if (fact.last === 'Set' || fact.last === 'Map') {
    const items = fact.args[0];
    return {
      ...base,
      ...(items?.props === undefined ? {} : { props: items.props }),
      ...(items !== undefined && isConstant(items) ? { whole: true } : {}),
    };
  }
  const through = passed(fact, fact.last);
  if (through === undefined) return base;
  const text = fact.args[0]?.text === undefined ? {} : { text: fact.args[0].text };
  const { props: _props, kind: _kind, ...rest } = through;
  return { ...rest, ...text, ...base };
}
