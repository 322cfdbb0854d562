import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..', 'catalog');

/** The catalogue's sources below a folder, parsed, sorted by name; `file` is relative to `catalog/`. */
export async function readCatalogSources(folder: string): Promise<{ file: string; data: unknown }[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(
    names.map(async (name) => ({ file: relative(root, name), data: parse(await readFile(name, 'utf8')) as unknown })),
  );
}
