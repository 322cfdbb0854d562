import { lstat, mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { writeAtomic } from '@ambit/guard/state';
import type { SpecFile } from './author.ts';

const FILE_MODE = 0o644;

/** Refuses a link or a file in the place of a folder; makes a missing one where `make` says so. */
export async function realFolder(path: string, make: boolean): Promise<void> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) {
    if (make) await mkdir(path, { recursive: true });
    else throw new AmbitError('input.missing', 'there is no such spec', { where: path, hint: 'see: ambit spec list' });
  }
  if (stat && !stat.isDirectory())
    throw new AmbitError('input.broken', 'the specs folder is a link or a file, not a folder', {
      where: path,
      hint: 'specs are written only below a real `.kiro/specs` folder of the workspace',
    });
}

/**
 * Writes a new spec folder. An existing one is never touched; when a file cannot be written, nothing remains.
 * SECURITY: no link is followed out of the workspace; held by files.test.ts.
 */
export async function writeSpec(root: string, slug: string, files: readonly SpecFile[]): Promise<string> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug) || slug.length > 64)
    throw new AmbitError('usage', `\`${slug}\` is not a spec name`, {
      hint: 'a name holds lower-case letters, digits and single hyphens, at most 64',
    });
  await realFolder(join(root, '.kiro'), true);
  await realFolder(join(root, '.kiro', 'specs'), true);
  const folder = join(root, '.kiro', 'specs', slug);
  try {
    await mkdir(folder);
  } catch (error) {
    throw new AmbitError('input.broken', `a spec named \`${slug}\` exists already`, {
      where: relative(root, folder),
      hint: 'choose another name with `--name`, or continue the existing spec with `--phase`',
      cause: error,
    });
  }
  try {
    for (const file of files) await writeAtomic(join(folder, file.name), file.content, FILE_MODE);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}
