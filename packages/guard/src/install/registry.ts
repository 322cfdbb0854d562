import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemProgram } from '../sandbox/tools.ts';
import type { Ecosystem } from './catalog.ts';

const run = promisify(execFile);

/** Where packages come from, as the package manager itself is set up. No address is known to Ambit. */
export interface Registries {
  /** Address of the registry for a package, by its scope if it has one; undefined when it cannot be told. */
  of(name: string): string | undefined;
  /** The registry that is set up for a package's scope alone. */
  scoped(name: string): string | undefined;
  /** Every registry that is set up: hosts that an install may need. */
  all(): readonly string[];
}

export interface ConfigurationSources {
  /** What the package manager says of itself (`npm config get registry`); undefined when it could not be asked. */
  own?: string | undefined;
  /** Contents of configuration files, the stronger first: project, then user. */
  files: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
}

const trimmed = (address: string) =>
  address
    .trim()
    .replaceAll(/^["']|["']$/g, '')
    .replace(/\/+$/, '');
const isAddress = (text: string | undefined): text is string => text !== undefined && /^https?:\/\/[^\s/]+/i.test(text);

/** Reads `.npmrc`, `.yarnrc.yml`, `pip.conf` and variables; the first that says something wins. */
export function readRegistries(ecosystem: Ecosystem, sources: ConfigurationSources): Registries {
  const scopes = new Map<string, string>();
  let main: string | undefined;
  const take = (key: string, value: string) => {
    const address = trimmed(value);
    if (!isAddress(address)) return;
    const scope = /^(@[^:]+):registry$/.exec(key)?.[1];
    if (scope && !scopes.has(scope)) scopes.set(scope, address);
    else if (!scope) main ??= address;
  };
  const lines: Readonly<Record<Ecosystem, RegExp>> = {
    npm: /^\s*((?:@[^:\s]+:)?registry|npmRegistryServer)\s*[=:]\s*(\S.*)$/gm,
    pypi: /^\s*(index-url|index_url)\s*=\s*(\S+)$/gm,
  };
  const variables: Readonly<Record<Ecosystem, RegExp>> = {
    npm: /^npm_config_((?:@[^:]+:)?registry)$|^YARN_(?:NPM_)?REGISTRY(?:_SERVER)?$/i,
    pypi: /^(?:PIP|UV)_(?:DEFAULT_)?INDEX(?:_URL)?$/,
  };
  for (const [name, value] of Object.entries(sources.env)) {
    const match = variables[ecosystem].exec(name);
    if (match && value) take(match[1]?.toLowerCase() ?? 'registry', value);
  }
  for (const text of sources.files)
    for (const match of text.matchAll(lines[ecosystem])) take(match[1] ?? '', match[2] ?? '');
  if (isAddress(sources.own)) main ??= trimmed(sources.own);
  const scoped = (name: string) => (name.startsWith('@') ? scopes.get(name.split('/')[0] ?? '') : undefined);
  return {
    scoped,
    of: (name) => scoped(name) ?? main,
    all: () => [...new Set([...(main ? [main] : []), ...scopes.values()])],
  };
}

const questions: Readonly<Record<Ecosystem, { programs: readonly string[]; args: readonly string[]; answer: RegExp }>> =
  {
    npm: { programs: ['npm'], args: ['config', 'get', 'registry'], answer: /(https?:\/\/\S+)/ },
    pypi: {
      programs: ['pip', 'pip3'],
      args: ['install', '--help'],
      answer: /index-url[\s\S]*?default\s+(https?:\/\/[^\s)]+)/,
    },
  };

/**
 * Asks the package manager for its registry. Run outside of any workspace and without its settings, so that a project's
 * own configuration cannot answer; `undefined` when it is not installed or does not answer.
 */
export async function askPackageManager(
  ecosystem: Ecosystem,
  env: Readonly<Record<string, string | undefined>>,
  find: (name: string) => string | undefined = systemProgram,
): Promise<string | undefined> {
  const { programs, args, answer } = questions[ecosystem];
  const program = programs.map(find).find((path) => path !== undefined);
  if (!program) return undefined;
  try {
    const clean = { PATH: env['PATH'] ?? '', HOME: env['HOME'] ?? '/nonexistent', COLUMNS: '1000' };
    const { stdout } = await run(program, [...args], { cwd: '/', env: clean, timeout: 20_000 });
    return answer.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** `host` or `host:port` of a registry, as it is granted to the sandbox. */
export function hostOf(address: string): string | undefined {
  try {
    const url = new URL(address);
    return url.port ? `${url.hostname}:${url.port}` : url.hostname;
  } catch {
    return undefined;
  }
}
