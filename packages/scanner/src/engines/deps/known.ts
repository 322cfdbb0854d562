import type { Severity } from '@ambit/core/catalog';
import type { Gap, RawFinding } from '../../engine.ts';
import { type Ecosystem, isVersion, plainName } from './order.ts';
import { type Advisory, affects, fixedIn, type KnownAdvisories } from './osv.ts';
import type { Package } from './packages.ts';

/** Packages that a lockfile pins to a version from a registry. */
export interface Pinned {
  ecosystem: Ecosystem;
  packages: [name: string, version: string, line: number][];
}

/** The pinned packages of a file; none where it pins nothing. Those from elsewhere have no advisories. */
export function pinnedOf(packages: readonly Package[]): Pinned | undefined {
  const pinned = packages.filter(
    ({ locked, source, version, name, ecosystem }) =>
      locked && source === undefined && name !== '' && isVersion(ecosystem, version),
  );
  const [first] = pinned;
  if (!first) return undefined;
  return { ecosystem: first.ecosystem, packages: pinned.map(({ name, version, line }) => [name, version, line]) };
}

/** An older database does not know what became known since. */
const freshDays = 7;
const day = 86_400_000;
const advice = 'ambit scan --update-advisories';

/** Names that a scan must know about, by ecosystem. */
export function pinnedNames(facts: Iterable<unknown>): Map<Ecosystem, Set<string>> {
  const names = new Map<Ecosystem, Set<string>>();
  for (const fact of facts) {
    const pinned = (fact as { pinned?: Pinned } | undefined)?.pinned;
    if (!pinned) continue;
    const { ecosystem, packages } = pinned;
    const set = names.get(ecosystem) ?? new Set();
    for (const [name] of packages) set.add(plainName(ecosystem, name));
    names.set(ecosystem, set);
  }
  return names;
}

const order: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

/** One flaw has many names: those that share an id or an alias are one, told by the one that says most. */
function merged(advisories: readonly Advisory[], version: string): Advisory[] {
  const groups: { ids: Set<string>; members: Advisory[] }[] = [];
  for (const one of advisories) {
    const ids = new Set([one.id, ...one.aliases]);
    const members = [one];
    for (const group of groups.filter((each) => [...ids].some((id) => each.ids.has(id)))) {
      groups.splice(groups.indexOf(group), 1);
      for (const id of group.ids) ids.add(id);
      members.unshift(...group.members);
    }
    groups.push({ ids, members });
  }
  return groups.map(({ ids, members }) => {
    const best = members.find((one) => fixedIn(one, version) !== undefined) ?? members[0];
    const [severity] = members.map((one) => one.severity).sort((a, b) => order.indexOf(a) - order.indexOf(b));
    return { ...(best as Advisory), aliases: [...ids].filter((id) => id !== best?.id), severity: severity ?? 'high' };
  });
}

function findingOf(ruleId: string, file: string, [name, version, line]: Pinned['packages'][number], one: Advisory) {
  const fixed = fixedIn(one, version);
  const cve = one.aliases.find((alias) => alias.startsWith('CVE-'));
  const ids = cve === undefined ? one.id : `${one.id} (${cve})`;
  const what = one.summary === '' ? '' : `: ${one.summary}`;
  return {
    ruleId,
    file,
    line,
    endLine: line,
    severity: one.severity,
    subject: `${name}@${version} ${one.id}`,
    message: `\`${name}\` ${version} has ${ids}${what}; ${fixed === undefined ? 'no repaired version is known' : `repaired in ${fixed}`}`,
    fix:
      fixed === undefined
        ? `Replace \`${name}\`, or keep what it is given away from the flaw: no repaired version is known.`
        : `Update \`${name}\` to ${fixed}.`,
  };
}

function findingsIn(ruleId: string, file: string, pinned: Pinned, known: KnownAdvisories): RawFinding[] {
  const seen = new Set<string>();
  return pinned.packages.flatMap((one) => {
    const [name, version] = one;
    if (seen.has(`${name}@${version}`)) return [];
    seen.add(`${name}@${version}`);
    const { ecosystem } = pinned;
    const own = known.of(ecosystem, plainName(ecosystem, name)).filter((each) => affects(each, version));
    return merged(own, version).map((each) => findingOf(ruleId, file, one, each));
  });
}

function gapsIn(file: string, { ecosystem, packages }: Pinned, known: KnownAdvisories): Gap[] {
  const gap = (reason: string): Gap => ({ file, reason: `known vulnerabilities: ${reason}; ${advice}` });
  const coverage = known.coverage(ecosystem);
  if (!coverage) return [gap(`not checked, no advisory database for ${ecosystem}`)];
  const gaps: Gap[] = [];
  if (coverage.broken > 0) gaps.push(gap(`${coverage.broken} lines of the advisory database are broken`));
  const ages = packages.map(([name, version]) => {
    const asked = coverage.asked.get(`${plainName(ecosystem, name)}@${version}`);
    const since = Math.max(asked ?? Number.NEGATIVE_INFINITY, coverage.imported ?? Number.NEGATIVE_INFINITY);
    return (known.now - since) / day;
  });
  const never = ages.filter((age) => age === Number.POSITIVE_INFINITY).length;
  const old = ages.filter((age) => age > freshDays && age !== Number.POSITIVE_INFINITY);
  if (never === packages.length) gaps.push(gap(`not checked, no advisory database for these ${ecosystem} packages`));
  else if (never > 0) gaps.push(gap(`${never} of ${packages.length} packages were never asked about`));
  if (old.length > 0) gaps.push(gap(`the advisory database is ${Math.floor(Math.max(...old))} days old`));
  return gaps;
}

/** Flaws of pinned packages that the local database knows of; what it does not cover is a gap. */
export function knownVulnerabilities(
  ruleId: string,
  files: Iterable<[path: string, pinned: Pinned | undefined]>,
  known: KnownAdvisories,
): { findings: RawFinding[]; gaps: Gap[] } {
  const findings: RawFinding[] = [];
  const gaps: Gap[] = [];
  for (const [path, pinned] of files) {
    if (!pinned) continue;
    findings.push(...findingsIn(ruleId, path, pinned, known));
    gaps.push(...gapsIn(path, pinned, known));
  }
  return { findings, gaps };
}
