import type { Effect } from '../schema/index.ts';
import { compileRule } from './compile.ts';
import { grantCovers, holds } from './evaluate.ts';
import { foldPath } from './glob.ts';
import type { Facts, Request, Rule } from './rule.ts';

/**
 * The naive twin of `evaluate`: no index, no cache, no early exit, the text of the rule table. Differential tests hold
 * the two equal on generated rule sets.
 */
export function referenceEffect(rules: readonly Rule[], request: Request, facts: Facts): Effect {
  const said = new Set<Effect>();
  for (const rule of rules) {
    const fresh = rule.when?.taint !== undefined;
    const mayAllow = ['built-in', 'user', 'answer'].includes(rule.scope);
    let effect: Effect = rule.effect;
    try {
      if (!holds(rule.when, facts)) continue;
      if (!compileRule(rule).applies(request, foldPath(request.value))) continue;
      if (rule.unless && facts.grants.some((grant) => (grant.fresh || !fresh) && grantCovers(grant, request, facts)))
        continue;
    } catch {
      if (effect === 'allow') continue;
      effect = 'deny';
    }
    if (effect === 'allow' && !mayAllow) continue;
    said.add(effect);
  }
  if (said.has('deny')) return 'deny';
  if (said.has('ask')) return 'ask';
  return said.has('allow') ? 'allow' : 'ask';
}
