import { homedir } from 'node:os';
import type { Confinement } from '@ambit/engine';
import type { LoadedPolicy } from '@ambit/guard/policy';
import {
  type Choice,
  childEnvironment,
  chooseSandbox,
  confine,
  sandboxCatalog,
  upstreamFromEnvironment,
} from '@ambit/guard/sandbox';
import { cacheDirectory } from '@ambit/guard/state';
import type { CatalogFile } from './catalog.ts';
import { openInstallGate } from './install-gate.ts';

export interface ConfinementPlace {
  workspace: string;
  policies: readonly CatalogFile[];
  policy: LoadedPolicy;
  env: NodeJS.ProcessEnv;
}

/** Limits of one command: room for a build, not for a fork bomb. */
const limits = { processes: 512, memoryMegabytes: 4_096, fileMegabytes: 1_024 };

/** The backends of this machine, strongest first; the first that works is chosen. */
export function sandboxHere(
  { policies, env }: Pick<ConfinementPlace, 'policies' | 'env'>,
  kept: { cache?: string } = {},
): Promise<Choice> {
  const { system } = sandboxCatalog(policies);
  const home = env['HOME'] || homedir();
  const egress = { upstream: upstreamFromEnvironment(env) };
  return chooseSandbox({ system, home, path: env['PATH'] ?? '', node: process.execPath, egress, ...kept });
}

/** How commands of runs are confined here; undefined where nothing on this machine can. */
export async function openConfinement(place: ConfinementPlace): Promise<Confinement | undefined> {
  const { sandbox } = await sandboxHere(place, { cache: cacheDirectory(place.env) });
  if (!sandbox) return undefined;
  const { environment } = sandboxCatalog(place.policies);
  const isSecret = (path: string) => place.policy.protections.of(path).some(({ kind }) => kind === 'secret');
  return {
    sandbox,
    environment: ({ classes, unparsed }) =>
      childEnvironment(place.env, environment, {
        path: place.env['PATH'] ?? '',
        home: place.env['HOME'] || homedir(),
        workspace: place.workspace,
        installs: unparsed !== undefined || classes.includes('install'),
      }),
    limits,
    install: openInstallGate(place.policies, place.env, () => new Date()),
    confine: (copy) => confine(copy, { rules: environment, isSecret }),
  };
}
