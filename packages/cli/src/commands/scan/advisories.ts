import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { platformFetch } from '@ambit/guard/install';
import { askAudit, bulkPath, importOsv, pinnedPackages, updateAdvisories } from '@ambit/scanner/advisories';
import { exitCode, type Io } from '../../command.ts';
import { registriesFor } from '../../install-gate.ts';
import { loginFor, userNpmrc } from '../../registry-login.ts';
import { advisoriesFolder } from './select.ts';

async function importFrom(path: string, io: Io): Promise<number> {
  const full = resolve(io.cwd, path);
  const imported = await importOsv(full);
  const { broken, documents, withdrawn, ecosystems } = imported;
  if (broken.count > 0) {
    io.err(`${broken.count} documents cannot be read and are left out:\n`);
    for (const line of broken.shown) io.err(`  ${line}\n`);
    if (broken.count > broken.shown.length) io.err(`  and ${broken.count - broken.shown.length} more\n`);
  }
  if (ecosystems.size === 0 && withdrawn.size === 0)
    throw new AmbitError('input.broken', 'there is no advisory for npm or PyPI: the database stays as it was', {
      where: full,
      hint: 'a folder, .zip, .json or .ndjson file of OSV documents is wanted',
    });
  io.err(`${documents} documents read, ${withdrawn.size} of them withdrawn\n`);
  for (const ecosystem of ['npm', 'PyPI'] as const) {
    const covered = ecosystems.has(ecosystem);
    if (!covered && withdrawn.size === 0) continue;
    const kept = await updateAdvisories(advisoriesFolder(io), ecosystem, {
      advisories: imported.advisories.filter((one) => one.ecosystem === ecosystem),
      withdrawn,
      ...(covered ? { imported: io.now().getTime() } : {}),
    });
    if (covered) io.err(`${ecosystem}: ${kept} advisories are known\n`);
  }
  return exitCode.done;
}

type Names = Map<string, Set<string>>;

/** Which registry is asked about which package. Names that only the project's own registry knows go nowhere else. */
async function shareOut(root: string, packages: Names, io: Io) {
  const read = (path: string) => readFile(join(root, path), 'utf8').catch(() => undefined);
  const { registries, projectRegistries } = await registriesFor('npm', read, io.env);
  const byRegistry = new Map<string, Names>();
  const held: string[] = [];
  for (const [name, versions] of packages) {
    const registry = registries.of(name);
    const other = projectRegistries.of(name);
    if (registry === undefined || (other !== undefined && other !== registry)) {
      held.push(name);
      continue;
    }
    byRegistry.set(registry, (byRegistry.get(registry) ?? new Map<string, Set<string>>()).set(name, versions));
  }
  return { byRegistry, held };
}

/** An address may carry a password, and errors of the network repeat it. */
const masked = (text: string) => text.replaceAll(/\/\/[^/@\s]*@/g, '//');

async function askRegistries(root: string, packages: Names, io: Io): Promise<boolean> {
  const { byRegistry, held } = await shareOut(root, packages, io);
  let whole = held.length === 0;
  if (held.length > 0)
    io.err(
      `${held.length} npm packages are not asked about (${held.slice(0, 5).join(', ')}${held.length > 5 ? ', …' : ''}): your own settings name no registry for them, or another than the project's\n`,
    );
  const npmrc = await userNpmrc(io.env);
  for (const [registry, names] of byRegistry) {
    try {
      const { address, authorization } = loginFor(registry, npmrc, io.env);
      const post: typeof platformFetch = (url, init) =>
        platformFetch(url, init && authorization !== undefined ? { ...init, authorization } : init);
      const change = await askAudit(address, names, post, io.now());
      await updateAdvisories(advisoriesFolder(io), 'npm', change);
      io.err(`npm: ${names.size} packages asked about, ${change.advisories.length} advisories (${masked(registry)})\n`);
    } catch (error) {
      whole = false;
      io.err(
        `the registry ${masked(registry)} gave no advisories (${bulkPath}): ${masked(messageOf(error))}\nThe database stays as it was. Without a network: ambit scan --update-advisories --advisories <OSV documents>\n`,
      );
    }
  }
  return whole;
}

/** `ambit scan --update-advisories`: the only part of a scan that uses the network, and only without `--advisories`. */
export async function updateFrom(root: string, path: string | undefined, io: Io): Promise<number> {
  if (path !== undefined) return importFrom(path, io);
  const { packages, lockfiles, broken } = await pinnedPackages(root);
  for (const line of broken) io.err(`cannot be read: ${line}\n`);
  if (lockfiles.length === 0)
    throw new AmbitError('input.missing', 'there is no lockfile whose packages could be asked about', {
      where: root,
      hint: 'or bring in OSV documents: ambit scan --update-advisories --advisories <path>',
    });
  let whole = broken.length === 0;
  const npm = packages.get('npm');
  if (npm && !(await askRegistries(root, npm, io))) whole = false;
  const python = packages.get('PyPI');
  if (python) {
    io.err(
      `PyPI: ${python.size} packages are not asked about, its registries have no audit endpoint: ambit scan --update-advisories --advisories <OSV documents>\n`,
    );
    if (!npm) whole = false;
  }
  return whole ? exitCode.done : exitCode.findings;
}
