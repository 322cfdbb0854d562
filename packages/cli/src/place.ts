import { AmbitError } from '@ambit/core/errors';
import { compilePinned, type TrustPlace } from '@ambit/guard/integrity';
import { statePaths } from '@ambit/guard/state';
import { readCatalog } from './catalog.ts';
import type { Io } from './command.ts';
import { findWorkspace } from './workspace.ts';

export { findWorkspace };

/** One catalogue document by its file name, for example `policies/pinned.yaml`. */
export async function catalogDocument(file: string): Promise<unknown> {
  const folder = file.split('/')[0] ?? '';
  const found = (await readCatalog(folder)).find((entry) => entry.file.replaceAll('\\', '/') === file);
  if (!found) throw new AmbitError('environment', `the catalogue lacks \`${file}\``, { hint: 'reinstall Ambit' });
  return found.data;
}

/** Where trust is judged: the workspace, its state and the list of pinned files. */
export async function trustPlace(io: Io): Promise<TrustPlace> {
  const workspace = findWorkspace(io.cwd, io.env);
  const pinned = compilePinned(await catalogDocument('policies/pinned.yaml'), 'policies/pinned.yaml');
  return { workspace, pinned, state: statePaths(workspace, io.env) };
}
