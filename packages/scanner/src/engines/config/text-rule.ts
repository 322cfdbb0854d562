import type { Rule } from '@ambit/core/catalog';
import picomatch from 'picomatch';
import type { RawFinding } from '../../engine.ts';
import { expandBraces } from '../flow/pattern.ts';
import { lineAt } from '../pattern/pattern.ts';
import type { TextMatch } from './match-schema.ts';

export type PathTest = (path: string) => boolean;

/** Makes path tests; rules that share their globs share one test, which remembers the path it saw last. */
export interface PathTests {
  /** Tests a path against globs; `otherwise` where there are none. */
  of(globs: readonly string[] | undefined, otherwise: boolean): PathTest;
}

/** Shorter ones are in most paths. */
const LEAST = 3;

/** Finds the longest plain part of one of the globs in a path, in which it must be; undefined where one has none. */
function plainParts(globs: readonly string[]): RegExp | undefined {
  const parts = globs.flatMap(expandBraces).map((glob) => {
    const runs = /[!()[\]\\{}]/.test(glob) ? [] : (glob.match(/[\w./-]+/g) ?? []);
    const plain = runs.map((run) => run.replaceAll(/^\/+|\/+$/g, ''));
    return plain.reduce((best, run) => (run.length > best.length ? run : best), '');
  });
  if (parts.some((part) => part.length < LEAST)) return undefined;
  return new RegExp([...new Set(parts)].map((part) => part.replaceAll('.', '\\.')).join('|'), 'i');
}

export function createPathTests(): PathTests {
  const known = new Map<string, PathTest>();
  const make = (globs: readonly string[]): PathTest => {
    const test = picomatch([...globs], { dot: true, nocase: true });
    const parts = plainParts(globs);
    let last = { path: '', verdict: false };
    return (path) => {
      if (last.path !== path) last = { path, verdict: parts?.test(path) !== false && test(path) };
      return last.verdict;
    };
  };
  return {
    of: (globs, otherwise) => {
      if (!globs) return () => otherwise;
      const key = globs.join('\0');
      const test = known.get(key) ?? make(globs);
      known.set(key, test);
      return test;
    },
  };
}

export interface TextRule {
  rule: Rule;
  wants: PathTest;
  run: (text: string, starts: () => readonly number[]) => RawFinding[];
}

const commentStart = /^\s*(?:\/\/|#(?!include|define)|\*|\/\*|<!--|--|;)/;

/** Places of one text that one rule may report: more are noise, and each costs. */
const PLACES_MAX = 200;

interface Context {
  requires: RegExp[];
  unless: RegExp[];
  near: RegExp[];
  notNear: RegExp[];
}

function contextOf(match: TextMatch): Context {
  const all = (list: readonly string[] | undefined) => (list ?? []).map((text) => new RegExp(text, 'im'));
  return {
    requires: all(match.requires),
    unless: all(match.unless),
    near: all(match.near),
    notNear: all(match['not-near']),
  };
}

/** What `--fix` makes of a match. */
function repairOf({ replace }: TextMatch): ((text: string) => string) | undefined {
  if (!replace) return undefined;
  const regex = new RegExp(replace.regex, 'gi');
  return (text) => text.replaceAll(regex, replace.by);
}

export function compileText(rule: Rule, match: TextMatch, paths: PathTests): TextRule {
  const regex = new RegExp(match.regex, match.ignoreCase ? 'gim' : 'gm');
  const { requires, unless, near, notNear } = contextOf(match);
  const within = match.within ?? 0;
  const repair = repairOf(match);
  const run: TextRule['run'] = (text, starts) => {
    if (requires.length > 0 && !requires.some((one) => one.test(text))) return [];
    if (unless.some((one) => one.test(text))) return [];
    const found: RawFinding[] = [];
    for (const hit of text.matchAll(regex)) {
      if (found.length >= PLACES_MAX) break;
      const line = lineAt(starts(), hit.index);
      const endLine = lineAt(starts(), hit.index + Math.max(0, hit[0].length - 1));
      const from = starts()[Math.max(0, line - 1 - within)] ?? 0;
      const around = text.slice(from, starts()[endLine + within] ?? text.length);
      if (!match.comments && commentStart.test(text.slice(starts()[line - 1] ?? 0, hit.index + 3))) continue;
      if (near.length > 0 && !near.some((one) => one.test(around))) continue;
      if (notNear.some((one) => one.test(around))) continue;
      const edits = repair && [{ start: hit.index, end: hit.index + hit[0].length, text: repair(hit[0]) }];
      found.push({ ruleId: rule.id, line, endLine, ...(edits ? { edits } : {}) });
    }
    return found;
  };
  const wanted = paths.of(match.files, true);
  const refused = paths.of(match['not-files'], false);
  return { rule, wants: (path) => wanted(path) && !refused(path), run };
}
