import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Confinement } from '@ambit/engine';
import type { GatePorts } from '@ambit/guard';
import type { Judge, LoadedPolicy } from '@ambit/guard/policy';
import type { Redactor } from '@ambit/guard/redact';
import { configDirectory, type StatePaths, statePaths } from '@ambit/guard/state';
import { type CatalogFile, readCatalog } from './catalog.ts';
import type { Io } from './command.ts';
import { findWorkspace } from './place.ts';

/** What every command that runs something in a workspace starts from. */
export interface Workbench {
  workspace: string;
  state: StatePaths;
  policies: readonly CatalogFile[];
  policy: LoadedPolicy;
  redactor: Redactor;
  redact: GatePorts['redact'];
  /** Further voices at the policy point of every run. */
  judges: readonly Judge[];
  /** Absent where nothing on this machine confines commands. */
  confinement?: Confinement;
}

/** Secret files in the workspace's top folders whose values must never be shown. */
const environmentFiles = ['.env', '.env.local', '.env.development', '.env.production', '.env.test', '.dev.vars'];

async function openRedactor(workspace: string, env: NodeJS.ProcessEnv): Promise<Redactor> {
  const [{ createRedactor, environmentSecrets, knownFileSecrets }, { secretDetectors }] = await Promise.all([
    import('@ambit/guard/redact'),
    import('./detectors.ts'),
  ]);
  const files = environmentFiles.map((name) => join(workspace, name));
  const known = await knownFileSecrets(env['HOME'] || homedir(), files);
  return createRedactor(await secretDetectors(), [...environmentSecrets(env), ...known]);
}

/** A write that would put a secret into a file is refused, with the place where it belongs. */
function secretJudge(redactor: Redactor): Judge {
  return async (resolved) => {
    if (resolved.kind !== 'write' || resolved.action.encoding !== 'utf8') return [];
    const { secretsInWrite } = await import('@ambit/guard/redact');
    const path = resolved.path.relative ?? resolved.path.absolute;
    return secretsInWrite(path, resolved.action.content, redactor).map(({ what, line, instead }) => ({
      rule: 'secret.in-write',
      effect: 'deny' as const,
      source: 'built-in',
      reason: `line ${line} would hold a secret (${what}): ${instead}`,
    }));
  };
}

/** Looks for secrets in git's history, so that no program can show them; the first command waits for it. */
async function learnHistory(redactor: Redactor, policy: LoadedPolicy, state: StatePaths, env: NodeJS.ProcessEnv) {
  const { historySecrets } = await import('@ambit/guard/redact');
  const isSecret = (path: string) => policy.protections.of(path, 'secret').length > 0;
  const patterns = policy.protections.patterns('secret');
  const { workspace, cache } = state;
  redactor.learn(await historySecrets({ workspace, env, patterns, isSecret, cache }));
}

/** The same confinement, whose first command waits until `ready`. */
function after(ready: () => Promise<unknown>, confinement: Confinement): Confinement {
  let begun: Promise<unknown> | undefined;
  const begin = () => {
    begun ??= ready();
    // Whoever waits for it hears of a failure; nobody may.
    begun.catch(() => undefined);
    return begun;
  };
  return {
    ...confinement,
    begin: () => void begin(),
    confine: async (copy) => {
      await begin();
      return confinement.confine(copy);
    },
  };
}

/** Reads policy and catalogue for the workspace around `io.cwd`. Creates nothing. */
export async function openWorkbench(io: Io): Promise<Workbench> {
  const [{ loadPolicy }, policies] = await Promise.all([import('@ambit/guard/policy'), readCatalog('policies')]);
  const workspace = findWorkspace(io.cwd, io.env);
  const state = statePaths(workspace, io.env);
  const places = { workspace: state.workspace, config: configDirectory(io.env), home: io.env['HOME'] || homedir() };
  const policy = await loadPolicy(policies, places);
  const [redactor, confinement] = await Promise.all([
    openRedactor(state.workspace, io.env),
    import('./confinement.ts').then(({ openConfinement }) =>
      openConfinement({ workspace: state.workspace, policies, policy, env: io.env, cache: state.cache }),
    ),
  ]);
  return {
    workspace: state.workspace,
    state,
    policies,
    policy,
    redactor,
    redact: redactor.redact,
    judges: [secretJudge(redactor)],
    ...(confinement ? { confinement: after(() => learnHistory(redactor, policy, state, io.env), confinement) } : {}),
  };
}
