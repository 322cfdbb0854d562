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

function npmFlags({ path, before, after }: TextChange): Flag[] {
  const old = packageNames(before);
  const flags: Flag[] = [];
  for (const [name, version] of packageNames(after)) {
    if (!old.has(name)) flags.push({ code: 'new-dependency', path, reason: `new dependency \`${name}\` (${version})` });
    else if (old.get(name) !== version && elsewhere.test(version))
      flags.push({ code: 'new-dependency', path, reason: `\`${name}\` now comes from ${version}` });
  }
  const scripts = (text: string): string => {
    try {
      const parsed = JSON.parse(text || '{}') as { scripts?: Record<string, string> };
      return JSON.stringify(
        Object.entries(parsed.scripts ?? {}).filter(([name]) => /install$|^prepare|publish/.test(name)),
      );
    } catch {
      return '';
    }
  };
  if (scripts(before || '{}') !== scripts(after || '{}'))
    flags.push({ code: 'new-dependency', path, reason: 'a script that package programs run by themselves changed' });
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
