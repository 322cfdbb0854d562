import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';

/**
 * The repository folder of a workspace that is a linked git worktree or a submodule: it lies outside the workspace, and git
 * needs it. Undefined when `.git` is a folder of the workspace's own, or nothing.
 *
 * SECURITY: `.git` is a file that a repository could carry; it is believed only where the folder it names points back at
 * this workspace, as git itself keeps it (test «a `.git` file that names somebody else's folder»).
 */
export async function outerGitFolder(workspace: string): Promise<string | undefined> {
  const file = join(workspace, '.git');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const named = text === undefined ? undefined : /^gitdir: (.+?)\s*$/.exec(text)?.[1];
  if (named === undefined) return undefined;
  const own = await realpath(isAbsolute(named) ? named : join(workspace, named)).catch(() => undefined);
  if (own === undefined) return undefined;
  const back = (await readFile(join(own, 'gitdir'), 'utf8').catch(() => '')).trim();
  const backAt = back === '' ? undefined : isAbsolute(back) ? back : join(own, back);
  if (backAt === undefined || (await realpath(backAt).catch(() => undefined)) !== (await realpath(file)))
    return undefined;
  const common = (await readFile(join(own, 'commondir'), 'utf8').catch(() => '')).trim();
  const folder = await realpath(isAbsolute(common) ? common : join(own, common || '.')).catch(() => undefined);
  if (folder === undefined || !own.startsWith(`${folder}/`)) return undefined;
  const isRepository = (await stat(join(folder, 'objects')).catch(() => undefined))?.isDirectory() ?? false;
  // A repository that contains the workspace would show what lies beside it.
  return isRepository && !`${dirname(workspace)}/`.startsWith(`${folder}/`) ? folder : undefined;
}
