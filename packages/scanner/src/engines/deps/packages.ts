/** A package as a lockfile or manifest names it. */
export interface Package {
  ecosystem: 'npm' | 'PyPI';
  name: string;
  /** Exact, where a lockfile says; else the range as written. */
  version: string;
  line: number;
  /** Where it comes from when it is not the registry of its ecosystem. */
  source?: string;
  installScript?: boolean;
  /** Hash that pins its content. */
  integrity?: boolean;
  /** The name in the address it is fetched from, where that is another one. */
  fetched?: string;
  /** Wanted from whoever installs this project, so that a wide range is right. */
  peer?: boolean;
  locked: boolean;
}

export type Reader = (text: string) => Package[];

/** Line of each first place of `needle`, found in one walk that never goes back. */
function lineFinder(text: string): (needle: string) => number {
  let at = 0;
  let line = 1;
  return (needle) => {
    const found = text.indexOf(needle, at);
    if (found < 0) return line;
    for (let i = text.indexOf('\n', at); i >= 0 && i < found; i = text.indexOf('\n', i + 1)) line += 1;
    at = found;
    return line;
  };
}

interface NpmEntry {
  name?: unknown;
  version?: unknown;
  resolved?: unknown;
  integrity?: unknown;
  hasInstallScript?: unknown;
  link?: unknown;
  dependencies?: Record<string, NpmEntry>;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The public registries; a mirror is told by its path, `/name/-/name-1.0.0.tgz`. */
function npmSource(resolved: string): string | undefined {
  if (resolved === '' || /^https:\/\/[^/]+\/(?:[^/]+\/){0,6}-\/[^/]+\.tgz/.test(resolved)) return undefined;
  return resolved;
}

function npmPackage(path: string, entry: NpmEntry, line: number): Package {
  // An alias stands under its own path and tells the real name.
  const name = text(entry.name) || path;
  const source = npmSource(text(entry.resolved));
  const fetched = /^https?:\/\/[^/]+\/(?:[^/@]+\/){0,5}?((?:@[^/]+\/|@[^/%]+%2[fF])?[^/@]+)\/-\//.exec(
    text(entry.resolved),
  )?.[1];
  const other = fetched !== undefined && decodeURIComponent(fetched) !== name && text(entry.name) === '';
  return {
    ecosystem: 'npm',
    name,
    version: text(entry.version),
    line,
    locked: true,
    integrity: text(entry.integrity) !== '',
    ...(source === undefined ? {} : { source }),
    ...(other ? { fetched } : {}),
    ...(entry.hasInstallScript === true ? { installScript: true } : {}),
  };
}

/** package-lock.json of all versions, npm-shrinkwrap.json. */
export const readNpmLock: Reader = (content) => {
  const lock = JSON.parse(content) as { packages?: Record<string, NpmEntry>; dependencies?: Record<string, NpmEntry> };
  const find = lineFinder(content);
  const found: Package[] = [];
  for (const [path, entry] of Object.entries(lock.packages ?? {})) {
    const at = path.lastIndexOf('node_modules/');
    if (at >= 0 && entry.link !== true)
      found.push(npmPackage(path.slice(at + 13), entry, find(`${JSON.stringify(path)}:`)));
  }
  if (lock.packages) return found;
  const nested = (entries: Record<string, NpmEntry>, depth: number): void => {
    for (const [name, entry] of Object.entries(entries)) {
      found.push(npmPackage(name, entry, find(`${JSON.stringify(name)}:`)));
      if (entry.dependencies && depth < 30) nested(entry.dependencies, depth + 1);
    }
  };
  nested(lock.dependencies ?? {}, 0);
  return found;
};

/** yarn.lock of both generations: blocks with a heading that names the package. */
export const readYarnLock: Reader = (content) => {
  const found: Package[] = [];
  let current: Package | undefined;
  content.split('\n').forEach((line, index) => {
    const head = /^"?((?:@[^/"]+\/)?[^@\s",]+)@([^\s]*)/.exec(line);
    if (head && !line.startsWith(' ') && line.trimEnd().endsWith(':')) {
      current = { ecosystem: 'npm', name: head[1] ?? '', version: '', line: index + 1, locked: true, integrity: false };
      const url = /(?:git\+|git@|https?:\/\/|github:)[^\s",]*/.exec(head[2] ?? '')?.[0];
      if (url !== undefined && !/\/-\//.test(url)) current.source = url;
      found.push(current);
    }
    const version = /^ {2}version:? "?([^"\s]+)"?/.exec(line)?.[1];
    if (current && version !== undefined) current.version = version;
    // Builds for other platforms, which nobody has fetched yet, and built-in patches have no checksum by nature.
    if (current && /^ {2}(?:integrity|checksum|conditions)/.test(line)) current.integrity = true;
  });
  return found.filter((one) => one.version !== '' && !one.version.startsWith('0.0.0-use.local'));
};

