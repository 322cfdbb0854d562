import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../state/index.ts';
import type { Change } from './working-copy.ts';

/**
 * Empty files and folders that the sandbox put where a protected path did not exist, to have something to mount on. They
 * are no change of the run as long as they are empty.
 */
export interface Placeholders {
  all(): string[];
  covers(change: Change): boolean;
  add(paths: readonly string[]): Promise<void>;
}

export async function readPlaceholders(state: string): Promise<Placeholders> {
  const file = join(state, 'placeholders.json');
  const text = await readFile(file, 'utf8').catch(() => '[]');
  let known: Set<string>;
  try {
    known = new Set(JSON.parse(text) as string[]);
  } catch {
    known = new Set();
  }
  return {
    all: () => [...known].sort(),
    covers: (change) =>
      change.kind === 'created' &&
      known.has(change.path) &&
      (change.type === 'directory' || (change.type === 'file' && change.size === 0)),
    add: async (paths) => {
      const before = known.size;
      for (const path of paths) known.add(path);
      if (known.size !== before) await writeAtomic(file, JSON.stringify([...known]));
    },
  };
}
