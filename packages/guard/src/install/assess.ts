import { isBuiltin } from 'node:module';
import type { ConcernId, InstallRules } from './catalog.ts';
import type { PackageFacts } from './facts.ts';
import type { LookAlike } from './look-alike.ts';
import type { InstallRequest, PackageSpec } from './request.ts';

export interface Concern {
  id: ConcernId;
  effect: 'deny' | 'ask' | 'note';
  /** What was found, for a person and for the model. */
  text: string;
}

const dayMilliseconds = 86_400_000;
const days = (now: Date, date: string | undefined) =>
  date === undefined ? undefined : Math.floor((now.getTime() - new Date(date).getTime()) / dayMilliseconds);

export type Raise = (id: ConcernId, text: string) => Concern;

/** Gives a finding the effect that the catalogue has for it. */
export function raiser(rules: InstallRules): Raise {
  // SECURITY: a concern that the catalogue forgot is refused (test «a concern without an effect …»).
  return (id, text) => ({ id, effect: rules.concerns[id] ?? 'deny', text });
}

/** What can be said of a package before anybody is asked: its name and where it would come from. */
export function nameConcerns(spec: PackageSpec, request: InstallRequest, raise: Raise): Concern[] {
  if (spec.kind !== 'registry') {
    const where = { git: 'a git repository', address: 'an address', archive: 'an archive', folder: 'a folder' }[
      spec.kind
    ];
    return [
      raise('not-from-registry', `\`${spec.raw}\` comes from ${where}, not from the registry: nobody has checked it`),
    ];
  }
  if (request.ecosystem === 'npm' && isBuiltin(spec.name))
    return [
      raise(
        'built-in-module',
        `\`${spec.name}\` is a module of Node itself: import \`node:${spec.name}\` without installing anything`,
      ),
    ];
  return [];
}

/** What a registry's answer says against a package. */
export function factConcerns(
  spec: PackageSpec,
  facts: PackageFacts,
  context: { rules: InstallRules; raise: Raise; alike: LookAlike; now: Date },
): Concern[] {
  const { rules, raise, now } = context;
  const { thresholds } = rules;
  const target = context.alike(spec.name);
  const hint = target ? `; did you mean \`${target}\`?` : '';
  if (!facts.exists) return [raise('unknown-package', `the registry has no package \`${spec.name}\`${hint}`)];
  if (facts.noVersion)
    return [raise('unknown-version', `\`${spec.name}\` has no version that fits \`${spec.range ?? 'latest'}\``)];
  const found: Concern[] = [];
  const weekly = facts.downloadsAWeek;
  const count = weekly === undefined ? '' : ` (${weekly} downloads a week)`;
  if (target && (weekly ?? 0) < thresholds.manyDownloadsAWeek) {
    const id = (weekly ?? 0) < thresholds.fewDownloadsAWeek ? 'look-alike' : 'look-alike-in-use';
    found.push(raise(id, `\`${spec.name}\`${count} can be mistaken for the popular \`${target}\`; did you mean that?`));
  }
  const age = days(now, facts.created);
  if (age !== undefined && age < thresholds.youngPackageDays)
    found.push(raise('young-package', `\`${spec.name}\` exists for ${age} days only`));
  const released = days(now, facts.versionPublished);
  if (
    released !== undefined &&
    released < thresholds.youngVersionDays &&
    !found.some((one) => one.id === 'young-package')
  )
    found.push(
      raise('young-version', `version ${facts.version} of \`${spec.name}\` was published ${released} days ago`),
    );
  if (weekly === undefined)
    found.push(raise('downloads-unknown', `the registry does not tell how often \`${spec.name}\` is downloaded`));
  else if (weekly < thresholds.fewDownloadsAWeek)
    found.push(raise('few-downloads', `\`${spec.name}\` has ${weekly} downloads a week`));
  for (const one of facts.vulnerabilities ?? []) {
    const serious = /high|critical/i.test(one.severity);
    found.push(
      raise(
        serious ? 'vulnerable-high' : 'vulnerable',
        `${facts.version} of \`${spec.name}\` is vulnerable: ${one.id} ${one.title} (${one.severity})`,
      ),
    );
  }
  if (facts.deprecated)
    found.push(raise('deprecated', `\`${spec.name}\` is deprecated: ${facts.deprecated.slice(0, 200)}`));
  if (facts.scripts && facts.scripts.length > 0)
    found.push(
      raise(
        'install-scripts',
        `\`${spec.name}\` has install scripts (${facts.scripts.join(', ')}); they are switched off`,
      ),
    );
  return found;
}