/** pnpm-lock.yaml: the keys of `packages`. */
export const readPnpmLock: Reader = (content) => {
  const found: Package[] = [];
  let inside = false;
  content.split('\n').forEach((line, index) => {
    if (/^\S/.test(line)) inside = line.startsWith('packages:');
    const key = inside
      ? /^ {2}['"]?\/?((?:@[^/@'"]+\/)?[^/@'"]+)[@/]((?:https?:|git\+|file:|git:)[^'"(\s]+|[^:'"(]+)(?:\([^:]*)?['"]?:\s*$/.exec(
          line,
        )
      : null;
    if (key) {
      const version = key[2] ?? '';
      const source = /^(?:https?:|git|file:)/.test(version) ? { source: version } : {};
      found.push({
        ecosystem: 'npm',
        name: key[1] ?? '',
        version,
        line: index + 1,
        locked: true,
        integrity: false,
        ...source,
      });
    }
    const last = found.at(-1);
    if (last && inside && /integrity:/.test(line)) last.integrity = true;
    if (last && inside && /requiresBuild: true/.test(line)) last.installScript = true;
  });
  return found;
};

/** bun.lock, the text form: `"name": ["name@1.2.3", …]`. */
export const readBunLock: Reader = (content) => {
  const found: Package[] = [];
  content.split('\n').forEach((line, index) => {
    const entry = /"[^"]+":\s*\["((?:@[^/"]+\/)?[^@"]+)@([^"]+)"(.*)$/.exec(line);
    if (!entry) return;
    const version = entry[2] ?? '';
    const source = /^(?:https?:|git|github:|file:)/.test(version) ? { source: version } : {};
    if (version.startsWith('workspace:')) return;
    const integrity = /"sha\d{3}-/.test(entry[3] ?? '');
    found.push({
      ecosystem: 'npm',
      name: entry[1] ?? '',
      version,
      line: index + 1,
      locked: true,
      integrity,
      ...source,
    });
  });
  return found;
};

/** poetry.lock, uv.lock and pdm.lock: `[[package]]` tables. */
export const readTomlLock: Reader = (content) => {
  const found: Package[] = [];
  let current: Package | undefined;
  let git = false;
  content.split('\n').forEach((line, index) => {
    const from = /^(?:type|url|resolved_reference)\s*=\s*"([^"]+)"/.exec(line);
    if (/^type\s*=\s*"(?:git|url)"/.test(line)) git = true;
    const last = found.at(-1);
    if (from && git && last && /^url/.test(line)) last.source = from[1] ?? '';
    if (from && git && last?.source !== undefined && /^resolved/.test(line)) last.source += `#${from[1]}`;
    if (/^\[/.test(line)) {
      git = false;
      current = undefined;
      if (/^\[\[package\]\]/.test(line))
        current = { ecosystem: 'PyPI', name: '', version: '', line: index + 1, locked: true, integrity: true };
    }
    const pair = /^(name|version|source)\s*=\s*(.*)$/.exec(line);
    if (!current || !pair) return;
    const value = (pair[2] ?? '').replaceAll(/^"|"$/g, '');
    if (pair[1] === 'name') {
      current.name = value;
      found.push(current);
    } else if (pair[1] === 'version') current.version = value;
    else {
      const url = /(?:git|url)\s*=\s*"([^"]+)"/.exec(value)?.[1];
      if (url !== undefined) current.source = url;
    }
  });
  return found;
};

