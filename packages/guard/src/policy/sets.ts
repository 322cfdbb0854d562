import { AmbitError } from '@ambit/core/errors';
import { type PolicyScope, type Rule, ruleSource } from '@ambit/core/policy-model';
import * as z from 'zod/mini';

const samples = z.strictObject({ match: z.array(z.string()), noMatch: z.array(z.string()) });

/** One shipped file of rules: `catalog/policies/<id>.yaml`. Samples are left out of the bundle. */
export const policySetSource = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** Kind of file the set's rules protect; absent for sets about behaviour. */
  protects: z.optional(z.enum(['control', 'guarded', 'secret'])),
  rules: z.array(z.strictObject({ ...ruleSource.shape, samples: z.optional(samples) })),
});
export type PolicySetSource = z.infer<typeof policySetSource>;
export type Protection = NonNullable<PolicySetSource['protects']>;

/** A shipped set, its rules ready to be compiled. */
export interface PolicySet {
  id: string;
  protects?: Protection;
  rules: Rule[];
}

/** One file of the catalogue, parsed but not validated. */
export interface PolicyFile {
  file: string;
  data: unknown;
}

/** Reads one shipped set. Throws `input.broken` naming file and field: a broken catalogue must not start. */
export function readPolicySet({ file, data }: PolicyFile): PolicySet {
  const parsed = z.safeParse(policySetSource, data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AmbitError('input.broken', `not a policy set: ${issue?.path.join('.')} ${issue?.message}`, {
      where: file,
    });
  }
  const { id, protects, rules } = parsed.data;
  return {
    id,
    ...(protects ? { protects } : {}),
    rules: rules.map(({ samples: _samples, ...rule }, i) => makeRule(rule, 'built-in', file, `${id}.${i + 1}`)),
  };
}

/** A rule as written, with its scope and place. */
export function makeRule(
  source: z.infer<typeof ruleSource>,
  scope: PolicyScope,
  place: string,
  fallbackId: string,
): Rule {
  const { id, capability, reason, ...rest } = source;
  const defined = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...(defined as Pick<Rule, 'effect'>),
    id: id ?? fallbackId,
    scope,
    source: scope === 'built-in' ? 'built-in' : place,
    capabilities: Array.isArray(capability) ? capability : [capability],
    reason: reason ?? `${source.effect} by rule ${id ?? fallbackId}`,
    syntax: 'glob',
  };
}

/** Kinds of policy files that other readers own: programs, decision cases, and the folders of single rooms. */
const otherFiles = /^(?:.*\/)?policies\/(?:[^/]+\/|programs[^/]*$|pinned\.)/;

/** Reads every set among the catalogue's policy files: the files directly in `policies/` that are not another reader's. */
export function readPolicySets(files: readonly PolicyFile[]): PolicySet[] {
  return files.filter(({ file }) => !otherFiles.test(file)).map(readPolicySet);
}
