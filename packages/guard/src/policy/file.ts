import { capability, type NamedGrant, type PolicyScope, type Rule, ruleSource } from '@ambit/core/policy-model';
import { sha256 } from '@ambit/core/schema';
import * as z from 'zod/mini';
import { makeRule } from './sets.ts';

/** A permission as written in the user's policy file or kept after an «always». */
export const grantSource = z.strictObject({
  id: z.string(),
  capability,
  match: z.array(z.string()).check(z.minLength(1)),
  subject: z.optional(
    z.strictObject({
      run: z.optional(z.string()),
      spec: z.optional(z.string()),
      task: z.optional(z.string()),
      hook: z.optional(z.string()),
    }),
  ),
  hash: z.optional(sha256),
});

const policySource = z.strictObject({
  version: z.optional(z.literal(1)),
  /** Shipped set to start from: for users and organisations in place of `default`, for projects in addition. */
  extends: z.optional(z.enum(['default', 'strict', 'ci'])),
  rules: z.optional(z.array(ruleSource)),
  /** Names of production accounts, profiles, hosts and resources, as patterns with `*`: refused outright. */
  production: z.optional(z.array(z.string())),
  grants: z.optional(z.array(grantSource)),
  /** Grants of hooks, read by the engine's hooks room. */
  hooks: z.optional(z.unknown()),
});

/** A grant as written, with its place. */
export function namedGrant(written: z.infer<typeof grantSource>, source: string): NamedGrant {
  // Members given as undefined are absent.
  const { id, capability: one, match, ...rest } = written;
  return {
    ...(JSON.parse(JSON.stringify(rest)) as Pick<NamedGrant, 'subject' | 'hash'>),
    id,
    capability: one,
    match,
    source,
  };
}

/** One policy file as read. A file with a problem has no rules: it denies everything. */
export interface PolicySource {
  rules: Rule[];
  broken: { source: string; problem: string }[];
  production: string[];
  extends?: 'default' | 'strict' | 'ci';
  grants: NamedGrant[];
}

/** What an absent file says. */
export const nothingSaid = (): PolicySource => ({ rules: [], broken: [], production: [], grants: [] });

/** YAML with the line of each value, for messages that name the place. */
export interface Located {
  value: unknown;
  lineOf: (path: readonly PropertyKey[]) => number;
  problem?: { line: number; message: string };
}

/** Parses YAML (or JSON); duplicate keys and unresolved aliases are problems. Never throws. */
export async function readLocated(text: string): Promise<Located> {
  const { LineCounter, parseDocument } = await import('yaml');
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true, strict: true });
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      const start = (node as { range?: [number, number, number] } | null | undefined)?.range?.[0];
      if (start !== undefined) return counter.linePos(start).line;
    }
    return 1;
  };
  const [error] = [...document.errors, ...document.warnings];
  if (error) {
    const line = error.linePos?.[0].line ?? 1;
    return { value: undefined, lineOf, problem: { line, message: error.message.split('\n')[0] ?? 'not YAML' } };
  }
  try {
    return { value: document.toJS({ maxAliasCount: 100 }), lineOf };
  } catch (thrown) {
    return {
      value: undefined,
      lineOf,
      problem: { line: 1, message: thrown instanceof Error ? thrown.message : 'not YAML' },
    };
  }
}

/** Reads the text of a `policy.yaml`. `name` is how the file is called in messages. Never throws. */
export async function readPolicyText(text: string, name: string, scope: PolicyScope): Promise<PolicySource> {
  const located = await readLocated(text);
  if (located.problem) return brokenFile(`${name}:${located.problem.line}`, located.problem.message);
  if (located.value === null || located.value === undefined) return nothingSaid();
  const parsed = z.safeParse(policySource, located.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path ?? [];
    return brokenFile(
      `${name}:${located.lineOf(path)}`,
      `${path.join('.') || 'the file'}: ${issue?.message ?? 'not a policy'}`,
    );
  }
  const { rules = [], production = [], grants = [] } = parsed.data;
  return {
    rules: rules.map((rule, i) =>
      makeRule(rule, scope, `${name}:${located.lineOf(['rules', i])}`, `${scope}.${i + 1}`),
    ),
    broken: [],
    production,
    ...(parsed.data.extends ? { extends: parsed.data.extends } : {}),
    grants:
      scope === 'user' ? grants.map((grant, i) => namedGrant(grant, `${name}:${located.lineOf(['grants', i])}`)) : [],
  };
}

/** A file that could not be read denies everything, with its place. */
export function brokenFile(source: string, problem: string): PolicySource {
  return { ...nothingSaid(), broken: [{ source, problem }] };
}
