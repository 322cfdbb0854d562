import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { parseSpec, type SourceText, type Spec, type SpecTexts } from '@ambit/core/spec';

/** A document above this size is refused: no spec is that long, and a parser should not be made to find out. */
const maxBytes = 4 * 1024 * 1024;

/** The files of one spec folder, found whatever the case of a stray `config.kiro`. */
const names = {
  // OpenSpec's file of the same content, so that its folders can be shown and checked as they are.
  requirements: ['requirements.md', 'spec.md'],
  bugfix: ['bugfix.md'],
  design: ['design.md'],
  tasks: ['tasks.md'],
  config: ['.config.kiro', 'config.kiro'],
} as const;

export interface SpecFolder {
  /** Below `.kiro/specs`, with `/` between segments; else the folder's own name. */
  name: string;
  /** Real path. */
  folder: string;
  /** Folder as it appears in messages, relative to where it was asked from. */
  shown: string;
}

const isMissing = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** Reads one regular file as UTF-8; undefined when there is none. A link out of the folder or a pipe is refused. */
export async function readDocument(path: string, shown: string): Promise<SourceText | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new AmbitError('input.broken', `could not be read: ${messageOf(error)}`, {
      where: shown,
      hint: 'a spec document is a regular file, not a link',
      cause: error,
    });
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new AmbitError('input.broken', 'is not a regular file', { where: shown });
    if (found.size > maxBytes)
      throw new AmbitError('input.broken', `has ${found.size} bytes; a spec document has at most ${maxBytes}`, {
        where: shown,
      });
    const data = await file.readFile();
    const text = data.toString('utf8');
    // An edit would write other bytes than were read.
    if (text.includes('\uFFFD') && !Buffer.from(text, 'utf8').equals(data))
      throw new AmbitError('input.broken', 'is not UTF-8', { where: shown, hint: 'save it as UTF-8' });
    return { file: shown, text };
  } finally {
    await file.close();
  }
}

/** The texts of one spec folder. */
export async function readSpecTexts(place: SpecFolder): Promise<SpecTexts> {
  const texts: SpecTexts = { name: place.name };
  const kinds = Object.entries(names) as [keyof typeof names, readonly string[]][];
  const found = await Promise.all(kinds.map(([, files]) => firstOf(place, files)));
  kinds.forEach(([kind], i) => {
    const document = found[i];
    if (document) texts[kind] = document;
  });
  return texts;
}

async function firstOf(place: SpecFolder, files: readonly string[]): Promise<SourceText | undefined> {
  for (const file of files) {
    const found = await readDocument(join(place.folder, file), shownAt(place, file));
    if (found) return found;
  }
  return undefined;
}

const shownAt = (place: SpecFolder, file: string) => (place.shown === '' ? file : `${place.shown}/${file}`);

/** Reads and parses one spec folder. */
export async function readSpec(place: SpecFolder): Promise<Spec> {
  return parseSpec(await readSpecTexts(place));
}

const documents: ReadonlySet<string> = new Set([
  ...names.requirements,
  ...names.bugfix,
  ...names.design,
  ...names.tasks,
]);

async function walk(folder: string, below: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const own = below !== '' && entries.some((entry) => entry.isFile() && documents.has(entry.name)) ? [below] : [];
  if (depth === 0) return own;
  // Linked folders are not followed: a spec lives in the workspace.
  const inner = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()
    .map((name) => walk(join(folder, name), below === '' ? name : `${below}/${name}`, depth - 1));
  return [...own, ...(await Promise.all(inner)).flat()];
}

/** Every spec below `.kiro/specs`, nested folders included, by name. */
export async function listSpecs(workspace: string): Promise<SpecFolder[]> {
  const root = join(workspace, '.kiro', 'specs');
  const found = await walk(root, '', 4);
  return found.map((name) => ({ name, folder: join(root, ...name.split('/')), shown: `.kiro/specs/${name}` }));
}

/** A name is path segments without `..`, hidden or absolute parts. */
export function isSpecName(name: string): boolean {
  return (
    name !== '' &&
    name.length <= 200 &&
    name
      .split('/')
      .every((part) => part !== '' && !part.startsWith('.') && !/[\\:\0]/.test(part) && part.trim() === part)
  );
}

/**
 * A spec by its name in the workspace, else a folder (or one of its documents) by path, also outside a workspace.
 */
export async function findSpec(workspace: string, cwd: string, asked: string): Promise<SpecFolder> {
  const clean = asked.replaceAll('\\', '/').replace(/\/+$/, '');
  if (isSpecName(clean)) {
    const folder = join(workspace, '.kiro', 'specs', ...clean.split('/'));
    if (await isFolder(folder)) return { name: clean, folder, shown: `.kiro/specs/${clean}` };
  }
  const path = resolve(cwd, asked);
  const folder = (await isFolder(path)) ? path : documents.has(basename(path)) ? resolve(path, '..') : undefined;
  if (folder && (await isFolder(folder))) return atPath(workspace, cwd, await realpath(folder));
  const known = (await listSpecs(workspace)).map((spec) => spec.name);
  throw new AmbitError('input.missing', `there is no spec \`${asked}\``, {
    hint:
      known.length > 0
        ? `there are: ${known.slice(0, 8).join(', ')}${known.length > 8 ? ', …' : ''}`
        : 'see: ambit spec new --help',
  });
}

function atPath(workspace: string, cwd: string, folder: string): SpecFolder {
  const inside = relative(join(workspace, '.kiro', 'specs'), folder);
  const within = inside !== '' && !inside.startsWith('..') && !isAbsolute(inside);
  const shown = relative(cwd, folder).split(sep).join('/');
  return {
    name: within ? inside.split(sep).join('/') : basename(folder),
    folder,
    shown: within ? `.kiro/specs/${inside.split(sep).join('/')}` : shown.startsWith('../..') ? folder : shown,
  };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
