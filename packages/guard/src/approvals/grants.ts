import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { capability, type NamedGrant, type Request } from '@ambit/core/policy-model';
import * as z from 'zod/mini';
import { sha256Of } from '../audit/index.ts';
import { withLock, writeAtomic } from '../state/index.ts';

const stored = z.strictObject({
  id: z.string(),
  capability,
  match: z.array(z.string()),
  /** Real path of the workspace it was given in; it counts in no other. */
  workspace: z.string(),
  at: z.string(),
  channel: z.string(),
  /** Rule that asked. */
  rule: z.string(),
});
const file = z.strictObject({ version: z.literal(1), grants: z.array(stored) });

/** A permission a person gave for good («always»), in the user's configuration, bound to one workspace. */
export type KeptGrant = z.infer<typeof stored>;

const pathOf = (config: string) => join(config, 'grants.json');

/** Permissions kept so far. Throws `state.broken` when the file cannot be read: then nothing is allowed. */
export async function readGrants(config: string): Promise<KeptGrant[]> {
  let text: string;
  try {
    text = await readFile(pathOf(config), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw broken(config, error);
  }
  try {
    return file.parse(JSON.parse(text)).grants;
  } catch (error) {
    throw broken(config, error);
  }
}

function broken(config: string, error: unknown): AmbitError {
  return new AmbitError('state.broken', `the permissions you gave cannot be read: ${messageOf(error)}`, {
    where: pathOf(config),
    hint: 'repair or remove the file; removing it takes all of them back',
    cause: error,
  });
}

async function change(config: string, edit: (grants: KeptGrant[]) => KeptGrant[]): Promise<void> {
  await withLock(
    join(config, 'grants.lock'),
    async () => {
      const grants = edit(await readGrants(config));
      await writeAtomic(pathOf(config), `${JSON.stringify({ version: 1, grants }, null, 2)}\n`);
    },
    5_000,
  );
}

/** Pattern that matches one value and nothing else. */
export function exactPattern(value: string): string | undefined {
  return /[*?[\]{}]/.test(value) ? undefined : value;
}

/** What an «always» is kept with. */
export interface Given {
  workspace: string;
  at: string;
  channel: string;
  rule: string;
}

/**
 * Keeps permissions for exactly these requests. Values that would read as a pattern are left out: a permission never
 * covers more than what was shown. Returns what was kept.
 */
export async function keepGrants(config: string, requests: readonly Request[], given: Given): Promise<KeptGrant[]> {
  const made = requests.flatMap(({ capability: one, value }): KeptGrant[] => {
    const pattern = exactPattern(value);
    if (pattern === undefined) return [];
    return [
      {
        id: sha256Of(`${given.workspace}\0${one}\0${value}`).slice(0, 10),
        capability: one,
        match: [pattern],
        ...given,
      },
    ];
  });
  await change(config, (grants) => {
    const ids = new Set(made.map(({ id }) => id));
    return [...grants.filter(({ id }) => !ids.has(id)), ...made];
  });
  return made;
}

/** Takes a permission back; false when there is none of that id. */
export async function revokeGrant(config: string, id: string): Promise<boolean> {
  let found = false;
  await change(config, (grants) =>
    grants.filter((grant) => {
      if (grant.id !== id) return true;
      found = true;
      return false;
    }),
  );
  return found;
}

/** The kept permissions of one workspace, as grants of a guard. */
export function grantsOf(kept: readonly KeptGrant[], workspace: string): NamedGrant[] {
  return kept
    .filter((grant) => grant.workspace === workspace)
    .map(({ id, capability: one, match }) => ({ id, capability: one, match, source: `kept permission ${id}` }));
}
