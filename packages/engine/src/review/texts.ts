import type { StatePaths } from '@ambit/guard/state';
import { type ChangedFile, loadBlob, type StoredChangeSet } from '../change-set/index.ts';
import type { FileTexts } from './render.ts';

/** Longest text that is shown; larger files are named with their size. */
const shownMax = 4 * 1024 * 1024;

/** Both sides of a file as text; undefined for what is not text or too long to be read by people. */
export async function fileTexts(
  state: Pick<StatePaths, 'changeSets'>,
  set: Pick<StoredChangeSet, 'id'>,
  file: ChangedFile,
): Promise<FileTexts | undefined> {
  if (file.binary || file.type === 'directory' || file.type === 'special' || file.size > shownMax) return undefined;
  if (file.withheld?.kind === 'never' || file.withheld?.kind === 'derived') return undefined;
  const side = async (hash: string | undefined) =>
    hash ? Buffer.from(await loadBlob(state, set.id, hash)).toString('utf8') : '';
  const after =
    file.type === 'link' ? (file.target ?? '') : await side(file.kind === 'deleted' ? undefined : file.after);
  const before = file.kind === 'created' || file.drifted ? '' : await side(file.before);
  return { before, after };
}
