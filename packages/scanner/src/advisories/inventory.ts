import { join } from 'node:path';
import { messageOf } from '@ambit/core/errors';
import { pinnedOf } from '../engines/deps/known.ts';
import type { Ecosystem } from '../engines/deps/order.ts';
import { readerOf } from '../engines/deps/packages.ts';
import { readBytes } from '../read.ts';
import { listFiles } from '../sources/list.ts';

/** Packages from registries that the lockfiles of a project pin: names to versions. */
export interface Inventory {
  packages: Map<Ecosystem, Map<string, Set<string>>>;
  lockfiles: string[];
  broken: string[];
}

export async function pinnedPackages(root: string): Promise<Inventory> {
  const inventory: Inventory = { packages: new Map(), lockfiles: [], broken: [] };
  const { files } = await listFiles(root);
  for (const { path } of files) {
    const read = readerOf(path);
    if (!read) continue;
    try {
      const pinned = pinnedOf(read(new TextDecoder().decode(readBytes(join(root, path)))));
      if (!pinned) continue;
      inventory.lockfiles.push(path);
      const names = inventory.packages.get(pinned.ecosystem) ?? new Map<string, Set<string>>();
      for (const [name, version] of pinned.packages) names.set(name, (names.get(name) ?? new Set()).add(version));
      inventory.packages.set(pinned.ecosystem, names);
    } catch (error) {
      inventory.broken.push(`${path}: ${messageOf(error)}`);
    }
  }
  return inventory;
}
