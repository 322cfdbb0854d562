import type { CallFact, Frame } from '../flow/machine.ts';
import type { Layer } from '../flow/scope.ts';
import type { Taint, Value } from '../flow/value.ts';
import type { Asked } from './condition.ts';
import type { CodeRules, Matcher } from './rules.ts';
import type { FunctionNode, Node } from './tree.ts';

/** A rule that spoke, before it is known whether anybody can reach it. */
export interface Hit {
  matcher: Matcher;
  node: Node;
  taints: readonly Taint[];
  /** Where the data entered the function that has the sink, when that is another one. */
  via?: Node;
}

/** A sink that an argument of a function reaches. */
export interface ArgumentHit {
  matcher: Matcher;
  node: Node;
  index: number;
  path: string | undefined;
  label: string;
  clean: number;
  deferred: RegExp | undefined;
}

export interface ForeignCall {
  ref: string;
  node: Node;
  args: readonly Value[];
  scope: Layer;
}

/** What the rules made of one file so far. */
export interface Sightings {
  rules: CodeRules;
  text: string;
  accepts: (matcher: Matcher) => boolean;
  hits: Hit[];
  byFunction: Map<FunctionNode, ArgumentHit[]>;
  foreign: ForeignCall[];
  calls: CallFact[];
  seen: Set<string>;
}

/** Where something happens. */
export interface Site {
  node: Node;
  scope: Layer;
  frame: Frame;
}

/** How many sinks of one function are told to its callers. */
const SINKS = 40;

function addToFunction(sightings: Sightings, fn: FunctionNode, hit: ArgumentHit): void {
  const list = sightings.byFunction.get(fn);
  if (list === undefined) {
    sightings.byFunction.set(fn, [hit]);
    return;
  }
  const known = list.some(
    (each) =>
      each.matcher === hit.matcher && each.node === hit.node && each.index === hit.index && each.path === hit.path,
  );
  if (!known && list.length < SINKS) list.push(hit);
}

/** Notes that a rule spoke: as a hit, and for the callers of the functions whose arguments made it speak. */
export function record(sightings: Sightings, matcher: Matcher, node: Node, asked: Asked, via?: Node): void {
  for (const { fn, index, path, label, clean } of asked.taints)
    if (fn !== undefined && index !== undefined)
      addToFunction(sightings, fn, { matcher, node, index, path, label, clean, deferred: asked.deferred });
  // A text only the caller knows says nothing where no argument is followed.
  if (asked.taints.length === 0 && asked.deferred !== undefined) return;
  const direct = asked.taints.filter((taint) => matcher.from.has(taint.kind));
  if (asked.taints.length > 0 && (direct.length === 0 || asked.deferred !== undefined)) return;
  const key = `${matcher.rule.id}:${node.start}:${direct.map((taint) => taint.kind + (taint.fn?.start ?? '')).join()}`;
  if (sightings.seen.has(key)) return;
  sightings.seen.add(key);
  sightings.hits.push({ matcher, node, taints: direct, ...(via === undefined ? {} : { via }) });
}

export function ask({ text }: Sightings, matcher: Matcher, scope: Layer, frame?: Frame): Asked {
  return { from: matcher.from, bit: matcher.rule.bit, scope, text, taints: [], deferred: undefined, frame };
}

function inHandler(frame: Frame): boolean {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) if (at.handler) return true;
  return false;
}

/** The source of the function around a place. */
function functionAround(text: string, frame: Frame): string {
  const node = frame.closure?.node;
  return node === undefined ? '' : text.slice(node.start, node.end);
}

/** True when the function around calls itself by name. */
function isRecursive(text: string, frame: Frame): boolean {
  for (let at: Frame | undefined = frame; at?.closure !== undefined; at = at.parent) {
    const { node, name } = at.closure;
    if (name === undefined || !/^[\w$]+$/.test(name) || node.body === null) continue;
    const called = new RegExp(`((?<![\\w$.])|\\bthis\\.)${name.replaceAll('$', '\\$')}\\s*(\\(|\\.(call|apply)\\()`);
    if (called.test(text.slice(node.body.start, node.body.end))) return true;
  }
  return false;
}

/** The line a node starts on, with the lines that go on in its chain of calls, and what the function around it is called. */
function surroundings(text: string, { node, frame }: Site): string {
  const start = text.lastIndexOf('\n', node.start - 1) + 1;
  const end = text.indexOf('\n', node.start);
  const chain = end < 0 ? '' : (CHAIN.exec(text.slice(end, end + CHAIN_LENGTH))?.[0] ?? '');
  return `${frame.closure?.name ?? ''} ${text.slice(start, end < 0 ? text.length : end)} ${chain.replaceAll(/\s+/g, ' ')}`;
}

/** Lines that begin with a dot, the nearest ones only. */
const CHAIN = /^(?:\n[ \t]*\.[^\n]*){1,4}/;
const CHAIN_LENGTH = 400;

/** Whether the function around a place says that the rule is not meant: it is long, and asked last. */
export const isExcepted = ({ text }: Sightings, { rule }: Matcher, { frame }: Site): boolean =>
  rule.unless.function?.test(functionAround(text, frame)) === true;

/** Everything a clause asks of the place, before it asks anything of values. */
export function applies({ accepts, text }: Sightings, matcher: Matcher, site: Site): boolean {
  if (!accepts(matcher) || (matcher.handler && !inHandler(site.frame))) return false;
  if (matcher.recursive && !isRecursive(text, site.frame)) return false;
  if (matcher.code !== undefined && !matcher.code.test(text.slice(site.node.start, site.node.end))) return false;
  return matcher.line === undefined || matcher.line.test(surroundings(text, site));
}
