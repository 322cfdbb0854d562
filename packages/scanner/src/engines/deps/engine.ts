import type { Rule } from '@ambit/core/catalog';
import * as z from 'zod/mini';
import type { CompiledEngine, Engine, RawFinding } from '../../engine.ts';
import { type Package, readerOf } from './packages.ts';
import { imitated } from './typosquat.ts';
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
]);
type DepsMatch = z.infer<typeof depsMatch>;

interface Facts {
  manifest: boolean;
  dependencies: number;
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
    case 'typosquat':
      return (one) => {
        const like = one.ecosystem === match.ecosystem ? imitated(one.name, match.known, one.ecosystem) : undefined;
        return like && `\`${one.name}\` looks like \`${like}\`, and is another package`;
      };
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
        !one.locked &&
        one.source === undefined &&
        /^(?:\*|latest|x|>=?\s*\d[\d.]*)?$/.test(one.version) &&
        one.version !== ''
          ? `\`${one.name}\` may be of any version: \`${one.version}\``
          : undefined;
    default:
      return () => undefined;
  }
}

/** Scripts of the project's own manifest that run whenever somebody installs it. */
function lifecycle(rule: Rule, regex: RegExp, content: string): RawFinding[] {
  return content.split('\n').flatMap((line, index) => {
    const script = /^\s*"(?:pre|post)?install"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
    return script !== undefined && regex.test(script) ? [{ ruleId: rule.id, line: index + 1, endLine: index + 1 }] : [];
  });
}

function checkPackages(rule: Rule, check: Check, packages: readonly Package[]): RawFinding[] {
  return packages.flatMap((one) => {
    const said = check(one);
    if (said === undefined) return [];
    const message = said === true ? `${rule.message}: \`${one.name}\` ${one.version}` : said;
    return [{ ruleId: rule.id, line: one.line, endLine: one.line, message }];
  });
}

const lockNames = ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb'];

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

function compile(rules: readonly Rule[]): CompiledEngine<Facts> {
  const compiled = rules.map((rule) => {
    const match = depsMatch.parse(rule.match);
    return { rule, match, check: checkOf(match) };
  });
  const scanFile: CompiledEngine<Facts>['scanFile'] = (file) => {
    const read = readerOf(file.path);
    if (!read) return { findings: [] };
    const packages = read(file.text);
    const findings = compiled.flatMap(({ rule, match, check }) =>
      match.check === 'lifecycle' && file.path.endsWith('package.json')
        ? lifecycle(rule, new RegExp(match.regex, 'i'), file.text)
        : checkPackages(rule, check, packages),
    );
    const manifest = file.path.endsWith('package.json');
    return { findings, facts: { manifest, dependencies: packages.length } };
  };
  const conclude: CompiledEngine<Facts>['conclude'] = (facts, project) => {
    const paths = new Set(project.paths);
    const open = [...facts].filter(([path, fact]) => fact.manifest && fact.dependencies > 0 && !isLocked(path, paths));
    const findings = compiled
      .filter(({ match }) => match.check === 'no-lockfile')
      .flatMap(({ rule }) => open.map(([file]) => ({ ruleId: rule.id, file, line: 1, endLine: 1 })));
    return { findings, gaps: [] };
  };
  return { wants: (path) => readerOf(path) !== undefined, scanFile, conclude };
}

/** Packages that a project brings in. */
export const depsEngine: Engine<Facts> = { name: 'deps', matchSchema: depsMatch, compile };
