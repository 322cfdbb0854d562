import { canonicalJson, hashText } from '@ambit/guard/integrity';
import type { Trigger } from './triggers.ts';

/** When a hook of a trigger applies: always, by a regular expression, by globs (paths) or by tool names (tools). */
export type Matcher =
  | { kind: 'always' }
  | { kind: 'regex'; source: string }
  | { kind: 'globs'; patterns: string[]; excluded: string[] }
  | { kind: 'tools'; names: string[] };

export type HookAction = { type: 'command'; command: string } | { type: 'agent'; prompt: string };

export interface ConfirmOption {
  id: string;
  label: string;
  run: boolean;
}

/** A question asked before a Stop hook's command; nothing runs before the answer. */
export interface Confirm {
  question?: string;
  confirmCommand?: string;
  options: ConfirmOption[];
}

export type HookFormat = 'v1' | 'legacy' | 'agent';

/** One hook, whatever file format it came from. */
export interface Hook {
  /** `file#name`: what grants, records and lists call it. */
  id: string;
  name: string;
  description?: string;
  trigger: Trigger;
  matcher: Matcher;
  action: HookAction;
  /** 0 means no limit was asked for; Ambit bounds it all the same. */
  timeoutSeconds: number;
  enabled: boolean;
  confirm?: Confirm;
  format: HookFormat;
  file: string;
  scope: 'workspace' | 'user';
  /** Seconds a successful result may be reused (agent files only). */
  cacheSeconds?: number;
  /** Longest output that reaches a context, in characters (agent files only). */
  maxOutput?: number;
  /** Hash of what the hook does and when; a grant names it, so a changed hook loses its grant. */
  hash: string;
  /** The entry as written, with keys nobody knows. */
  raw: Readonly<Record<string, unknown>>;
}

/** A file or entry that is not run: wrong, or a format Kiro never ran. Reported, never guessed. */
export interface HookProblem {
  file: string;
  /** Name or position of the entry inside the file. */
  entry?: string;
  message: string;
  hint: string;
}

export interface ParsedHooks {
  hooks: Hook[];
  problems: HookProblem[];
}

/** Completes a parsed hook with its id and hash. */
export function finishHook(parts: Omit<Hook, 'id' | 'hash'>): Hook {
  const { name, trigger, matcher, action, timeoutSeconds, confirm, file } = parts;
  const bound = { name, trigger, matcher, action, timeoutSeconds, confirm };
  return { ...parts, id: `${file}#${name}`, hash: hashText(canonicalJson(bound)) };
}
