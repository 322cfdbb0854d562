import type { Effect, RuleVerdict } from '../schema/index.ts';
import { type CompiledRule, compileRule, coversCapability, exactMatcher } from './compile.ts';
import { foldPath } from './glob.ts';
import type { Facts, NamedGrant, PolicyScope, Request, Rule, When } from './rule.ts';

/** A set of rules made ready. A file that could not be read is in `broken`, and then everything is denied. */
export interface Policy {
  rules: readonly CompiledRule[];
  broken: readonly { source: string; problem: string }[];
}

/** What the rules say about one request. */
export interface Verdict {
  effect: Effect;
  because: RuleVerdict;
  rules: RuleVerdict[];
}

const widening: ReadonlySet<PolicyScope> = new Set<PolicyScope>(['built-in', 'user', 'answer']);
const rank: Record<Effect, number> = { deny: 0, ask: 1, allow: 2 };

/** Whether rules of a scope may allow; the others can only narrow. */
export function mayWiden(scope: PolicyScope): boolean {
  return widening.has(scope);
}

/** The more restrictive of two effects. */
export function strictest(a: Effect, b: Effect): Effect {
  return rank[a] <= rank[b] ? a : b;
}

export function compilePolicy(rules: readonly Rule[], broken: Policy['broken'] = []): Policy {
  return { rules: rules.map(compileRule), broken };
}

/** Whether every circumstance a rule names holds. */
export function holds(when: When | undefined, facts: Facts): boolean {
  if (!when) return true;
  const { run } = facts;
  const among = (list: readonly string[] | undefined, value: string | undefined) =>
    list === undefined || (value !== undefined && list.includes(value));
  return (
    among(when.run, run.kind) &&
    among(when.spec, run.spec) &&
    among(when.task, run.task) &&
    among(when.hook, run.hook) &&
    among(when.mode, facts.mode) &&
    (when.taint === undefined || when.taint.some((label) => facts.labels.includes(label))) &&
    (when.interactive === undefined || when.interactive === facts.interactive) &&
    (when.confined === undefined || when.confined === facts.confined)
  );
}

/** Whether a grant is in force for this run and names what is requested. */
export function grantCovers(grant: NamedGrant, request: Request, facts: Facts): boolean {
  const { subject } = grant;
  if (!coversCapability(grant.capability, request.capability)) return false;
  if (grant.hash !== undefined && !facts.hashes.includes(grant.hash)) return false;
  if (subject?.run !== undefined && subject.run !== facts.run.id) return false;
  if (subject?.spec !== undefined && subject.spec !== facts.run.spec) return false;
  if (subject?.task !== undefined && subject.task !== facts.run.task) return false;
  if (subject?.hook !== undefined && subject.hook !== facts.run.hook) return false;
  return grant.match.some((pattern) => exactMatcher(pattern, request.capability)(request.value));
}

/** Whether this rule is silenced by a grant. A rule about tainted runs needs a grant given after the taint. */
function lifted(rule: Rule, request: Request, facts: Facts): boolean {
  if (rule.unless !== 'granted') return false;
  return facts.grants.some((grant) => (!rule.when?.taint || grant.fresh) && grantCovers(grant, request, facts));
}

/** What one rule says, or nothing. A rule that fails forbids, except an allowing one, which then does not allow. */
function speak(compiled: CompiledRule, request: Request, folded: string, facts: Facts): RuleVerdict | undefined {
  const { rule } = compiled;
  const verdict = { rule: rule.id, effect: rule.effect, source: rule.source, reason: rule.reason };
  try {
    if (!holds(rule.when, facts) || !compiled.applies(request, folded) || lifted(rule, request, facts))
      return undefined;
  } catch {
    if (rule.effect === 'allow') return undefined;
    return { ...verdict, effect: 'deny', reason: 'the rule could not be evaluated' };
  }
  if (rule.effect === 'allow' && !mayWiden(rule.scope)) return undefined;
  return verdict;
}

const unmatched: RuleVerdict = {
  rule: 'policy.unmatched',
  effect: 'ask',
  source: 'built-in',
  reason: 'no rule allows this',
};

/**
 * Decides one request: deny over ask over allow, whatever the scope; ask when no rule matched. Total and pure. A policy
 * file that could not be read denies everything.
 */
export function evaluate(policy: Policy, request: Request, facts: Facts): Verdict {
  const [broken] = policy.broken;
  if (broken) {
    const reason = `a policy file cannot be read: ${broken.problem}`;
    const because: RuleVerdict = { rule: 'policy.unreadable', effect: 'deny', source: broken.source, reason };
    return { effect: 'deny', because, rules: [because] };
  }
  const folded = foldPath(request.value);
  const rules: RuleVerdict[] = [];
  for (const rule of policy.rules) {
    const verdict = speak(rule, request, folded, facts);
    if (verdict) rules.push(verdict);
  }
  rules.sort((a, b) => rank[a.effect] - rank[b.effect]);
  const because = rules[0] ?? unmatched;
  return { effect: because.effect, because, rules: rules.length > 0 ? rules : [unmatched] };
}
