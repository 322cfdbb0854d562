import type { Rule } from '@ambit/core/catalog';
import * as z from 'zod/mini';
import type { CompiledEngine, Engine, Gap, RawFinding } from '../../engine.ts';
import { knownVulnerabilities, type Pinned, pinnedOf } from './known.ts';
import { type Package, readerOf } from './packages.ts';
import { imitated, knownNames } from './typosquat.ts';
import { unreadPart } from './unread.ts';
import { isAffected } from './versions.ts';

const name = z.string().check(z.minLength(1));
const ecosystem = z.enum(['npm', 'PyPI']);

const range = z.strictObject({
  introduced: z.string(),
  fixed: z.optional(z.string()),
  lastAffected: z.optional(z.string()),
});

/** The `match` block of rules of the deps engine. */
export const depsMatch = z.discriminatedUnion('check', [
  z.strictObject({
    check: z.literal('advisory'),
    packages: z.array(z.strictObject({ ecosystem, name, ranges: z.array(range) })).check(z.minLength(1)),
  }),
  /** Packages that were made to harm, whatever their version, or in the listed ones. */
  z.strictObject({
    check: z.literal('malicious'),
    packages: z.array(z.strictObject({ ecosystem, name, versions: z.optional(z.array(z.string())) })),
  }),
  z.strictObject({ check: z.literal('typosquat'), ecosystem, known: z.array(name) }),
  z.strictObject({ check: z.literal('source'), insecure: z.boolean() }),
  z.strictObject({ check: z.literal('install-script'), allowed: z.array(name) }),
  z.strictObject({ check: z.literal('unhashed') }),
  z.strictObject({ check: z.literal('any-version') }),
  z.strictObject({ check: z.literal('lifecycle'), regex: z.string() }),
  z.strictObject({ check: z.literal('no-lockfile') }),
  /** Fetched from an address that names another package. */
  z.strictObject({ check: z.literal('other-name') }),
  /** In the manifest and not in the lockfile beside it. */
  z.strictObject({ check: z.literal('not-in-lockfile') }),
  /** In the user's advisory database, which only the scan as a whole can ask. */
  z.strictObject({ check: z.literal('known-vulnerability') }),
]);
type DepsMatch = z.infer<typeof depsMatch>;

interface Facts {
  manifest: boolean;
  dependencies: number;
  /** Of a manifest: what must stand in the lockfile, with its line. */
  wanted?: [name: string, line: number][];
  /** Of a lockfile: the names in it. */
  locked?: string[];
  pinned?: Pinned;
}

type Check = (one: Package) => string | undefined | true;

const normal = ({ ecosystem: system, name: text }: { ecosystem: string; name: string }) =>
  `${system}\0${system === 'PyPI' ? text.toLowerCase().replaceAll(/[-_.]+/g, '-') : text}`;

function advisoryCheck(match: Extract<DepsMatch, { check: 'advisory' }>): Check {
  const known = new Map<string, z.infer<typeof range>[]>();
  for (const one of match.packages) known.set(normal(one), [...(known.get(normal(one)) ?? []), ...one.ranges]);
  return (one) => {
    const ranges = known.get(normal(one));
    if (!ranges || !one.locked || !/^\d/.test(one.version) || !isAffected(one.version, ranges)) return undefined;
    const fixed = ranges.find((each) => each.fixed !== undefined && isAffected(one.version, [each]))?.fixed;
    return `\`${one.name}\` ${one.version} has a known flaw${fixed === undefined ? '' : `, repaired in ${fixed}`}`;
  };
}

/** A range without an upper end; on PyPI no range at all is one too. */
function isAnyVersion({ version, ecosystem: system }: Package): boolean {
  return version === '' ? system === 'PyPI' : /^(?:\*|latest|x|>=?\s*\d[\d.]*)$/.test(version);
}

/** The question that a rule asks of every package; `lifecycle` and `no-lockfile` ask the file or the project. */
function checkOf(match: DepsMatch): Check {
  switch (match.check) {
    case 'advisory':
      return advisoryCheck(match);
    case 'malicious': {
      const known = new Map(match.packages.map((one) => [normal(one), one.versions]));
      return (one) => {
        if (!known.has(normal(one))) return undefined;
        const versions = known.get(normal(one));
        return versions === undefined || versions.includes(one.version) || undefined;
      };
    }
    case 'typosquat': {
      const known = knownNames(match.known);
      return (one) => {
        const like = one.ecosystem === match.ecosystem ? imitated(one.name, known, one.ecosystem) : undefined;
        return like && `\`${one.name}\` looks like \`${like}\`, and is another package`;
      };
    }
    case 'source':
      return ({ source, name: text }) => {
        if (source === undefined) return undefined;
        const insecure = /^(?:http|git):\/\/|^git\+http:/.test(source);
        const pinned = /[#@][0-9a-f]{40}\b/.test(source);
        if (insecure !== match.insecure || (pinned && !insecure) || source.startsWith('file:')) return undefined;
        return `\`${text}\` comes from ${source.slice(0, 120)}`;
      };
    case 'install-script': {
      const allowed = new Set(match.allowed);
      return (one) =>
        one.installScript && !allowed.has(one.name) ? `\`${one.name}\` runs a script when it is installed` : undefined;
    }
    case 'unhashed':
      return (one) =>
        one.locked && one.ecosystem === 'npm' && one.integrity === false && one.source === undefined
          ? `\`${one.name}\` has no hash`
          : undefined;
    case 'any-version':
      return (one) =>
        !one.locked && !one.peer && one.source === undefined && isAnyVersion(one)
          ? `\`${one.name}\` may be of any version${one.version === '' ? '' : `: \`${one.version}\``}`
          : undefined;
    case 'other-name':
      return (one) =>
        one.fetched === undefined ? undefined : `\`${one.name}\` is fetched from the address of \`${one.fetched}\``;
    default:
      return () => undefined;
  }
}

