import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file of the shipped catalogue, parsed but not validated. `file` is relative to `catalog/`. */
export interface CatalogFile {
  file: string;
  data: unknown;
}

/** The bundle's entry lies beside `catalog/`, its chunks one folder below. */
const compiled = ['./catalog/', '../catalog/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
const sources = fileURLToPath(new URL('../../../catalog/', import.meta.url));

/**
 * Reads a folder of the catalogue (`rules`, `rules/secrets`, `criteria`, `policies`): the bundle's compiled JSON (samples left out),
 * else the repository's YAML sources.
 */
export async function readCatalog(folder: string): Promise<CatalogFile[]> {
  const bundle = compiled
    .map((root) => join(root, `${folder.replaceAll('/', '-')}.json`))
    .find((path) => existsSync(path));
  if (bundle) return JSON.parse(await readFile(bundle, 'utf8')) as CatalogFile[];
  return readCatalogSources(sources, folder);
}

/** Whether the catalogue is the bundle's, made from sources that the build's checks have passed. */
export function isBuilt(): boolean {
  return compiled.some((root) => existsSync(root));
}

/**
 * Stands for this build of Ambit with its policies: what was worked out by another one is not taken over. The entry names
 * its chunks by their content. Undefined when running from sources.
 */
export async function catalogKey(): Promise<string | undefined> {
  const bundle = compiled.find((root) => existsSync(join(root, 'policies.json')));
  if (!bundle) return undefined;
  const parts = await Promise.all(
    [join(bundle, '../ambit.js'), join(bundle, 'policies.json')].map((path) => readFile(path)),
  );
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** Reads the YAML and JSON sources below `root/folder`, sorted by name. */
export async function readCatalogSources(root: string, folder: string): Promise<CatalogFile[]> {
  const { parse } = await import('yaml');
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(
    names.map(async (name) => ({ file: relative(root, name), data: parse(await readFile(name, 'utf8')) as unknown })),
  );
}
