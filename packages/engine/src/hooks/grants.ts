import * as z from 'zod/mini';
import type { Hook } from './hook.ts';

const globs = z.optional(z.array(z.string().check(z.minLength(1))));

/** One entry of `hooks:` in `.ambit/policy.yaml`. An absent list means none. */
export const hookGrantEntry = z.strictObject({
  /** `file#name`, or the name alone where only one hook has it. */
  name: z.string().check(z.minLength(1)),
  /** Hash of the hook it was given for; shown by `ambit hooks list`. */
  hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  write: globs,
  commands: globs,
  hosts: globs,
  /** `propose` (default) leaves a change set for review; `apply` lands it when scan and tests are not worse. */
  land: z.optional(z.enum(['propose', 'apply'])),
  /** May fire on its own or another hook's writes. */
  onHookWrites: z.optional(z.boolean()),
  /** Why a failing pre-hook may be ignored; absent means it stops what it guards. */
  failOpen: z.optional(z.string().check(z.minLength(8))),
  runsPerHour: z.optional(z.int().check(z.positive())),
  dollarsPerDay: z.optional(z.number().check(z.positive())),
  tokensPerDay: z.optional(z.int().check(z.positive())),
});
export type HookGrantEntry = z.infer<typeof hookGrantEntry>;

/** What one hook may do. */
export interface HookScope {
  write: readonly string[];
  commands: readonly string[];
  hosts: readonly string[];
  land: 'propose' | 'apply';
  onHookWrites: boolean;
  failOpen?: string;
  limits: HookLimits;
  /** Whether a grant in force is behind this, or why one that names the hook is not. */
  grant: 'none' | 'in force' | 'other hash';
}

export interface HookLimits {
  runsPerHour: number;
  dollarsPerDay: number;
  tokensPerDay: number;
}

/** Limits without a grant: enough for a person who saves all day, too little for a loop. */
export const defaultLimits: HookLimits = { runsPerHour: 120, dollarsPerDay: 1, tokensPerDay: 500_000 };

const readOnly: HookScope = {
  write: [],
  commands: [],
  hosts: [],
  land: 'propose',
  onHookWrites: false,
  limits: defaultLimits,
  grant: 'none',
};

function names(entry: HookGrantEntry, hook: Hook, all: readonly Hook[]): boolean {
  if (entry.name === hook.id) return true;
  return entry.name === hook.name && all.filter((other) => other.name === hook.name).length === 1;
}

/**
 * The scope of a hook: read-only, no network, no command beyond its own, unless an accepted policy grants more to this
 * hook with this hash.
 */
export function scopeOf(hook: Hook, all: readonly Hook[], grants: readonly HookGrantEntry[]): HookScope {
  const named = grants.filter((entry) => names(entry, hook, all));
  const entry = named.find((candidate) => candidate.hash === hook.hash);
  if (!entry) return { ...readOnly, grant: named.length > 0 ? 'other hash' : 'none' };
  return {
    write: entry.write ?? [],
    commands: entry.commands ?? [],
    hosts: entry.hosts ?? [],
    land: entry.land ?? 'propose',
    onHookWrites: entry.onHookWrites ?? false,
    limits: {
      runsPerHour: entry.runsPerHour ?? defaultLimits.runsPerHour,
      dollarsPerDay: entry.dollarsPerDay ?? defaultLimits.dollarsPerDay,
      tokensPerDay: entry.tokensPerDay ?? defaultLimits.tokensPerDay,
    },
    grant: 'in force',
    ...(entry.failOpen === undefined ? {} : { failOpen: entry.failOpen }),
  };
}

/** Reads the `hooks:` list of a policy document; a wrong entry is reported and grants nothing. */
export function readHookGrants(policy: unknown, file: string): { grants: HookGrantEntry[]; problems: string[] } {
  const list = typeof policy === 'object' && policy !== null && 'hooks' in policy ? policy.hooks : [];
  if (!Array.isArray(list)) return { grants: [], problems: [`${file}: \`hooks\` is not a list`] };
  const grants: HookGrantEntry[] = [];
  const problems: string[] = [];
  for (const [position, raw] of list.entries()) {
    const parsed = hookGrantEntry.safeParse(raw);
    if (parsed.success) grants.push(parsed.data);
    else {
      const [issue] = parsed.error.issues;
      problems.push(
        `${file}: hooks[${position}]${issue?.path.length ? `.${issue.path.join('.')}` : ''}: ${issue?.message ?? 'not a grant'}`,
      );
    }
  }
  return { grants, problems };
}
