import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, type Stats, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { segmentsOf } from '../working-copy/paths.ts';
import { readPlaceholders } from '../working-copy/placeholders.ts';
import { makeEmptyIn, makeFolderIn } from '../working-copy/tree.ts';
import type { SandboxView } from '../working-copy/working-copy.ts';
import { insideAmbit } from './environment.ts';
import type { SandboxRequest } from './sandbox.ts';

/** A mount over one path of the working copy. */
export interface Shield {
  /** Relative to the workspace. */
  path: string;
  /**
   * `pin`: the folder itself, so that it cannot be renamed away with what is protected in it; `protect`: itself,
   * read-only; `mask`: something else in its place.
   */
  kind: 'pin' | 'protect' | 'mask';
  /** Name of the mask in the masks folder. */
  mask?: string;
}

/** The working copy as this process reaches it. */
export function reachable(view: SandboxView): string {
  return view.namespace ? `/proc/${view.namespace.pid}/root${view.source}` : view.source;
}

type Found = { stats: Stats | undefined; link: boolean };

/** Looks at each step of a path without following links. */
function look(root: string, segments: readonly string[]): Found {
  let path = root;
  let stats: Stats | undefined;
  for (const segment of segments) {
    path = join(path, segment);
    stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats) return { stats: undefined, link: false };
    if (stats.isSymbolicLink()) return { stats, link: true };
  }
  return { stats, link: false };
}

/** Where masks lie: on this machine, and in the sandbox. */
export function masksFolder(view: SandboxView): { source: string; target: string } {
  return { source: join(view.state, 'sandbox', 'masks'), target: join(insideAmbit, 'masks') };
}

/** Keeps a text to show in a file's place; returns its name in the masks folder. */
export function keepMask(folder: string, text: string): string {
  const name = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const path = join(folder, name);
  if (!existsSync(path)) writeFileSync(path, text, { mode: 0o644 });
  return name;
}

/** Pins of every folder above a path, then the path itself. */
function withPins(segments: readonly string[], last: Shield): Shield[] {
  const pins = segments.slice(0, -1).map((_, i): Shield => ({ path: segments.slice(0, i + 1).join('/'), kind: 'pin' }));
  return [...pins, last];
}

/**
 * Works out the mounts over the working copy that keep protected paths from being written and hidden ones from being read.
 * Makes placeholders for protected paths that do not exist: there must be something to mount on.
 *
 * A link in the way is left alone: what it leads to inside the copy has its own entry, and outside does not exist.
 * SECURITY: held by sandbox.contract.ts («protected paths», «hidden files»).
 */
export async function shieldsFor(request: SandboxRequest): Promise<Shield[]> {
  const root = reachable(request.view);
  const shields = new Map<string, Shield>();
  const add = (items: Shield[]) => {
    for (const item of items) {
      const known = shields.get(item.path);
      if (!known || known.kind === 'pin' || (known.kind === 'protect' && item.kind === 'mask'))
        shields.set(item.path, item);
    }
  };
  const made: string[] = [];
  for (const path of request.protect) {
    const segments = protectable(root, segmentsOf(path));
    if (!segments) continue;
    const { stats, link } = look(root, segments);
    if (link) continue;
    const name = segments.join('/');
    if (!stats) {
      // Folders above it that come into being with it are placeholders too.
      for (let end = 1; end < segments.length; end++)
        if (!look(root, segments.slice(0, end)).stats) made.push(segments.slice(0, end).join('/'));
      if (path.endsWith('/')) makeFolderIn(root, name, request.view.owner);
      else makeEmptyIn(root, name, request.view.owner);
      made.push(name);
    }
    add(withPins(segments, { path: name, kind: 'protect' }));
  }
  const masks = masksFolder(request.view).source;
  mkdirSync(join(masks, 'empty'), { recursive: true });
  for (const hidden of request.hide) {
    const segments = segmentsOf(hidden.path);
    const { stats, link } = look(root, segments);
    if (!stats || link || segments.length === 0) continue;
    const mask = stats.isDirectory() ? 'empty' : keepMask(masks, hidden.shows ?? '');
    add(withPins(segments, { path: segments.join('/'), kind: 'mask', mask }));
  }
  await rememberPlaceholders(request.view, made);
  return outerFirst([...shields.values()]);
}

/** `.git` is git's: nothing is put into a workspace that has none, and where it is a file, the file is protected. */
function protectable(root: string, segments: string[]): string[] | undefined {
  if (segments.length === 0) throw new AmbitError('usage', 'the workspace itself cannot be a protected path');
  if (segments[0] !== '.git') return segments;
  const stats = lstatSync(join(root, '.git'), { throwIfNoEntry: false });
  if (!stats) return undefined;
  return stats.isFile() ? ['.git'] : segments;
}

/** A mask or protected folder covers what lies in it; deeper mounts come later. */
function outerFirst(shields: Shield[]): Shield[] {
  const masked = shields.filter((shield) => shield.kind === 'mask').map((shield) => `${shield.path}/`);
  return shields
    .filter((shield) => !masked.some((prefix) => shield.path.startsWith(prefix)))
    .sort((a, b) => a.path.split('/').length - b.path.split('/').length || (a.path < b.path ? -1 : 1));
}

/** So that placeholders are neither a change of the run nor something `git add -A` picks up. */
async function rememberPlaceholders(view: SandboxView, made: readonly string[]): Promise<void> {
  const placeholders = await readPlaceholders(view.state);
  if (made.length === 0) return;
  await placeholders.add(made);
  const ignore = placeholders.all().map((path) => `/${path.replaceAll(/[\\*?[\]!#]/g, '\\$&')}`);
  const folder = join(view.home, '.config', 'git');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'ignore'), `${ignore.join('\n')}\n`);
}
