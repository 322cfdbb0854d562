import { AmbitError } from '@ambit/core/errors';
import * as z from 'zod/mini';

const text = z.string().check(z.minLength(1));
const effect = z.enum(['deny', 'ask', 'note']);
const number = z.number().check(z.positive());

/** Everything the gate may find about a package; each has its effect in the catalogue. */
export const concernIds = [
  'unknown-package',
  'unreachable',
  'unknown-version',
  'not-from-registry',
  'registry-overridden',
  'project-registry',
  'look-alike',
  'look-alike-in-use',
  'young-package',
  'young-version',
  'few-downloads',
  'vulnerable-high',
  'vulnerable',
  'deprecated',
  'install-scripts',
  'built-in-module',
  'downloads-unknown',
  'outside-lockfile',
  'global',
  'runs-at-once',
] as const;
export type ConcernId = (typeof concernIds)[number];

const samples = z.strictObject({ 'look-alike': z.array(text), fine: z.array(text) });
const gate = z.strictObject({
  thresholds: z.strictObject({
    youngPackageDays: number,
    youngVersionDays: number,
    fewDownloadsAWeek: number,
    manyDownloadsAWeek: number,
  }),
  concerns: z.record(z.enum(concernIds), effect),
  suspicious: z.strictObject({ affixes: z.array(text) }),
  samples: z.optional(z.strictObject({ npm: samples, pypi: samples })),
});
const popular = z.strictObject({ npm: z.array(text), pypi: z.array(text) });

export type Ecosystem = 'npm' | 'pypi';
export type InstallRules = z.infer<typeof gate> & { popular: z.infer<typeof popular> };

/** Picks and checks the install gate's two files out of the policies folder. */
export function installCatalog(files: readonly { file: string; data: unknown }[]): InstallRules {
  const pick = <T>(name: string, schema: z.ZodMiniType<T>): T => {
    const found = files.find(({ file }) => file.replaceAll('\\', '/').endsWith(`install/${name}`));
    if (!found) throw new AmbitError('input.missing', `the catalogue has no \`install/${name}\``);
    const parsed = schema.safeParse(found.data);
    if (parsed.success) return parsed.data;
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new AmbitError('input.broken', `the file is not valid: ${issues.join('; ')}`, { where: found.file });
  };
  return { ...pick('gate.yaml', gate), popular: pick('popular-packages.yaml', popular) };
}
