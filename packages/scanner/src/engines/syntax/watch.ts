import { argumentPart } from '../flow/functions.ts';
import type { CallFact, Observer, PropFact, SetFact } from '../flow/machine.ts';
import { matches } from '../flow/pattern.ts';
import { type Layer, layer } from '../flow/scope.ts';
import { type Closure, deepTaint, textOf, type Value } from '../flow/value.ts';
import { openTaints } from './condition.ts';
import { applies, ask, isExcepted, record, type Sightings } from './record.ts';
import type { CodeRules, Matcher } from './rules.ts';
import type { Node } from './tree.ts';

/** What one file's rules saw, and the observer through which they see. */
export interface Watch extends Sightings {
  observer: Observer;
}

/** How many calls of other files' functions are kept for joining. */
const FOREIGN = 500;

function argumentAt(args: readonly Value[], at: number | 'any' | 'last'): readonly (Value | undefined)[] {
  if (at === 'any') return args;
  if (at === 'last') return [args[args.length - 1]];
  return [args[at]];
}

function tryCall(sightings: Sightings, matcher: Matcher, fact: CallFact): void {
  if (!applies(sightings, matcher, fact)) return;
  for (const value of argumentAt(fact.args, matcher.arg)) {
    const asked = ask(sightings, matcher, fact.scope);
    if (matcher.receiver !== undefined && !matcher.receiver(fact.receiver, asked)) continue;
    const where = matcher.where.every((each) => argumentAt(fact.args, each.arg).some((arg) => each.value(arg, asked)));
    if (!where || (matcher.value !== undefined && !matcher.value(value, asked))) continue;
    if (!isExcepted(sightings, matcher, fact)) record(sightings, matcher, fact.node, asked);
    return;
  }
}

function tryProp(sightings: Sightings, matcher: Matcher, fact: PropFact): void {
  if (!applies(sightings, matcher, fact)) return;
  const asked = ask(sightings, matcher, fact.scope);
  if (matcher.object !== undefined && !matcher.object(fact.whole, asked)) return;
  if (matcher.value !== undefined && !matcher.value(fact.value, asked)) return;
  if (!isExcepted(sightings, matcher, fact)) record(sightings, matcher, fact.node, asked);
}

function trySet(sightings: Sightings, matcher: Matcher, fact: SetFact): void {
  if (!applies(sightings, matcher, fact)) return;
  const asked = ask(sightings, matcher, fact.scope, fact.frame);
  if (matcher.object !== undefined && !matcher.object(fact.object, asked)) return;
  if (matcher.key !== undefined && !matcher.key(fact.key, asked)) return;
  if (matcher.value !== undefined && !matcher.value(fact.value, asked)) return;
  if (!isExcepted(sightings, matcher, fact)) record(sightings, matcher, fact.node, asked);
}

function sawSet(sightings: Sightings, fact: SetFact): void {
  const { rules } = sightings;
  if (fact.key !== undefined) for (const matcher of rules.indexes) trySet(sightings, matcher, fact);
  for (const matcher of matches(rules.sets, fact.ref)) trySet(sightings, matcher, fact);
  if (fact.key !== undefined) return;
  const name = fact.ref.slice(fact.ref.lastIndexOf('.') + 1);
  for (const matcher of rules.props.get(name) ?? [])
    if (matcher.object === undefined)
      tryProp(sightings, matcher, { ...fact, owner: undefined, name, whole: fact.object });
}

function sawProp(sightings: Sightings, fact: PropFact): void {
  const { rules } = sightings;
  const matchers =
    fact.owner === undefined ? (rules.props.get(fact.name) ?? []) : matches(rules.jsx, `${fact.owner}.${fact.name}`);
  for (const matcher of matchers) tryProp(sightings, matcher, fact);
}

/** A function whose sinks are known was called: what is passed to it may reach them. */
function sawInvocation(sightings: Sightings, closure: Closure, args: readonly Value[], node: Node, scope: Layer): void {
  for (const hit of sightings.byFunction.get(closure.node) ?? []) {
    const part = argumentPart(args[hit.index], hit.path);
    if (part === undefined) continue;
    const asked = ask(sightings, hit.matcher, scope);
    asked.taints = openTaints(part, asked);
    if (asked.taints.length === 0) continue;
    if (hit.deferred !== undefined && !hit.deferred.test(textOf(part))) {
      const passedOn = part.text === undefined && part.taint?.some((taint) => taint.fn !== undefined) === true;
      if (!passedOn) continue;
      asked.deferred = hit.deferred;
    }
    record(sightings, hit.matcher, hit.node, asked, node);
  }
}

function makeObserver(sightings: Sightings, keepCalls: boolean): Observer {
  const { rules } = sightings;
  const nowhere = layer('module');
  const whole = (value: Value) => ({ owner: undefined, name: '', whole: value });
  return {
    call(fact) {
      if (keepCalls) sightings.calls.push(fact);
      const index = fact.how === 'new' ? rules.news : fact.how === 'tag' ? rules.tags : rules.calls;
      const matchers = matches(index, fact.ref, fact.last);
      for (let i = 0; i < matchers.length; i += 1) tryCall(sightings, matchers[i] as Matcher, fact);
    },
    set: (fact) => sawSet(sightings, fact),
    prop: (fact) => sawProp(sightings, fact),
    hears: (name) => rules.props.has(name),
    returned(fact) {
      if (fact.frame.handler)
        for (const matcher of rules.returns) tryProp(sightings, matcher, { ...fact, ...whole(fact.value) });
    },
    constant(node, value) {
      for (const matcher of rules.regexes) {
        const asked = ask(sightings, matcher, nowhere);
        if (sightings.accepts(matcher) && (matcher.value === undefined || matcher.value(value, asked)))
          record(sightings, matcher, node, asked);
      }
    },
    tested(node, value, scope, frame) {
      for (const matcher of rules.tests) tryProp(sightings, matcher, { node, value, scope, frame, ...whole(value) });
    },
    invoked: (closure, args, node, scope) => sawInvocation(sightings, closure, args, node, scope),
    foreign(ref, args, node, scope) {
      if (sightings.foreign.length < FOREIGN && args.some((arg) => deepTaint(arg) !== undefined))
        sightings.foreign.push({ ref, args, node, scope });
    },
  };
}

/**
 * Turns what the interpreter sees in one file into hits of the rules. Calls are kept for who collects routes: each holds on
 * to all that was known where it stands.
 */
export function watch(
  rules: CodeRules,
  text: string,
  accepts: (matcher: Matcher) => boolean,
  keepCalls: boolean,
): Watch {
  const sightings: Sightings = {
    rules,
    text,
    accepts,
    hits: [],
    byFunction: new Map(),
    foreign: [],
    calls: [],
    seen: new Set(),
  };
  return { ...sightings, observer: makeObserver(sightings, keepCalls) };
}
