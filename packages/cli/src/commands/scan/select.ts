import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AmbitError } from '@ambit/core/errors';
import { cacheDirectory, statePaths } from '@ambit/guard/state';
import { type Catalog, changedSince, readCheckedRules, readRules, stagedFiles } from '@ambit/scanner';
import { readCatalog, readCatalogSources } from '../../catalog.ts';
import type { Io } from '../../command.ts';

export async function shippedRules(): Promise<Catalog> {
  return readRules(await readCatalog('rules'), await readCatalog('frameworks'));
}

/** The shipped rules, with those of a folder of the user's own behind them. */
export async function loadRules(own: string | undefined, io: Io): Promise<Catalog> {
  const shipped = await shippedRules();
  if (own === undefined) return shipped;
  const files = await readCatalogSources(resolve(io.cwd, own), '.').catch((cause: unknown) => {
    throw new AmbitError('input.missing', `the folder of rules \`${own}\` cannot be read`, { cause });
  });
  const extra = await readCheckedRules(files);
  const known = new Set(shipped.rules.map((rule) => rule.id));
  const twice = extra.rules.find((rule) => known.has(rule.id));
  if (twice)
    throw new AmbitError('input.broken', `the rule id \`${twice.id}\` is taken by a shipped rule`, { where: own });
  return { ...shipped, rules: [...shipped.rules, ...extra.rules], filters: [...shipped.filters, ...extra.filters] };
}

export interface Target {
  root: string;
  /** A single file was named. */
  file?: string;
}

export async function targetOf(path: string | undefined, io: Io): Promise<Target> {
  const full = resolve(io.cwd, path ?? '.');
  const found = await stat(full).catch((cause: unknown) => {
    throw new AmbitError('input.missing', `there is no \`${path}\` to scan`, { where: full, cause });
  });
  return found.isDirectory() ? { root: full } : { root: dirname(full), file: basename(full) };
}

/** Which files are reported: the changed or staged ones, or all. */
export async function onlyOf(
  root: string,
  values: { diff?: string | undefined; staged?: boolean | undefined },
): Promise<ReadonlySet<string> | undefined> {
  if (values.staged) return stagedFiles(root);
  return values.diff === undefined ? undefined : changedSince(root, values.diff);
}

/** Size and time of the program that runs: another one may find other things by the same rules. */
export function runningBuild(): string {
  const { size, mtimeMs } = statSync(fileURLToPath(import.meta.url));
  return `${size}-${mtimeMs}`;
}

/** Results rest outside the project, where nothing that runs in it can reach them. */
export function cacheFile(root: string, everything: boolean, io: Pick<Io, 'env'>): string {
  return join(statePaths(root, io.env).cache, everything ? 'scan-all.json' : 'scan.json');
}

/** The advisory database: the user's own, for all projects, where no run can write. */
export function advisoriesFolder(io: Pick<Io, 'env'>): string {
  return join(cacheDirectory(io.env), 'advisories');
}
