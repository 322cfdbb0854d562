import { AmbitError } from '@ambit/core/errors';
import * as z from 'zod/mini';

const text = z.string().check(z.minLength(1));
const strings = z.record(text, z.string());

const systemPaths = z.strictObject({
  roots: z.array(text),
  etc: z.array(text),
  hidden: z.array(text),
  toolchains: z.array(text),
  alongside: z.record(text, z.array(text)),
});
/** `catalog/policies/sandbox/system-paths.yaml`. */
export type SystemPaths = z.infer<typeof systemPaths>;

const environmentRules = z.strictObject({
  pass: z.array(text),
  set: strings,
  installs: strings,
  homes: z.record(text, z.array(text).check(z.length(2))),
  git: strings,
  protect: z.array(text),
});
/** `catalog/policies/sandbox/environment.yaml`. */
export type EnvironmentRules = z.infer<typeof environmentRules>;

export interface SandboxCatalog {
  system: SystemPaths;
  environment: EnvironmentRules;
}

/** Picks and checks the sandbox's two files out of the policies folder; unknown fields are errors. */
export function sandboxCatalog(files: readonly { file: string; data: unknown }[]): SandboxCatalog {
  const pick = <T>(name: string, schema: z.ZodMiniType<T>): T => {
    const found = files.find(({ file }) => file.replaceAll('\\', '/').endsWith(`sandbox/${name}`));
    if (!found) throw new AmbitError('input.missing', `the catalogue has no \`sandbox/${name}\``);
    const parsed = schema.safeParse(found.data);
    if (parsed.success) return parsed.data;
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new AmbitError('input.broken', `the file is not valid: ${issues.join('; ')}`, { where: found.file });
  };
  return { system: pick('system-paths.yaml', systemPaths), environment: pick('environment.yaml', environmentRules) };
}
