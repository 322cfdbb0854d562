import { messageOf } from '@ambit/core/errors';
import { type Concern, factConcerns, nameConcerns, type Raise, raiser } from './assess.ts';
import type { InstallRules } from './catalog.ts';
import { type Fetch, type PackageFacts, packageFacts } from './facts.ts';
import { type LockedPackages, notLocked, readNpmLock, readOtherLock } from './lockfile.ts';
import { compileLookAlike } from './look-alike.ts';
import { hostOf, type Registries } from './registry.ts';
import { type InstallRequest, type PackageSpec, readSpec } from './request.ts';

export interface InstallPorts {
  /** Registries by the user's and the machine's settings; a project's own are in `projectRegistries`. */
  registries: Registries;
  /** Registries as the project's files would have them. */
  projectRegistries: Registries;
  fetch: Fetch;
  now: () => Date;
  /** A file of the working copy as text; undefined when absent. */
  read: (path: string) => Promise<string | undefined>;
}

export interface InstallVerdict {
  effect: 'allow' | 'ask' | 'deny';
  concerns: readonly Concern[];
  facts: readonly PackageFacts[];
  /** `host[:port]` of the registries that the command needs: to be granted to the sandbox, and nothing else. */
  hosts: readonly string[];
}

const lockNames = ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock'];
const packagesMost = 50;

interface Context {
  request: InstallRequest;
  ports: InstallPorts;
  rules: InstallRules;
  raise: Raise;
}

/**
 * Decides what is to be said about an install. Whatever cannot be checked is a concern with its reason; the worst concern
 * decides. SECURITY: held by gate.test.ts against a real registry on loopback.
 */
export async function assessInstall(
  request: InstallRequest,
  ports: InstallPorts,
  rules: InstallRules,
): Promise<InstallVerdict> {
  const context: Context = { request, ports, rules, raise: raiser(rules) };
  const concerns: Concern[] = requestConcerns(context);
  const locked = await readLock(ports.read);
  concerns.push(...lockConcerns(context, locked));
  const { specs, more } = await wanted(context, locked);
  concerns.push(...more);
  const facts: PackageFacts[] = [];
  const alike = compileLookAlike(request.ecosystem, rules);
  for (const spec of specs.slice(0, packagesMost)) {
    const named = nameConcerns(spec, request, context.raise);
    concerns.push(...named);
    if (named.length > 0) continue;
    const found = await lookUp(context, spec);
    if (!found) continue;
    if ('id' in found) concerns.push(found);
    else {
      facts.push(found);
      concerns.push(...factConcerns(spec, found, { rules, raise: context.raise, alike, now: ports.now() }));
    }
  }
  if (specs.length > packagesMost)
    concerns.push(
      context.raise('unreachable', `${specs.length} packages at once are too many to check; add them in steps`),
    );
  return {
    effect: worst(concerns),
    concerns,
    facts,
    hosts: hostsFor(context, locked),
  };
}

function worst(concerns: readonly Concern[]): InstallVerdict['effect'] {
  if (concerns.some((concern) => concern.effect === 'deny')) return 'deny';
  return concerns.some((concern) => concern.effect === 'ask') ? 'ask' : 'allow';
}

function requestConcerns({ request, ports, raise }: Context): Concern[] {
  const found: Concern[] = [];
  const known = new Set(ports.registries.all());
  const address = request.registry?.replace(/\/+$/, '');
  if (address !== undefined && !known.has(address))
    found.push(
      raise(
        'registry-overridden',
        `the command names the registry \`${request.registry}\`, which the user's settings do not have`,
      ),
    );
  for (const foreign of ports.projectRegistries.all())
    if (!known.has(foreign))
      found.push(
        raise(
          'project-registry',
          `the project's settings name the registry \`${foreign}\`, which the user's do not have: what comes from there was not checked`,
        ),
      );
  if (request.global) found.push(raise('global', 'a global install goes outside the working copy'));
  if (request.mode === 'run') found.push(raise('runs-at-once', 'the package would be installed and run in one step'));
  if (request.scripts) found.push(raise('not-from-registry', 'the command switches install scripts on'));
  return found;
}

async function readLock(read: InstallPorts['read']): Promise<{ name: string; lock?: LockedPackages } | undefined> {
  for (const name of lockNames) {
    const text = await read(name);
    if (text === undefined) continue;
    try {
      return { name, lock: name.endsWith('.json') ? readNpmLock(text) : readOtherLock(text) };
    } catch {
      return { name };
    }
  }
  return undefined;
}