/** One requirement of Python: `name[extra]>=1 ; marker` or `name @ address`. */
function requirement(entry: string, line: number): Package | undefined {
  const source = /@\s*((?:git\+|https?:\/\/)[^\s;]+)/.exec(entry)?.[1];
  const named = /^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?:(===?|[<>~!]=?)\s*([^\s;#,\\]+))?/.exec(entry);
  if (!named) return undefined;
  const locked = named[2]?.startsWith('==') ?? false;
  const version = named[3] ?? '';
  return { ecosystem: 'PyPI', name: named[1] ?? '', version, line, locked, ...(source ? { source } : {}) };
}

/** pyproject.toml: dependencies of the project, of Poetry and of uv. */
export const readPyproject: Reader = (content) => {
  const found: Package[] = [];
  let table = '';
  let list = false;
  content.split('\n').forEach((line, index) => {
    const header = /^\s*\[{1,2}([^[\]]+)\]/.exec(line)?.[1];
    if (header !== undefined && !list) table = header;
    if (/^(?:dependencies|[\w-]+)\s*=\s*\[/.test(line))
      list =
        /^project(?:\.optional-dependencies)?$|^dependency-groups$/.test(table) &&
        !/^(?:name|classifiers|keywords|authors|dynamic|license-files|maintainers)/.test(line);
    if (list) {
      for (const [, entry = ''] of line.replace(/^[\w-]+\s*=/, '').matchAll(/["']([^"']+)["']/g)) {
        const one = requirement(entry, index + 1);
        if (one) found.push(one);
      }
      if (/\]\s*(?:#.*)?$/.test(line)) list = false;
      return;
    }
    const pair = /^([\w.-]+)\s*=\s*(.+)$/.exec(line);
    if (!pair || !/^tool\.(?:poetry(?:\.group\.[\w-]+)?\.(?:dev-)?dependencies|uv\.sources)$/.test(table)) return;
    const [, name = '', value = ''] = pair;
    const source = /(?:git|url)\s*=\s*"([^"]+)"/.exec(value)?.[1];
    const rev = /rev\s*=\s*"([0-9a-f]{40})"/.exec(value)?.[1];
    const version = /^"([^"]*)"|version\s*=\s*"([^"]*)"/.exec(value);
    if (name === 'python' || (source === undefined && !version)) return;
    found.push({
      ecosystem: 'PyPI',
      name,
      version: version?.[1] ?? version?.[2] ?? '',
      line: index + 1,
      locked: false,
      ...(source === undefined ? {} : { source: rev === undefined ? source : `${source}#${rev}` }),
    });
  });
  return found;
};

/** requirements.txt: pinned with `==` or not, hashes, addresses. */
export const readRequirements: Reader = (content) => {
  const found: Package[] = [];
  content.split('\n').forEach((line, index) => {
    const source =
      /^\s*(?:-e\s+)?((?:git\+|https?:\/\/)\S+)/.exec(line)?.[1] ?? /@\s*((?:git\+|https?:\/\/)\S+)/.exec(line)?.[1];
    const named = /^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?:(===?|[<>~!]=?)\s*([^\s;#,\\]+))?/.exec(line);
    if (source === undefined && (!named || /^\s*(?:#|-)/.test(line))) return;
    const name = named?.[1] ?? /[#&]egg=([\w.-]+)/.exec(line)?.[1] ?? '';
    found.push({
      ecosystem: 'PyPI',
      name: source === undefined ? name : (/[#&]egg=([\w.-]+)/.exec(line)?.[1] ?? name),
      version: named?.[3] ?? '',
      line: index + 1,
      locked: named?.[2]?.startsWith('==') ?? false,
      integrity: /--hash=/.test(line),
      ...(source === undefined ? {} : { source }),
    });
  });
  return found;
};

/** Pipfile.lock: JSON with `==1.2.3`. */
export const readPipfileLock: Reader = (content) => {
  const lock = JSON.parse(content) as Record<string, Record<string, { version?: unknown; git?: unknown }>>;
  const find = lineFinder(content);
  return ['default', 'develop'].flatMap((group) =>
    Object.entries(lock[group] ?? {}).map(([name, entry]): Package => {
      const git = text(entry.git);
      return {
        ecosystem: 'PyPI',
        name,
        version: text(entry.version).replace(/^==/, ''),
        line: find(`${JSON.stringify(name)}:`),
        locked: true,
        integrity: true,
        ...(git === '' ? {} : { source: git }),
      };
    }),
  );
};

/** Dependencies of package.json: ranges, not versions. */
export const readManifest: Reader = (content) => {
  const manifest = JSON.parse(content) as Record<string, unknown>;
  const groups = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
  return groups.flatMap((group) => {
    const entries = manifest[group];
    if (typeof entries !== 'object' || entries === null) return [];
    const find = lineFinder(content);
    find(`${JSON.stringify(group)}`);
    return Object.entries(entries as Record<string, unknown>).map(([name, range]): Package => {
      const version = text(range);
      const source = /^(?:git|https?:|github:|gitlab:|bitbucket:)|^\w[\w.-]*\/\w[\w.-]*(?:#|$)/.test(version);
      const line = find(`${JSON.stringify(name)}`);
      const peer = group === 'peerDependencies' ? { peer: true } : {};
      return { ecosystem: 'npm', name, version, line, locked: false, ...peer, ...(source ? { source: version } : {}) };
    });
  });
};

const readers: readonly [RegExp, Reader][] = [
  [/^(?:package-lock|npm-shrinkwrap)\.json$/, readNpmLock],
  [/^yarn\.lock$/, readYarnLock],
  [/^pnpm-lock\.yaml$/, readPnpmLock],
  [/^bun\.lock$/, readBunLock],
  [/^(?:poetry|uv|pdm)\.lock$/, readTomlLock],
  [/^requirements[\w.-]*\.(?:txt|in)$/, readRequirements],
  [/^Pipfile\.lock$/, readPipfileLock],
  [/^pyproject\.toml$/, readPyproject],
  [/^package\.json$/, readManifest],
];

/** What reads a file of this path, if it lists packages. */
export function readerOf(path: string): Reader | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return readers.find(([form]) => form.test(name))?.[1];
}
