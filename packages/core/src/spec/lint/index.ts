export { checkSpec } from './check.ts';
export type { CheckOptions, RaisedCriterion } from './context.ts';
export { fixText } from './fix.ts';
export { type LintRule, type LintRules, type LintSample, parseLintRules } from './rules.ts';
