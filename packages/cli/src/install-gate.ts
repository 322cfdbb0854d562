import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  askPackageManager,
  type InstallPorts,
  installCatalog,
  platformFetch,
  readInstall,
  readRegistries,
} from '@ambit/guard/install';
import { type InstallPort, installPort } from '@ambit/guard/policy';
import type { CatalogFile } from './catalog.ts';

/** Reads a file of the run's view of the workspace; undefined when absent. */
export type ReadFile = (path: string) => Promise<string | undefined>;

type Ecosystem = Parameters<typeof readRegistries>[0];

const files: Readonly<Record<Ecosystem, readonly string[]>> = {
  npm: ['.npmrc', '.yarnrc.yml'],
  pypi: ['pip.conf', '.config/pip/pip.conf'],
};

async function userFiles(ecosystem: Ecosystem, home: string): Promise<string[]> {
  const texts = await Promise.all(files[ecosystem].map((name) => readFile(join(home, name), 'utf8').catch(() => '')));
  return texts.filter((text) => text !== '');
}

/** Registries as the user set them up, and as the project would have them: it is not asked, only compared. */
export async function registriesFor(ecosystem: Ecosystem, read: ReadFile, env: NodeJS.ProcessEnv) {
  const [own, user, project] = await Promise.all([
    askPackageManager(ecosystem, env),
    userFiles(ecosystem, env['HOME'] || homedir()),
    Promise.all(files[ecosystem].map(read)),
  ]);
  return {
    registries: readRegistries(ecosystem, { own, files: user, env }),
    projectRegistries: readRegistries(ecosystem, { files: project.filter((text) => text !== undefined), env: {} }),
  };
}

async function portsFor(
  ecosystem: Ecosystem,
  read: ReadFile,
  env: NodeJS.ProcessEnv,
  now: () => Date,
): Promise<InstallPorts> {
  return { ...(await registriesFor(ecosystem, read, env)), fetch: platformFetch, now, read };
}

/** The install gate over this machine's package managers, asked for the first time when something is installed. */
export function openInstallGate(
  policies: readonly CatalogFile[],
  env: NodeJS.ProcessEnv,
  now: () => Date,
): (read: ReadFile) => InstallPort {
  return (read) => {
    const opened = new Map<Ecosystem, Promise<InstallPort>>();
    return async (command) => {
      const ecosystem = readInstall(command.argv)?.ecosystem;
      if (!ecosystem) return undefined;
      const port =
        opened.get(ecosystem) ??
        portsFor(ecosystem, read, env, now).then((ports) => installPort(ports, installCatalog(policies)));
      opened.set(ecosystem, port);
      return (await port)(command);
    };
  };
}
