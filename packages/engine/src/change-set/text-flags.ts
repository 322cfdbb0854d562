import { findInvisible } from '@ambit/core/text';
import type { Flag } from './change-set.ts';
import type { ReviewCues } from './cues.ts';

/** One text file of a change, both sides; an absent side is empty. */
export interface TextChange {
  path: string;
  kind: 'created' | 'modified' | 'deleted';
  before: string;
  after: string;
}

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

function packageNames(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let parsed: unknown;
  try {
    parsed = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    return found;
  }
  if (parsed === null || typeof parsed !== 'object') return found;
  for (const [key, list] of Object.entries(parsed)) {
    if (!/dependencies$|^overrides$|^resolutions$/i.test(key) || list === null || typeof list !== 'object') continue;
    for (const [name, version] of Object.entries(list)) found.set(name, String(version));
  }
  return found;
}

const elsewhere = /^(?:git(?:\+\w+)?|https?|file|link|github|gitlab|bitbucket|ssh|npm):|^[\w-]+\/[\w.-]+(?:#|$)/;

interface Manifest {
  scripts?: Record<string, string>;
  [key: string]: unknown;
}

function manifestOf(text: string): Manifest {
  try {
    const parsed: unknown = JSON.parse(text.trim() || '{}');
    return parsed !== null && typeof parsed === 'object' ? (parsed as Manifest) : {};
  } catch {
    return {};
  }
}

/** Keys under which package programs and hook runners find what they start, beside the scripts of installing. */
const obeyedKeys = [
  'packageManager',
  'devEngines',
  'simple-git-hooks',
  'husky',
  'lint-staged',
  'pre-commit',
  'pre-push',
  'gitHooks',
  'ghooks',
  'config',
  'gypfile',
  'pnpm',
  'trustedDependencies',
];

function obeyed(manifest: Manifest): string {
  const scripts = Object.entries(manifest.scripts ?? {}).filter(([name]) => /install$|^prepare|publish/.test(name));
  return JSON.stringify([scripts, obeyedKeys.map((key) => manifest[key] ?? null)]);
}

/** Scripts whose exit code is evidence. */
const checking = /^(?:test|lint|check|typecheck|types|verify|validate|ci|e2e|audit)\b/;
/** A line that ends well whatever it ran. */
const toothless =
  /^\s*(?:true|:|exit 0|echo\b[^&|;]*)\s*$|(?:\|\||;)\s*(?:true|:|exit 0|echo\b[^&|;]*)\s*$|--passWithNoTests\b/;

function npmFlags({ path, before, after }: TextChange): Flag[] {
  const old = packageNames(before);
  const flags: Flag[] = [];
  for (const [name, version] of packageNames(after)) {
    if (!old.has(name)) flags.push({ code: 'new-dependency', path, reason: `new dependency \`${name}\` (${version})` });
    else if (old.get(name) !== version && elsewhere.test(version))
      flags.push({ code: 'new-dependency', path, reason: `\`${name}\` now comes from ${version}` });
  }
  const [was, now] = [manifestOf(before), manifestOf(after)];
  if (obeyed(was) !== obeyed(now))
    flags.push({ code: 'runs-by-itself', path, reason: 'what package programs run or obey by themselves changed' });
  for (const [name, line] of Object.entries(was.scripts ?? {})) {
    const fresh = now.scripts?.[name];
    if (
      !checking.test(name) ||
      fresh === line ||
      (fresh !== undefined && (!toothless.test(fresh) || toothless.test(line)))
    )
      continue;
    const reason = `the script \`${name}\` ${fresh === undefined ? 'is gone' : 'can no longer fail'}`;
    flags.push({ code: 'weakened-test', path, reason });
  }
  return flags;
}

function namesIn(text: string, pattern: RegExp, except: ReadonlySet<string>): Set<string> {
  const names = [...text.matchAll(pattern)].map((match) => match.slice(1).find((group) => group !== undefined) ?? '');
  return new Set(names.filter((name) => name !== '' && !except.has(name)));
}

/** Dependencies that were not named before. */
export function dependencyFlags(change: TextChange, cues: ReviewCues): Flag[] {
  return cues.manifests
    .filter((manifest) => manifest.matches(change.path))
    .flatMap((manifest) => {
      if (manifest.form === 'package-json') return npmFlags(change);
      if (!manifest.name) return [];
      const old = namesIn(change.before, manifest.name, manifest.except);
      return [...namesIn(change.after, manifest.name, manifest.except)]
        .filter((name) => !old.has(name))
        .map((name): Flag => ({ code: 'new-dependency', path: change.path, reason: `new dependency \`${name}\`` }));
    });
}

/** Lines that say where other files are: they change when a file moves. */
const importing = /^.*\b(?:import|export|require|from|include|use|mod)\b.*$/gm;
const movable = (text: string) => text.replaceAll(importing, '').replaceAll(/\s+/g, ' ').trim();

/**
 * Deleted tests that stand elsewhere in the same change, where tests are looked for: they were moved. What is imported may
 * have another name; all the rest but names is as it was, so that no check was lost on the way.
 */
export function movedTests(texts: readonly TextChange[], cues: ReviewCues): Set<string> {
  const cueOf = ({ path }: TextChange) => cues.tests.find((cue) => cue.matches(path));
  const made = texts.filter((text) => text.kind === 'created' && cueOf(text));
  const gone = texts.filter((old) => {
    const cue = cueOf(old);
    if (old.kind !== 'deleted' || !cue) return false;
    const same = (after: string) =>
      [cue.case, cue.skip, cue.check].every((pattern) => count(old.before, pattern) === count(after, pattern));
    return made.some(({ after }) => same(after) && isRenaming(movable(old.before), movable(after)));
  });
  return new Set(gone.map(({ path }) => path));
}

/** Whether two texts differ by names alone, each replaced by one other. */
function isRenaming(before: string, after: string): boolean {
  const parts = (text: string): string[] => text.match(/[A-Za-z_$][\w$]*|[^A-Za-z_$]+/g) ?? [];
  const [old, fresh] = [parts(before), parts(after)];
  if (old.length !== fresh.length) return false;
  const names = new Map<string, string>();
  for (const [i, part] of old.entries()) {
    const now = fresh[i] ?? '';
    if (now === part) continue;
    if ((names.get(part) ?? now) !== now || !/^[A-Za-z_$]/.test(part) || !/^[A-Za-z_$]/.test(now)) return false;
    names.set(part, now);
  }
  // At most a few names, none that the test used already: what replaced more, or by another of its own, is another test.
  return names.size <= 3 && [...names.values()].every((now) => !old.includes(now));
}

/** Tests that are gone, fewer, switched off, or check less. */
export function testFlags(change: TextChange, cues: ReviewCues): Flag[] {
  const { path, kind, before, after } = change;
  const cue = cues.tests.find((one) => one.matches(path));
  if (!cue || kind === 'created') return [];
  const cases = count(before, cue.case) - count(after, cue.case);
  if (kind === 'deleted') {
    if (count(before, cue.case) === 0 && count(before, cue.check) === 0) return [];
    return [{ code: 'removed-test', path, reason: `a test file with ${count(before, cue.case)} tests was deleted` }];
  }
  const flags: Flag[] = [];
  if (cases > 0) flags.push({ code: 'removed-test', path, reason: `${cases} fewer tests than before` });
  const skipped = count(after, cue.skip) - count(before, cue.skip);
  if (skipped > 0) flags.push({ code: 'weakened-test', path, reason: `${skipped} tests were switched off` });
  const checks = count(before, cue.check) - count(after, cue.check);
  if (checks > 0 && cases <= 0)
    flags.push({ code: 'weakened-test', path, reason: `${checks} fewer checks in its tests than before` });
  return flags;
}

/** Fewer input checks or access checks than before, in a file that is no test. */
export function protectionFlags(change: TextChange, cues: ReviewCues): Flag[] {
  const { path, kind, before, after } = change;
  if (kind === 'created' || cues.tests.some((one) => one.matches(path))) return [];
  return cues.protections.flatMap((cue): Flag[] => {
    const fewer = count(before, cue.match) - count(after, cue.match);
    if (fewer <= 0) return [];
    const line = before
      .slice(0, before.search(new RegExp(cue.match, cue.match.flags.replace('g', ''))))
      .split('\n').length;
    const reason = `${fewer} ${fewer === 1 ? 'place' : 'places'} fewer than before with ${cue.title}`;
    return [{ code: cue.flag, path, line, reason, rule: cue.id }];
  });
}

/** Lines that run programs by themselves, or that keep a check from failing, where there are more of them than before. */
export function additionFlags({ path, kind, before, after }: TextChange, cues: ReviewCues): Flag[] {
  if (kind === 'deleted') return [];
  return cues.additions.flatMap((cue): Flag[] => {
    if (!cue.matches(path)) return [];
    const old = new Set([...before.matchAll(cue.match)].map(([text]) => text));
    const more = count(after, cue.match) > count(before, cue.match);
    const fresh = [...after.matchAll(cue.match)].findLast(([text]) => more || !old.has(text));
    if (!fresh) return [];
    const line = after.slice(0, fresh.index).split('\n').length;
    return [{ code: cue.flag, path, line, reason: cue.title, rule: cue.id }];
  });
}

/** Characters a reviewer would not see, where they were not before (C14). */
export function invisibleFlags({ path, before, after }: TextChange): Flag[] {
  const old = new Set(findInvisible(before).map((one) => one.name));
  const fresh = findInvisible(after).filter((one) => !old.has(one.name));
  const [first] = fresh;
  if (!first) return [];
  const line = after.slice(0, first.start).split('\n').length;
  const names = [...new Set(fresh.map((one) => one.name))].slice(0, 5).join(', ');
  return [{ code: 'invisible-characters', path, line, reason: `characters that a reader does not see: ${names}` }];
}
