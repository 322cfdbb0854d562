import { hostOf } from './registry.ts';

/** What a lockfile pins, as far as installing exactly that is concerned. */
export interface LockedPackages {
  packages: number;
  names: ReadonlySet<string>;
  /** `host[:port]` of every address in it. */
  hosts: ReadonlySet<string>;
  /** Entries that are not pinned by hash, or come from git or another odd place. */
  loose: readonly string[];
}

interface Entry {
  resolved?: unknown;
  integrity?: unknown;
  link?: unknown;
  version?: unknown;
  inBundle?: unknown;
}

/** Reads package-lock.json (versions 1 to 3) and npm-shrinkwrap.json. Throws SyntaxError on broken JSON. */
export function readNpmLock(text: string): LockedPackages {
  const data = JSON.parse(text) as { packages?: Record<string, Entry>; dependencies?: Record<string, Entry> };
  const entries: [string, Entry][] = data.packages
    ? Object.entries(data.packages).filter(([path]) => path.includes('node_modules/'))
    : nested(data.dependencies ?? {});
  return collect(
    entries
      .filter(([, entry]) => entry.link !== true && entry.inBundle !== true)
      .map(([path, entry]) => ({
        name: path.split('node_modules/').at(-1) ?? path,
        resolved: typeof entry.resolved === 'string' ? entry.resolved : undefined,
        hashed: typeof entry.integrity === 'string',
      })),
  );
}

function nested(dependencies: Record<string, Entry>): [string, Entry][] {
  return Object.entries(dependencies).flatMap(([name, entry]) => [
    [name, entry] as [string, Entry],
    ...nested((entry as { dependencies?: Record<string, Entry> }).dependencies ?? {}),
  ]);
}

/** yarn.lock (classic), pnpm-lock.yaml, bun.lock and berry's yarn.lock, read by their own regular lines. */
export function readOtherLock(text: string): LockedPackages {
  const found: Locked[] = [];
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    const address = /(?:resolved\s+"|tarball:\s*|resolution:\s*\{[^}]*tarball:\s*)((?:https?|git)[^\s"',}#]+)/.exec(
      line,
    )?.[1];
    const name = /^\s{0,4}["'/]?(@?[\w.-]+(?:\/[\w.-]+)?)@/.exec(line)?.[1];
    const next = lines.slice(i, i + 6).join('\n');
    if (address)
      found.push({ name: name ?? '', resolved: address, hashed: /integrity|#[0-9a-f]{40}|checksum/.test(next) });
    else if (name && /^\s{0,4}\S.*:\s*(?:\[.*)?$/.test(line))
      found.push({ name, resolved: undefined, hashed: /integrity|checksum|sha512-/.test(next) });
  }
  return collect(found);
}

interface Locked {
  name: string;
  resolved: string | undefined;
  hashed: boolean;
}

function collect(entries: readonly Locked[]): LockedPackages {
  const hosts = new Set<string>();
  const loose: string[] = [];
  for (const { name, resolved, hashed } of entries) {
    const host = resolved === undefined ? undefined : hostOf(resolved);
    if (resolved !== undefined && !/^https?:/.test(resolved))
      loose.push(`${name} comes from ${resolved.split(':')[0]}`);
    else if (!hashed) loose.push(`${name} has no hash`);
    if (host && resolved && /^https?:/.test(resolved)) hosts.add(host);
  }
  const names = new Set(entries.map((entry) => entry.name).filter(Boolean));
  return { packages: names.size, names, hosts, loose };
}

/** Names in a package.json that its lockfile does not have: what an install would add. */
export function notLocked(manifest: string, lock: LockedPackages): string[] {
  const data = JSON.parse(manifest) as Record<string, Record<string, string> | undefined>;
  const wanted = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((field) =>
    Object.entries(data[field] ?? {}),
  );
  return wanted.filter(([name]) => !lock.names.has(name)).map(([name, range]) => `${name}@${range}`);
}
