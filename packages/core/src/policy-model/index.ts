export { type CompiledRule, compileRule, coversCapability, exactMatcher } from './compile.ts';
export {
  compilePolicy,
  evaluate,
  grantCovers,
  holds,
  mayWiden,
  type Policy,
  strictest,
  type Verdict,
} from './evaluate.ts';
export { foldPath, pathMatcher, regexMatcher, textMatcher } from './glob.ts';
export {
  type Capability,
  capability,
  type Facts,
  type Mode,
  mode,
  type NamedGrant,
  type PolicyScope,
  policyScope,
  type Request,
  type Rule,
  type RuleSource,
  ruleSource,
  type When,
  when,
} from './rule.ts';
