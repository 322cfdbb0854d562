import { argumentPart } from '../flow/functions.ts';
import type { CallFact, Frame, Observer, PropFact, SetFact } from '../flow/machine.ts';
import { matches, type NameIndex } from '../flow/pattern.ts';
import type { Layer } from '../flow/scope.ts';
import { deepTaint, type Taint, textOf, type Value } from '../flow/value.ts';
import { type Asked, openTaints } from './condition.ts';
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

export interface Watch {
  observer: Observer;
  hits: Hit[];
  byFunction: Map<FunctionNode, ArgumentHit[]>;
  foreign: ForeignCall[];
  calls: CallFact[];
}

function argumentAt(args: readonly Value[], at: number | 'any' | 'last'): readonly (Value | undefined)[] {
  if (at === 'any') return args;
  if (at === 'last') return [args[args.length - 1]];
  return [args[at]];
}

interface Site {
  node: Node;
  scope: Layer;
  frame: Frame;
}

/** Turns what the interpreter sees into hits of the rules. */
export function watch(rules: CodeRules, text: string, accepts: (matcher: Matcher) => boolean): Watch {
  const out: Omit<Watch, 'observer'> = { hits: [], byFunction: new Map(), foreign: [], calls: [] };
  const seen = new Set<string>();

  function ask(matcher: Matcher, scope: Layer): Asked {
    return { from: matcher.from, bit: matcher.rule.bit, scope, text, taints: [], deferred: undefined };
  }

  function applies(matcher: Matcher, site: Site): boolean {
    if (!accepts(matcher) || (matcher.handler && !inHandler(site.frame))) return false;
    if (matcher.recursive && !isRecursive(text, site.frame)) return false;
    if (matcher.code !== undefined && !matcher.code.test(text.slice(site.node.start, site.node.end))) return false;
    return matcher.line === undefined || matcher.line.test(surroundings(text, site));
  }

  function addToFunction(fn: FunctionNode, hit: ArgumentHit): void {
    const list = out.byFunction.get(fn);
    if (list === undefined) out.byFunction.set(fn, [hit]);
    else if (
      list.length < 40 &&
      !list.some(
        (each) =>
          each.matcher === hit.matcher && each.node === hit.node && each.index === hit.index && each.path === hit.path,
      )
    )
      list.push(hit);
  }

  function record(matcher: Matcher, site: Pick<Site, 'node'>, asked: Asked, via?: Node): void {
    for (const taint of asked.taints)
      if (taint.fn !== undefined && taint.index !== undefined)
        addToFunction(taint.fn, {
          matcher,
          node: site.node,
          index: taint.index,
          path: taint.path,
          label: taint.label,
          clean: taint.clean,
          deferred: asked.deferred,
        });
    const direct = asked.taints.filter((taint) => matcher.from.has(taint.kind));
    if (asked.taints.length > 0 && (direct.length === 0 || asked.deferred !== undefined)) return;
    const key = `${matcher.rule.id}:${site.node.start}:${direct.map((taint) => taint.kind + (taint.fn?.start ?? '')).join()}`;
    if (seen.has(key)) return;
    seen.add(key);
    out.hits.push({ matcher, node: site.node, taints: direct, ...(via === undefined ? {} : { via }) });
  }

  function tryCall(matcher: Matcher, fact: CallFact): void {
    if (!applies(matcher, fact)) return;
    for (const value of argumentAt(fact.args, matcher.arg)) {
      const asked = ask(matcher, fact.scope);
      if (matcher.receiver !== undefined && !matcher.receiver(fact.receiver, asked)) continue;
      if (!matcher.where.every((each) => argumentAt(fact.args, each.arg).some((arg) => each.value(arg, asked))))
        continue;
      if (matcher.value !== undefined && !matcher.value(value, asked)) continue;
      record(matcher, fact, asked);
      return;
    }
    if (matcher.arg === 'any' && fact.args.length === 0 && matcher.value === undefined)
      record(matcher, fact, ask(matcher, fact.scope));
  }

  function tryNamed(index: NameIndex<Matcher>, ref: string, fact: CallFact): void {
    for (const matcher of matches(index, ref)) tryCall(matcher, fact);
  }

  function tryProp(matcher: Matcher, fact: PropFact): void {
    if (!applies(matcher, fact)) return;
    const asked = ask(matcher, fact.scope);
    if (matcher.object !== undefined && !matcher.object(fact.whole, asked)) return;
    if (matcher.value !== undefined && !matcher.value(fact.value, asked)) return;
    record(matcher, fact, asked);
  }

  function trySet(matcher: Matcher, fact: SetFact): void {
    if (!applies(matcher, fact)) return;
    const asked = ask(matcher, fact.scope);
    if (matcher.object !== undefined && !matcher.object(fact.object, asked)) return;
    if (matcher.key !== undefined && !matcher.key(fact.key, asked)) return;
    if (matcher.value !== undefined && !matcher.value(fact.value, asked)) return;
    record(matcher, fact, asked);
  }

  const observer: Observer = {
    call(fact) {
      out.calls.push(fact);
      const index = fact.how === 'new' ? rules.news : fact.how === 'tag' ? rules.tags : rules.calls;
      tryNamed(index, fact.ref, fact);
    },
    set(fact) {
      if (fact.key !== undefined) for (const matcher of rules.indexes) trySet(matcher, fact);
      for (const matcher of matches(rules.sets, fact.ref)) trySet(matcher, fact);
      const name = fact.ref.slice(fact.ref.lastIndexOf('.') + 1);
      for (const matcher of rules.props.get(name) ?? [])
        if (matcher.object === undefined && fact.key === undefined)
          tryProp(matcher, { ...fact, owner: undefined, name, whole: fact.object });
    },
    prop(fact) {
      if (fact.owner === undefined) for (const matcher of rules.props.get(fact.name) ?? []) tryProp(matcher, fact);
      else for (const matcher of matches(rules.jsx, `${fact.owner}.${fact.name}`)) tryProp(matcher, fact);
    },
    returned({ node, value, scope, frame }) {
      if (!frame.handler) return;
      for (const matcher of rules.returns)
        tryProp(matcher, { node, value, scope, frame, owner: undefined, name: '', whole: value });
    },
    constant(node, value) {
      for (const matcher of rules.regexes)
        if (accepts(matcher) && (matcher.value === undefined || matcher.value(value, ask(matcher, EMPTY))))
          record(matcher, { node }, ask(matcher, EMPTY));
    },
    invoked(closure, args, node, scope) {
      for (const hit of out.byFunction.get(closure.node) ?? []) {
        const part = argumentPart(args[hit.index], hit.path);
        if (part === undefined) continue;
        const asked = ask(hit.matcher, scope);
        asked.taints = openTaints(part, asked);
        if (asked.taints.length === 0) continue;
        if (hit.deferred !== undefined) {
          const text = textOf(part);
          if (hit.deferred.test(text)) asked.deferred = undefined;
          else if ((part.taint ?? []).some((taint) => taint.fn !== undefined) && part.text === undefined)
            asked.deferred = hit.deferred;
          else continue;
        }
        record(hit.matcher, { node: hit.node }, asked, node);
      }
    },
    tested(node, value, scope, frame) {
      for (const matcher of rules.tests)
        tryProp(matcher, { node, value, scope, frame, owner: undefined, name: '', whole: value });
    },
    foreign(ref, args, node, scope) {
      if (args.some((arg) => deepTaint(arg) !== undefined) && out.foreign.length < 500)
        out.foreign.push({ ref, args, node, scope });
    },
  };
  return { ...out, observer };
}

const EMPTY: Layer = { kind: 'module', vars: new Map(), paths: new Map(), proved: new Map(), parent: undefined };

/** True when the function around calls itself by name. */
function isRecursive(text: string, frame: Frame): boolean {
  for (let at: Frame | undefined = frame; at?.closure !== undefined; at = at.parent) {
    const { node, name } = at.closure;
    if (name === undefined || !/^[\w$]+$/.test(name) || node.body === null) continue;
    if (
      new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}\\s*(\\(|\\.(call|apply)\\()`).test(
        text.slice(node.body.start, node.body.end),
      )
    )
      return true;
  }
  return false;
}

/** The lines a node starts on, and what the function around it is called. */
function surroundings(text: string, { node, frame }: Site): string {
  const start = text.lastIndexOf('\n', node.start - 1) + 1;
  const end = text.indexOf('\n', node.start);
  return `${frame.closure?.name ?? ''} ${text.slice(start, end < 0 ? text.length : end)}`;
}

function inHandler(frame: Frame): boolean {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) if (at.handler) return true;
  return false;
}
