import type { EnvironmentRules } from './catalog.ts';

/** Where the sandbox shows the private home and temporary folder. */
export const insideHome = '/home/agent';
export const insideTemporary = '/tmp';
/** Folder in the sandbox with the Node that runs Ambit and the sandbox's own files. */
export const insideAmbit = '/run/ambit';
/** Folder in the sandbox whose programs come before all others. */
export const insideFirst = `${insideAmbit}/first`;

export interface ChildEnvironmentOptions {
  /** Folders for PATH, as the user's own; those that do not exist in the sandbox do no harm. */
  path: string;
  /** Real home of the user, to say where toolchains in it keep their parts. */
  home?: string;
  /** The workspace: PATH entries inside it are left out, relative ones as well. */
  workspace: string;
  /** The command installs packages: their scripts are switched off. Doubt means true. */
  installs: boolean;
  /** Variables that the policy grants to this command by name. Proxy and loader variables are refused. */
  granted?: Readonly<Record<string, string>>;
}

/** Loaders and interpreters obey these: granting one would let a value run code (CVE-2026-22708 and kin). */
const obeyed =
  /^(LD_|DYLD_|NODE_OPTIONS$|NODE_PATH$|BASH_ENV$|ENV$|PYTHON(PATH|STARTUP|HOME)$|PERL5(LIB|OPT)$|RUBY(LIB|OPT)$|GIT_|.*_PROXY$|.*_proxy$|PATH$|HOME$|IFS$|PS4$|PROMPT_COMMAND$)/;

/**
 * The environment of a child process by allow list: everything else of ours, credentials above all, does not reach it.
 * SECURITY: held by environment.test.ts («no credential …») and the sandbox contract («the environment …»).
 */
export function childEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  rules: EnvironmentRules,
  options: ChildEnvironmentOptions,
): Record<string, string> {
  const child: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && rules.pass.some((allowed) => matches(allowed, name))) child[name] = value;
  }
  for (const [name, value] of Object.entries(options.granted ?? {})) if (!obeyed.test(name)) child[name] = value;
  const filled: Record<string, string> = {
    home: insideHome,
    tmp: insideTemporary,
    path: childPath(options.path, options.workspace),
  };
  const folders = options.path.split(':');
  for (const [name, [named = '', kept = '']] of Object.entries(rules.homes)) {
    const root = `${options.home}/${named}`;
    if (options.home && folders.some((folder) => folder === root || folder.startsWith(`${root}/`)))
      child[name] = `${options.home}/${kept}`;
  }
  const set = { ...rules.set, ...(options.installs ? rules.installs : {}) };
  for (const [name, value] of Object.entries(set)) {
    child[name] = value.replaceAll(/\{(\w+)\}/g, (whole, key: string) => filled[key] ?? whole);
  }
  for (const [i, [key, value]] of Object.entries(rules.git).entries()) {
    child[`GIT_CONFIG_KEY_${i}`] = key;
    child[`GIT_CONFIG_VALUE_${i}`] = value;
  }
  child['GIT_CONFIG_COUNT'] = String(Object.keys(rules.git).length);
  return child;
}

function matches(allowed: string, name: string): boolean {
  return allowed.endsWith('*') ? name.startsWith(allowed.slice(0, -1)) : name === allowed;
}

/** System folders come last, so that a machine with an odd PATH still has a shell and git. */
function childPath(path: string, workspace: string): string {
  const outside = path
    .split(':')
    .filter((folder) => folder.startsWith('/') && folder !== workspace && !folder.startsWith(`${workspace}/`));
  const always = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin', `${insideAmbit}/bin`];
  return [...new Set([insideFirst, ...outside, ...always])].join(':');
}
