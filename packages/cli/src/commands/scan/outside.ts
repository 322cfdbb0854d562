import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listChangeSets } from '@ambit/engine/change-set';
import { diskView, hashFiles, judgeDrift, readEvidence } from '@ambit/engine/evidence';
import { listSpecs, readSpec } from '@ambit/engine/specs';
import { checkLock, lockFileName } from '@ambit/guard/integrity';
import type { Outside } from '@ambit/scanner';
import type { Io } from '../../command.ts';
import { trustPlace } from '../../place.ts';

type Place = Awaited<ReturnType<typeof trustPlace>>;

/** Criteria shown by name; the rest is counted. */
const shown = 8;

async function specsOf({ workspace, state }: Place): Promise<Outside['specs']> {
  const found: { id: string; proven: boolean }[] = [];
  for (const folder of await listSpecs(workspace)) {
    const spec = await readSpec(folder);
    const { records } = await readEvidence(state, spec.name);
    const hashes = await hashFiles(
      diskView(workspace),
      records.flatMap((record) => Object.keys(record.files)),
    );
    for (const { criterion, verdict } of judgeDrift(spec, records, hashes))
      found.push({ id: `${spec.name}/${criterion}`, proven: verdict === 'holds' });
  }
  if (found.length === 0) return undefined;
  const open = found.filter(({ proven }) => !proven).map(({ id }) => id);
  const named = open.length > shown ? [...open.slice(0, shown), `${open.length - shown} more`] : open;
  return { checked: found.length, withoutEvidence: named };
}

async function trustOf(place: Place): Promise<Outside['trust']> {
  if (!existsSync(join(place.workspace, lockFileName))) return undefined;
  const gaps = await checkLock(place);
  const detail =
    gaps.length === 0
      ? 'every file that instructs or executes has its line in ambit.lock'
      : gaps
          .slice(0, shown)
          .map(({ id, reason }) => `${id} ${reason}`)
          .join('; ');
  return { pinned: gaps.length === 0, detail };
}

async function reviewOf({ state }: Place): Promise<Outside['review']> {
  const { sets } = await listChangeSets(state);
  if (sets.length === 0) return undefined;
  const open = sets.filter((set) => set.state.status === 'open').map(({ id }) => id);
  const detail =
    open.length === 0 ? `${sets.length} change sets, none waits` : `waiting: ${open.slice(0, shown).join(', ')}`;
  return { reviewed: open.length === 0, detail };
}

/** What the rest of Ambit knows of this workspace, for the checklist. What cannot be read is «not checked». */
export async function knownOutside(io: Io): Promise<Outside> {
  const place = await trustPlace(io);
  const [specs, trust, review] = await Promise.all(
    [specsOf, trustOf, reviewOf].map((look) => look(place).catch(() => undefined)),
  );
  return JSON.parse(JSON.stringify({ specs, trust, review })) as Outside;
}