type FoundLock = Awaited<ReturnType<typeof readLock>>;

function lockConcerns({ request, ports, raise }: Context, found: FoundLock): Concern[] {
  if (request.ecosystem !== 'npm' || request.mode === 'run') return [];
  if (!found)
    return request.mode === 'locked' ? [raise('outside-lockfile', 'there is no lockfile to install from')] : [];
  if (!found.lock) return [raise('unreachable', `the lockfile \`${found.name}\` cannot be read`)];
  const known = new Set([...ports.registries.all(), ...ports.projectRegistries.all()].map(hostOf));
  const foreign = [...found.lock.hosts].filter((host) => !known.has(host));
  const loose = found.lock.loose.slice(0, 3).join(', ');
  return [
    ...foreign.map((host) =>
      raise('registry-overridden', `the lockfile names the host \`${host}\`, which is not the registry`),
    ),
    ...(loose ? [raise('not-from-registry', `the lockfile does not pin everything: ${loose}`)] : []),
  ];
}

/** The packages to ask about: those named, or those that the manifest has and the lockfile has not. */
async function wanted(context: Context, found: FoundLock): Promise<{ specs: PackageSpec[]; more: Concern[] }> {
  const { request, ports, raise } = context;
  if (request.ecosystem === 'pypi') return pipWanted(context);
  if (request.mode === 'locked') return { specs: [], more: [] };
  if (request.mode !== 'manifest') return { specs: [...request.packages], more: [] };
  const manifest = await ports.read('package.json');
  if (manifest === undefined) return { specs: [], more: [] };
  try {
    const empty = { packages: 0, names: new Set<string>(), hosts: new Set<string>(), loose: [] };
    const names = notLocked(manifest, found?.lock ?? empty);
    const more =
      names.length > 0 && found
        ? [raise('outside-lockfile', `the lockfile does not have ${names.slice(0, 5).join(', ')}`)]
        : [];
    return { specs: names.map((name) => readSpec(name, 'npm')), more };
  } catch {
    return { specs: [], more: [raise('unreachable', 'package.json cannot be read')] };
  }
}

async function pipWanted({ request, ports, raise }: Context): Promise<{ specs: PackageSpec[]; more: Concern[] }> {
  const specs = [...request.packages];
  const more: Concern[] = [];
  for (const file of request.files) {
    const text = await ports.read(file);
    if (text === undefined) more.push(raise('unreachable', `the requirement file \`${file}\` cannot be read`));
    for (const line of (text ?? '')
      .replaceAll(/\\\n/g, ' ')
      .split('\n')
      .map((one) => one.replace(/(?:^|\s)#.*$/, '').trim())) {
      if (line === '' || /^--hash/.test(line)) continue;
      if (/^-/.test(line))
        more.push(
          raise('registry-overridden', `the requirement file \`${file}\` has the option \`${line.split(' ')[0]}\``),
        );
      else specs.push(readSpec(line.replaceAll(/\s+--hash=\S+/g, ''), 'pypi'));
    }
  }
  return { specs, more };
}

async function lookUp(
  { request, ports, raise }: Context,
  spec: PackageSpec,
): Promise<PackageFacts | Concern | undefined> {
  const { registries, projectRegistries } = ports;
  const scoped = projectRegistries.scoped(spec.name) ?? registries.scoped(spec.name);
  const registry = scoped ?? projectRegistries.of(spec.name) ?? registries.of(spec.name);
  // SECURITY: an address that only the repository names is not asked anything before a person has seen it (test «a project
  // that sends installs to another registry …»).
  if (registry !== undefined && !registries.all().includes(registry)) return undefined;
  if (!registry)
    return raise('unreachable', `\`${spec.name}\` cannot be checked: the package manager's registry is not known`);
  try {
    return await packageFacts(request.ecosystem, spec.name, spec.range, registry, ports.fetch);
  } catch (error) {
    return raise(
      'unreachable',
      `\`${spec.name}\` cannot be checked: the registry at ${hostOf(registry) ?? registry} was not reached (${messageOf(error)})`,
    );
  }
}

function hostsFor({ request, ports }: Context, found: FoundLock): string[] {
  const registries = new Set(
    ports.registries
      .all()
      .map(hostOf)
      .filter((host) => host !== undefined),
  );
  if (request.mode !== 'locked' || !found?.lock || found.lock.hosts.size === 0) return [...registries];
  return [...found.lock.hosts].filter((host) => registries.has(host));
}