interface Compiled {
  rule: Rule;
  match: DepsMatch;
  check: Check;
}

/** Scripts of the project's own manifest that run whenever somebody installs it. */
function lifecycle(rule: Rule, regex: RegExp, content: string): RawFinding[] {
  const found: RawFinding[] = [];
  content.split('\n').forEach((line, index) => {
    for (const [, script = ''] of line.matchAll(/"(?:pre|post)?(?:install|prepare)"\s*:\s*"((?:[^"\\]|\\.)*)"/g))
      if (regex.test(script)) found.push({ ruleId: rule.id, line: index + 1, endLine: index + 1 });
  });
  return found;
}

function checkPackages({ rule, match, check }: Compiled, packages: readonly Package[]): RawFinding[] {
  // Where another place says what a package comes from, its version is not open.
  const sourced = new Set(packages.filter(({ source }) => source !== undefined).map(({ name }) => name));
  return packages.flatMap((one) => {
    if (match.check === 'any-version' && sourced.has(one.name)) return [];
    const said = check(one);
    if (said === undefined) return [];
    const message = said === true ? `${rule.message}: \`${one.name}\` ${one.version}` : said;
    return [{ ruleId: rule.id, line: one.line, endLine: one.line, message }];
  });
}

const lockNames = ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb'];

/** Manifests of what is copied or tried, not installed as it is. */
const COPIED = /(?:^|\/)(?:tests?|fixtures?|templates?|examples?|samples?|__\w+__)\//;

/** A manifest is locked by a file beside it or above it, as in a workspace. */
function isLocked(path: string, paths: ReadonlySet<string>): boolean {
  const parts = path.split('/').slice(0, -1);
  for (let depth = parts.length; depth >= 0; depth -= 1) {
    const base = parts
      .slice(0, depth)
      .map((part) => `${part}/`)
      .join('');
    if (lockNames.some((lock) => paths.has(base + lock))) return true;
  }
  return false;
}

/** Folders from that of a file up to the root, each with its slash. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return [...parts.map((_, depth) => `${parts.slice(0, parts.length - depth).join('/')}/`), ''];
}

function factsOf(path: string, packages: readonly Package[]): Facts {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const facts: Facts = { manifest: name === 'package.json', dependencies: packages.length };
  const pinned = pinnedOf(packages);
  if (pinned) facts.pinned = pinned;
  if (lockNames.includes(name)) facts.locked = [...new Set(packages.map((one) => one.name))];
  if (facts.manifest)
    facts.wanted = packages
      .filter(({ version, peer }) => !peer && !/^(?:workspace|file|link|portal|npm|catalog):/.test(version))
      .map((one) => [one.name, one.line]);
  return facts;
}

function missingInLock(rule: Rule, facts: ReadonlyMap<string, Facts>): RawFinding[] {
  return [...facts].flatMap(([file, { wanted }]) => {
    const lock = foldersOf(file)
      .flatMap((folder) => lockNames.map((lockName) => facts.get(folder + lockName)?.locked))
      .find((names) => names !== undefined && names.length > 0);
    if (!wanted || !lock) return [];
    const names = new Set(lock);
    return wanted
      .filter(([name]) => !names.has(name))
      .map(([name, line]) => ({
        ruleId: rule.id,
        file,
        line,
        endLine: line,
        message: `\`${name}\` is not in the lockfile`,
      }));
  });
}

function compile(rules: readonly Rule[]): CompiledEngine<Facts> {
  const compiled = rules.map((rule): Compiled => {
    const match = depsMatch.parse(rule.match);
    return { rule, match, check: checkOf(match) };
  });
  const scanFile: CompiledEngine<Facts>['scanFile'] = (file) => {
    const read = readerOf(file.path);
    if (!read) return { findings: [] };
    const packages = read(file.text);
    const findings = compiled.flatMap((one) =>
      one.match.check === 'lifecycle' && file.path.endsWith('package.json')
        ? lifecycle(one.rule, new RegExp(one.match.regex, 'i'), file.text)
        : checkPackages(one, packages),
    );
    const unread = unreadPart(file.path, file.text);
    const gaps = unread === undefined ? [] : [{ file: file.path, reason: `it cannot be read to the end: ${unread}` }];
    return { findings, facts: factsOf(file.path, packages), gaps };
  };
  const conclude: CompiledEngine<Facts>['conclude'] = (facts, project) => {
    const paths = new Set(project.paths);
    const open = [...facts].filter(
      ([path, fact]) => fact.manifest && fact.dependencies > 0 && !COPIED.test(path) && !isLocked(path, paths),
    );
    const findings: RawFinding[] = compiled
      .filter(({ match }) => match.check === 'no-lockfile')
      .flatMap(({ rule }) => open.map(([file]) => ({ ruleId: rule.id, file, line: 1, endLine: 1 })));
    for (const { rule, match } of compiled)
      if (match.check === 'not-in-lockfile') findings.push(...missingInLock(rule, facts));
    const gaps: Gap[] = [];
    const pinned = [...facts].map(([path, fact]) => [path, fact.pinned] as [string, Pinned | undefined]);
    for (const { rule, match } of compiled)
      if (match.check === 'known-vulnerability' && project.advisories) {
        const known = knownVulnerabilities(rule.id, pinned, project.advisories);
        findings.push(...known.findings);
        gaps.push(...known.gaps);
      }
    return { findings, gaps };
  };
  return { wants: (path) => readerOf(path) !== undefined, scanFile, conclude };
}

/** Packages that a project brings in. */
export const depsEngine: Engine<Facts> = { name: 'deps', matchSchema: depsMatch, compile };
