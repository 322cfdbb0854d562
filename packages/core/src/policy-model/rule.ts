import * as z from 'zod/mini';
import { effect, effectClass, label, type RunRef, runKind } from '../schema/index.ts';

/** Kiro's capabilities (formats of 1.0). `filesystem` covers both file capabilities, `all` covers everything. */
export const capability = z.enum([
  'fs_read',
  'fs_write',
  'filesystem',
  'shell',
  'web_fetch',
  'web_search',
  'mcp',
  'subagent',
  'skill',
  'power',
  'context',
  'diagnostics',
  'sandbox_network',
  'builtin',
  'all',
]);
export type Capability = z.infer<typeof capability>;

/** Where a rule stands. Only `built-in`, `user` and `answer` (a human, in this run) may widen what is allowed. */
export const policyScope = z.enum(['built-in', 'organisation', 'user', 'project', 'agent', 'run', 'answer']);
export type PolicyScope = z.infer<typeof policyScope>;

/** How far a run may go without a human: `supervised` asks more, `autopilot` relies on ambit and sandbox. */
export const mode = z.enum(['supervised', 'autopilot']);
export type Mode = z.infer<typeof mode>;

/** Circumstances a rule is limited to; every member present must hold. */
export const when = z.strictObject({
  run: z.optional(z.array(runKind)),
  spec: z.optional(z.array(z.string())),
  task: z.optional(z.array(z.string())),
  hook: z.optional(z.array(z.string())),
  /** Holds when the run has taken in any of these. */
  taint: z.optional(z.array(label)),
  interactive: z.optional(z.boolean()),
  mode: z.optional(z.array(mode)),
  /** Whether commands run confined by the operating system. */
  confined: z.optional(z.boolean()),
});
export type When = z.infer<typeof when>;

/** A rule as written in a policy file: Kiro's four fields and ours. Unknown fields are refused. */
export const ruleSource = z.strictObject({
  id: z.optional(z.string()),
  capability: z.union([capability, z.array(capability)]),
  effect,
  /** Absent: everything. An empty list: nothing. */
  match: z.optional(z.array(z.string())),
  exclude: z.optional(z.array(z.string())),
  /** For deny and ask: any of these classes; for allow: no class beside these. */
  classes: z.optional(z.array(effectClass)),
  when: z.optional(when),
  /** The rule is silent where a grant names the effect. */
  unless: z.optional(z.literal('granted')),
  reason: z.optional(z.string()),
});
export type RuleSource = z.infer<typeof ruleSource>;

/** One rule in force, with its place. `syntax` says how `match` is read: Kiro's globs or old agents' anchored regexes. */
export interface Rule {
  id: string;
  scope: PolicyScope;
  source: string;
  effect: z.infer<typeof effect>;
  capabilities: readonly Capability[];
  match?: readonly string[];
  exclude?: readonly string[];
  classes?: readonly z.infer<typeof effectClass>[];
  when?: When;
  unless?: 'granted';
  reason: string;
  syntax: 'glob' | 'regex';
}

/** A permission that names an effect: a human's answer, an approved task's scope, a hook's or a host's grant. */
export interface NamedGrant {
  id: string;
  capability: Capability;
  match: readonly string[];
  /** The grant counts only for this subject; every member present must be the run's. */
  subject?: { run?: string; spec?: string; task?: string; hook?: string };
  /** Hash of the content it was given for (tasks.md, a hook's definition); counts only while that is in force. */
  hash?: string;
  /** Given after untrusted content was read, with that in view. */
  fresh?: boolean;
  source: string;
}

/** One thing an action wants, in the form rules speak about. An action comes to one or more of these. */
export interface Request {
  capability: Capability;
  /** A path relative to the workspace, a command line, a host, `server/tool`. */
  value: string;
  classes: readonly z.infer<typeof effectClass>[];
}

/** What a decision may depend on beside the request. */
export interface Facts {
  run: RunRef;
  labels: readonly z.infer<typeof label>[];
  interactive: boolean;
  mode: Mode;
  confined: boolean;
  grants: readonly NamedGrant[];
  /** Hashes in force: of the approved documents and the hook this run works from. */
  hashes: readonly string[];
}
