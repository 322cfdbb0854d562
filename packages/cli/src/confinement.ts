import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
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
import { type CatalogFile, catalogKey } from './catalog.ts';
import { openInstallGate } from './install-gate.ts';

export interface ConfinementPlace {
  workspace: string;
  policies: readonly CatalogFile[];
  policy: LoadedPolicy;
  env: NodeJS.ProcessEnv;
  /** Folder of the workspace's state for what can be made again. */
  cache: string;
}

/** Limits of one command: room for a build, not for a fork bomb. */
const limits = { processes: 512, memoryMegabytes: 4_096, fileMegabytes: 1_024 };

const packageName = '@ambit-dev/ambit';

/** What a checkout of Ambit runs from; whatever else lies in it is its owner's. */
const checkoutParts = ['dist', 'node_modules', 'packages', 'catalog', 'package.json'];

/**
 * Where this Ambit stands with everything it loads: the `node_modules` it was installed into, or parts of its own checkout.
 * Undefined when it was started in another way.
 */
function ownProgram(): { roots: string[]; entry: string } | undefined {
  const [, started] = process.argv;
  if (!started || !existsSync(started)) return undefined;
  const entry = realpathSync(started);
  const installed = entry.indexOf('/node_modules/');
  if (installed >= 0) return { roots: [entry.slice(0, installed + '/node_modules'.length)], entry };
  const checkout = checkoutOf(entry);
  return checkout === undefined ? undefined : { roots: checkoutParts.map((part) => join(checkout, part)), entry };
}

function checkoutOf(entry: string): string | undefined {
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown };
    if (name === packageName) return folder;
  }
  return undefined;
}

/** The backends of this machine, strongest first; the first that works is chosen. */
export function sandboxHere(
  { policies, env }: Pick<ConfinementPlace, 'policies' | 'env'>,
  kept: { cache?: string } = {},
): Promise<Choice> {
  const { system } = sandboxCatalog(policies);
  const home = env['HOME'] || homedir();
  const egress = { upstream: upstreamFromEnvironment(env) };
  const program = ownProgram();
  return chooseSandbox({
    system,
    home,
    path: env['PATH'] ?? '',
    node: process.execPath,
    egress,
    ...kept,
    ...(program ? { program } : {}),
  });
}

/** How commands of runs are confined here; undefined where nothing on this machine can. */
export async function openConfinement(place: ConfinementPlace): Promise<Confinement | undefined> {
  const { sandbox } = await sandboxHere(place, { cache: cacheDirectory(place.env) });
  if (!sandbox) return undefined;
  const { environment } = sandboxCatalog(place.policies);
  const isSecret = (path: string) => place.policy.protections.of(path, 'secret').length > 0;
  return {
    sandbox,
    path: place.env['PATH'] ?? '',
    environment: ({ classes, unparsed }) =>
      childEnvironment(place.env, environment, {
        path: place.env['PATH'] ?? '',
        home: place.env['HOME'] || homedir(),
        workspace: place.workspace,
        installs: unparsed !== undefined || classes.includes('install'),
      }),
    limits,
    install: openInstallGate(place.policies, place.env, () => new Date()),
    confine: async (copy) => {
      const key = await catalogKey();
      const index = key === undefined ? {} : { index: { file: join(place.cache, 'secret-files.json'), key } };
      return confine(copy, { rules: environment, isSecret, ...index });
    },
  };
}
