import { AmbitError } from '@ambit/core/errors';
import { pathMatcher } from '@ambit/core/policy-model';
import * as z from 'zod/mini';

type Matcher = (path: string) => boolean;

/** What reviewers look for, as data: `catalog/review/*.yaml`. */
export interface ReviewCues {
  derived: { id: string; matches: Matcher; reason: string }[];
  tests: { id: string; matches: Matcher; case: RegExp; skip: RegExp; check: RegExp }[];
  protections: { id: string; flag: 'removed-validation' | 'access-change'; title: string; match: RegExp }[];
  /** Lines that make a file do something by itself, or keep a check from failing: flagged where there are more of them. */
  additions: { id: string; flag: 'runs-by-itself' | 'weakened-test'; title: string; matches: Matcher; match: RegExp }[];
  /** How a project's own tests are started, in order of preference. */
  runners: { id: string; file: string; has: RegExp; command: string }[];
  /** How reports name a test that failed. */
  failures: RegExp[];
  manifests: {
    id: string;
    matches: Matcher;
    form: 'package-json' | 'lines';
    name?: RegExp;
    except: ReadonlySet<string>;
  }[];
}

const globs = z.array(z.string());
const pairs = z.optional(z.strictObject({ match: z.array(z.string()), noMatch: z.array(z.string()) }));
const testSample = z.strictObject({ file: z.string(), case: z.string(), skip: z.string(), check: z.string() });

const derived = z.strictObject({ id: z.string(), match: globs, reason: z.string(), samples: pairs });
const tests = z.strictObject({
  id: z.string(),
  files: globs,
  case: z.string(),
  skip: z.string(),
  check: z.string(),
  samples: z.optional(z.strictObject({ match: z.array(testSample), noMatch: z.array(testSample) })),
});
const protectionCues = z.strictObject({
  id: z.string(),
  flag: z.enum(['removed-validation', 'access-change']),
  title: z.string(),
  match: z.string(),
  ignoreCase: z.optional(z.boolean()),
  samples: pairs,
});
const textSample = z.strictObject({ file: z.string(), text: z.string() });
const additions = z.strictObject({
  id: z.string(),
  flag: z.enum(['runs-by-itself', 'weakened-test']),
  title: z.string(),
  files: globs,
  match: z.string(),
  samples: z.optional(z.strictObject({ match: z.array(textSample), noMatch: z.array(textSample) })),
});
const manifests = z.strictObject({
  id: z.string(),
  files: globs,
  form: z.enum(['package-json', 'lines']),
  name: z.optional(z.string()),
  except: z.optional(z.array(z.string())),
  samples: z.optional(
    z.array(z.strictObject({ file: z.string(), before: z.string(), after: z.string(), names: z.array(z.string()) })),
  ),
});

const runners = z.strictObject({
  id: z.string(),
  file: z.string(),
  has: z.string(),
  command: z.string(),
  samples: pairs,
});

const failures = z.strictObject({ id: z.string(), match: z.string(), samples: pairs });

/** One file of `catalog/review`. */
export const cueFile = z.strictObject({
  derived: z.optional(z.array(derived)),
  tests: z.optional(z.array(tests)),
  runners: z.optional(z.array(runners)),
  failures: z.optional(z.array(failures)),
  protections: z.optional(z.array(protectionCues)),
  additions: z.optional(z.array(additions)),
  manifests: z.optional(z.array(manifests)),
});

function anyOf(patterns: readonly string[]): Matcher {
  const matchers = patterns.map(pathMatcher);
  return (path) => matchers.some((matches) => matches(path));
}

/** Reads the cues; a broken file stops everything, since a review without them would hide things. */
export function readReviewCues(files: readonly { file: string; data: unknown }[]): ReviewCues {
  const cues: ReviewCues = {
    derived: [],
    tests: [],
    protections: [],
    additions: [],
    runners: [],
    failures: [],
    manifests: [],
  };
  for (const { file, data } of files) {
    const parsed = z.safeParse(cueFile, data);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new AmbitError('input.broken', `not a list of review cues: ${issue?.path.join('.')} ${issue?.message}`, {
        where: file,
      });
    }
    for (const { id, match, reason } of parsed.data.derived ?? [])
      cues.derived.push({ id, matches: anyOf(match), reason });
    for (const one of parsed.data.tests ?? [])
      cues.tests.push({
        id: one.id,
        matches: anyOf(one.files),
        case: new RegExp(one.case, 'gm'),
        skip: new RegExp(one.skip, 'gm'),
        check: new RegExp(one.check, 'gm'),
      });
    for (const { id, file: name, has, command } of parsed.data.runners ?? [])
      cues.runners.push({ id, file: name, has: new RegExp(has, 'm'), command });
    for (const { match } of parsed.data.failures ?? []) cues.failures.push(new RegExp(match, 'gm'));
    for (const { id, flag, title, match, ignoreCase } of parsed.data.protections ?? [])
      cues.protections.push({ id, flag, title, match: new RegExp(match, ignoreCase ? 'gi' : 'g') });
    for (const { id, flag, title, files: patterns, match } of parsed.data.additions ?? [])
      cues.additions.push({ id, flag, title, matches: anyOf(patterns), match: new RegExp(match, 'gm') });
    for (const { id, files: patterns, form, name, except } of parsed.data.manifests ?? [])
      cues.manifests.push({
        id,
        matches: anyOf(patterns),
        form,
        ...(name === undefined ? {} : { name: new RegExp(name, 'gm') }),
        except: new Set(except),
      });
  }
  return cues;
}
