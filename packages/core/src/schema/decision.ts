import * as z from 'zod/mini';
import { label } from './common.ts';

export const effect = z.enum(['allow', 'ask', 'deny']);
export type Effect = z.infer<typeof effect>;

/** One rule that spoke. `source` is where it stands: `built-in`, `user`, `project`, `run`, or a file with its line. */
export const ruleVerdict = z.object({
  rule: z.string(),
  effect,
  source: z.string(),
  reason: z.string(),
});
export type RuleVerdict = z.infer<typeof ruleVerdict>;

/** What an action would really do, classified after resolution (C11). */
export const effectClass = z.enum([
  'read',
  'write',
  'delete',
  'network',
  'install',
  'destructive',
  'cloud',
  'publish',
  'history-rewrite',
  'unknown',
]);
export type EffectClass = z.infer<typeof effectClass>;

/** `because` is the rule that decided; `rules` are all that spoke, the deciding one first. */
export const decision = z.object({
  effect,
  because: ruleVerdict,
  rules: z.array(ruleVerdict),
  classes: z.array(effectClass),
});
export type Decision = z.infer<typeof decision>;

export const outcomeStatus = z.enum(['done', 'failed', 'denied', 'cancelled']);

/** What came of an action. `text` is redacted; `labels` say what the text is tainted with. */
export const outcome = z.object({
  action: z.string(),
  status: outcomeStatus,
  text: z.string(),
  labels: z.array(label),
  decision,
  /** Hash of what was written, or exit code and signal of a command; for the record. */
  detail: z.optional(z.record(z.string(), z.unknown())),
  redactions: z.optional(z.int()),
});
export type Outcome = z.infer<typeof outcome>;
