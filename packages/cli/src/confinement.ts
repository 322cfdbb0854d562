import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Confinement } from '@ambit/engine';
import type { LoadedPolicy } from '@ambit/guard/policy';
import { maskSecretFile } from '@ambit/guard/redact';
import {
  childEnvironment,
  type HiddenPath,
  openSandbox,
  type SandboxChoice,
  sandboxCatalog,
} from '@ambit/guard/sandbox';
import type { CatalogFile } from './catalog.ts';
import { listFiles } from './files.ts';

export interface ConfinementPlace {
  workspace: string;
  policies: readonly CatalogFile[];
  policy: LoadedPolicy;
  env: NodeJS.ProcessEnv;
}

/** Limits of one command: room for a build, not for a fork bomb. */
const limits = { processes: 512, memoryMegabytes: 4_096, fileMegabytes: 1_024 };

/** The backends of this machine, strongest first. */
export function chooseSandbox({ policies, env }: Pick<ConfinementPlace, 'policies' | 'env'>): Promise<SandboxChoice> {
  const { system } = sandboxCatalog(policies);
  const home = env['HOME'] || homedir();
  return openSandbox({ system, home, path: env['PATH'] ?? '', node: process.execPath });
}

/** Existing secret files of the workspace, relative. */
export async function secretFiles({ workspace, policy }: ConfinementPlace): Promise<string[]> {
  const isSecret = (path: string) => policy.protections.of(path).some(({ kind }) => kind === 'secret');
  return (await listFiles(workspace)).filter(isSecret);
}

async function hiddenPaths(workspace: string, paths: readonly string[]): Promise<HiddenPath[]> {
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(join(workspace, path), 'utf8').catch(() => undefined);
      return { path, ...(text === undefined ? {} : { shows: maskSecretFile(path, text) }) };
    }),
  );
}

/** How commands of runs are confined here; undefined where nothing on this machine can. */
export async function openConfinement(place: ConfinementPlace): Promise<Confinement | undefined> {
  const { sandbox } = await chooseSandbox(place);
  if (!sandbox) return undefined;
  const { environment } = sandboxCatalog(place.policies);
  let hidden: Promise<HiddenPath[]> | undefined;
  return {
    sandbox,
    environment: ({ classes, unparsed }) =>
      childEnvironment(place.env, environment, {
        path: place.env['PATH'] ?? '',
        workspace: place.workspace,
        installs: unparsed !== undefined || classes.includes('install'),
      }),
    limits,
    protect: async () => environment.protect,
    hide: () => {
      hidden ??= secretFiles(place).then((paths) => hiddenPaths(place.workspace, paths));
      return hidden;
    },
  };
}
