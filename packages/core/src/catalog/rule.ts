import * as z from 'zod/mini';
import { AmbitError } from '../errors/index.ts';

export const severity = z.enum(['critical', 'high', 'medium', 'low', 'info']);
export type Severity = z.infer<typeof severity>;

export const confidence = z.enum(['high', 'medium', 'low']);
export type Confidence = z.infer<typeof confidence>;

/** Which scanner engine reads a rule's `match` block; each engine exports the schema of its own. */
export const engineName = z.enum(['pattern', 'syntax', 'flow', 'routes', 'access', 'config', 'deps', 'agent-config']);
export type EngineName = z.infer<typeof engineName>;

const text = z.string().check(z.minLength(1));
const path = z.string().check(z.regex(/^[^/\\][^\\]*$/));

/**
 * A piece of a project in which a rule must, or must not, speak. `code` is the content of `file`; `files` are further
 * files of the same small project. `{{hex:32}}` and its kin are filled at run time, so that no live-looking secret is
 * stored (`fillSample` in `@ambit/core/detect`).
 */
const sampleBody = {
  code: z.string(),
  file: z.optional(path),
  files: z.optional(z.record(path, z.string())),
  why: z.optional(text),
};
const matchSample = z.strictObject({
  ...sampleBody,
  line: z.int().check(z.positive()),
  /** The file that the finding stands in, when it is not `file`. */
  at: z.optional(path),
});
const noMatchSample = z.strictObject(sampleBody);
export type MatchSample = z.infer<typeof matchSample>;
export type NoMatchSample = z.infer<typeof noMatchSample>;
export type RuleSample = MatchSample | NoMatchSample;

/** What one rule says. `match` is validated by the engine that it names. */
export const rule = z.strictObject({
  id: z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)),
  engine: engineName,
  title: text,
  cwe: z.array(z.string().check(z.regex(/^CWE-\d+$/))).check(z.minLength(1)),
  owasp: z.optional(z.array(text)),
  severity,
  confidence,
  /** Languages it reads (`languageOf` in the scanner); absent means every file the engine wants. */
  languages: z.optional(z.array(text)),
  /** `{title}` in it stands for the title. */
  message: text,
  /** Why it matters, one sentence for somebody who never heard of it. */
  why: text,
  fix: text,
  references: z.optional(z.array(text)),
  /** At least one must occur in a file (ASCII case ignored), else the rule never sees it. Absent: always active. */
  keywords: z.optional(z.array(z.string().check(z.minLength(2)))),
  match: z.record(z.string(), z.unknown()),
  samples: z.optional(z.strictObject({ match: z.array(matchSample), 'no-match': z.array(noMatchSample) })),
});
export type Rule = z.infer<typeof rule>;

/**
 * A rule file: `defaults` are fields that its rules share. `filters` are suppressions of secret rules, read by
 * `parseFilters` of `@ambit/core/detect`.
 */
const ruleFile = z.strictObject({
  defaults: z.optional(z.record(z.string(), z.unknown())),
  rules: z._default(z.array(z.record(z.string(), z.unknown())), []),
  filters: z.optional(z.array(z.unknown())),
});

function broken(where: string, error: z.core.$ZodError): AmbitError {
  const issues = error.issues.map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? `unknown field \`${issue.keys.join('`, `')}\`` : issue.message;
    return `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${keys}`;
  });
  return new AmbitError('input.broken', `the rule is not valid: ${issues.join('; ')}`, {
    where,
    hint: 'fields and recipes of rules: docs/guides/scan.md',
  });
}

/**
 * Reads rule files as parsed from YAML or JSON. Unknown fields, doubled ids and a `match` block its engine refuses are
 * errors. `schemas` maps engine names to their `match` schemas; engines not in it are not checked here.
 */
export function parseRules(
  files: readonly { file: string; data: unknown }[],
  schemas: Partial<Record<EngineName, z.ZodMiniType>> = {},
): Rule[] {
  const rules = new Map<string, Rule>();
  for (const { file, data } of files) {
    const parsed = ruleFile.safeParse(data);
    if (!parsed.success) throw broken(file, parsed.error);
    for (const [index, entry] of parsed.data.rules.entries()) {
      const name = typeof entry['id'] === 'string' ? entry['id'] : `#${index + 1}`;
      const one = rule.safeParse({ ...parsed.data.defaults, ...entry });
      if (!one.success) throw broken(`${file} ${name}`, one.error);
      const block = schemas[one.data.engine]?.safeParse(one.data.match);
      if (block && !block.success) throw broken(`${file} ${name} match`, block.error);
      if (rules.has(one.data.id))
        throw new AmbitError('input.broken', `the rule id \`${name}\` is used twice`, { where: file });
      rules.set(one.data.id, { ...one.data, message: one.data.message.replaceAll('{title}', one.data.title) });
    }
  }
  return [...rules.values()];
}
