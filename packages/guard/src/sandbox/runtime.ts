import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { innerEnvironment } from './command.ts';
import { readGrants } from './egress/hosts.ts';
import { insideHome, insideTemporary } from './environment.ts';
import { follow, type Launch } from './process.ts';
import type { Availability, Sandbox, SandboxRequest } from './sandbox.ts';

/** The part of `@anthropic-ai/sandbox-runtime` (0.0.7x) that is used here. */
export interface RuntimeManager {
  isSupportedPlatform(): boolean;
  checkDependenciesAsync(): Promise<{ errors: string[] }>;
  initialize(config: RuntimeConfig, ask: () => Promise<boolean>): Promise<void>;
  updateConfig(config: RuntimeConfig): void;
  wrapWithSandboxArgv(
    command: string,
    shell: string,
    config: undefined,
    signal: AbortSignal | undefined,
    cwd: string,
  ): Promise<{ argv: string[]; env: Record<string, string | undefined> }>;
  cleanupAfterCommand(): void;
  reset(): Promise<void>;
}

export interface RuntimeConfig {
  network: { allowedDomains: string[]; deniedDomains: string[]; strictAllowlist: boolean; allowLocalBinding: boolean };
  filesystem: { denyRead: string[]; allowRead: string[]; allowWrite: string[]; denyWrite: string[] };
}

export interface RuntimeOptions {
  /** Folders with people's files: unreadable but for the working copy and the toolchains. */
  private: readonly string[];
  /** Toolchains below them that stay readable. */
  readable: readonly string[];
  load?: () => Promise<RuntimeManager>;
}

const packageName = '@anthropic-ai/sandbox-runtime';

async function loadRuntime(): Promise<RuntimeManager> {
  const loaded = (await import(packageName)) as { SandboxManager: RuntimeManager };
  return loaded.SandboxManager;
}

/** The policy of one command in the runtime's words. Exported for its tests. */
export function runtimeConfig(request: SandboxRequest, options: RuntimeOptions): RuntimeConfig {
  const { view } = request;
  const own = [view.source, view.home, view.temporary];
  const at = (path: string) => join(view.source, path.replace(/\/+$/, ''));
  const hidden = request.hide.map(({ path }) => at(path));
  const hosts = readGrants(request.hosts).flatMap(({ host, ports }) => [...ports].map((port) => `${host}:${port}`));
  return {
    network: { allowedDomains: hosts, deniedDomains: [], strictAllowlist: true, allowLocalBinding: false },
    filesystem: {
      denyRead: [...options.private, ...hidden],
      allowRead: [...own, ...options.readable],
      allowWrite: own,
      denyWrite: [...request.protect.map(at), ...hidden],
    },
  };
}

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

function lineOf(request: SandboxRequest): string {
  const { command, limits } = request;
  const line = 'shell' in command ? command.shell : [command.program, ...command.args].map(quote).join(' ');
  // What a shell can limit where prlimit does not exist; memory is not among it on macOS.
  return `ulimit -c 0; ulimit -u ${limits.processes} 2>/dev/null; ulimit -f ${limits.fileMegabytes * 2_048} 2>/dev/null; ${line}`;
}

/** Home and temporary folder have their own paths here: there is no mount that could move them. */
function environmentOf(request: SandboxRequest): Record<string, string> {
  const { home, temporary } = request.view;
  const entries = Object.entries(innerEnvironment({ ...request, hosts: [] })).map(([name, value]) => {
    if (value === insideTemporary) return [name, temporary];
    return [
      name,
      value === insideHome || value.startsWith(`${insideHome}/`) ? home + value.slice(insideHome.length) : value,
    ];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

/**
 * Confinement by `@anthropic-ai/sandbox-runtime`, loaded only when it is used and installed: Seatbelt on macOS. Its state is
 * one for the process, so commands that are granted different hosts do not run at the same time.
 *
 * Not held here, unlike on Linux: a limit on memory, and names of hidden files shown with masked content (they are
 * unreadable instead). The working copy must be a plain folder, and commands see it at its own path.
 */
export function runtimeSandbox(options: RuntimeOptions): Sandbox {
  const load = options.load ?? loadRuntime;
  let active = 0;
  let current: string | undefined;
  const configure = async (manager: RuntimeManager, config: RuntimeConfig) => {
    const wanted = JSON.stringify(config);
    if (wanted === current) return;
    if (active > 0)
      throw new AmbitError('environment', 'another command with other limits is still running in this sandbox', {
        hint: 'end the background process first',
      });
    if (current === undefined) await manager.initialize(config, async () => false);
    else manager.updateConfig(config);
    current = wanted;
  };
  const prepare = async (request: SandboxRequest, signal?: AbortSignal): Promise<Launch> => {
    const { view } = request;
    if (view.namespace) throw new AmbitError('environment', 'this sandbox cannot show an overlay; use a copy');
    if (request.cwd !== view.target && !request.cwd.startsWith(`${view.target}/`))
      throw new AmbitError('denied', `the folder \`${request.cwd}\` is outside the workspace`);
    const env = environmentOf(request);
    const manager = await load();
    await configure(manager, runtimeConfig(request, options));
    const cwd = join(view.source, request.cwd.slice(view.target.length));
    const wrapped = await manager.wrapWithSandboxArgv(lineOf(request), '/bin/sh', undefined, signal, cwd);
    const [program = '', ...args] = wrapped.argv;
    active++;
    return {
      program,
      args,
      cwd,
      group: true,
      env: { ...env, ...addedBy(wrapped.env) },
      refusedHosts: () => [],
      cleanup: async () => {
        active--;
        if (active === 0) manager.cleanupAfterCommand();
      },
    };
  };
  const start: Sandbox['start'] = async (request, signal) => follow(await prepare(request, signal), request, signal);
  return {
    name: 'sandbox-runtime',
    available: () => runtimeAvailable(load),
    start,
    run: async (request, signal) => (await start(request, signal)).result,
  };
}

/** The runtime returns our whole environment with its proxy settings: only the latter are passed on. */
function addedBy(env: Record<string, string | undefined>): Record<string, string> {
  const added = Object.entries(env).filter(
    ([name, value]) =>
      value !== undefined &&
      /proxy|SANDBOX_RUNTIME|NODE_USE_ENV_PROXY|CERT|CA_BUNDLE/i.test(name) &&
      process.env[name] !== value,
  );
  return Object.fromEntries(added) as Record<string, string>;
}

async function runtimeAvailable(load: () => Promise<RuntimeManager>): Promise<Availability> {
  const cost = 'commands are asked one by one and run unconfined, never in autopilot';
  try {
    const manager = await load();
    if (!manager.isSupportedPlatform())
      return { ok: false, reason: `${packageName} does not support this system`, cost };
    const { errors } = await manager.checkDependenciesAsync();
    return errors.length === 0 ? { ok: true } : { ok: false, reason: errors.join('; '), cost };
  } catch (error) {
    return { ok: false, reason: `the optional package ${packageName} cannot be loaded: ${messageOf(error)}`, cost };
  }
}
