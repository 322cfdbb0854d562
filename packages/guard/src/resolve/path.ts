import { homedir } from 'node:os';
import { isAbsolute, join, sep } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import type { ResolvedPath } from '../grant.ts';
import { checkPathText, printable } from './names.ts';
import type { FileView } from './view.ts';

/** Links followed before a path counts as a loop; Linux uses the same number. */
const maxLinks = 40;

export interface PathContext {
  /** Real path of the workspace. */
  workspace: string;
  view: FileView;
  /** Home of the user whose `~` is meant; paths in it are outside. */
  home?: string;
}

interface Walk {
  /** Real path so far. */
  at: string;
  pending: string[];
  links: number;
}

const segmentsOf = (path: string) => path.split('/').filter((segment) => segment !== '' && segment !== '.');

/** `path` as an absolute one: `~` is the user's home, everything else relative to `from`. */
export function absoluteOf(path: string, from: string, home: string): string {
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  // Another user's home; certainly not below the workspace.
  if (/^~[\w.-]*(\/|$)/.test(path)) return join('/home', path.slice(1));
  return isAbsolute(path) ? path : join(from, sep === '/' ? path : path.replaceAll('/', sep));
}

/**
 * Resolves a path on the run's view of the workspace (C2): every link is followed by hand, `..` is taken after links,
 * and the result is a real path without either. Names that do not exist are kept below their real parent. What leaves
 * the workspace has no `relative`. Throws for spellings that mean different files to different programs, for link loops
 * and for a file used as a folder.
 *
 * `from` is the folder relative paths start at, itself resolved.
 */
export async function resolvePath(requested: string, context: PathContext, from?: string): Promise<ResolvedPath> {
  checkPathText(requested);
  const { workspace, view } = context;
  const absolute = rawAbsolute(requested, from ?? workspace, context.home ?? homedir());
  const walk: Walk = { at: '/', pending: segmentsOf(absolute), links: 0 };
  let type: ResolvedPath['type'] = 'directory';
  let identity: ResolvedPath['identity'];
  let links: string[] = [];
  while (walk.pending.length > 0) {
    const segment = walk.pending.shift() ?? '';
    if (segment === '..') {
      walk.at = join(walk.at, '..');
      type = 'directory';
      continue;
    }
    const next = join(walk.at, segment);
    if (type === 'absent') {
      walk.at = next;
      continue;
    }
    if (type !== 'directory') throw notAFolder(requested, walk.at);
    const found = await view.lstat(next);
    if (found?.type === 'symlink') {
      links = [...links, next];
      await follow(walk, next, requested, view);
      continue;
    }
    walk.at = next;
    type = found?.type ?? 'absent';
    identity = found ? { dev: found.dev, ino: found.ino, links: found.links } : undefined;
  }
  const relative = relativeTo(workspace, walk.at);
  return {
    requested,
    absolute: walk.at,
    exists: type !== 'absent',
    type,
    ...(relative === undefined ? {} : { relative }),
    ...(identity && type !== 'absent' ? { identity } : {}),
    ...(links.length > 0 ? { links } : {}),
  };
}

/** As `absoluteOf`, but keeps `..` so that it can be taken after links. */
function rawAbsolute(path: string, from: string, home: string): string {
  if (/^~/.test(path) && /^~[\w.-]*(\/|$)/.test(path)) return absoluteOf(path, from, home);
  return isAbsolute(path) ? path : `${from}/${path}`;
}

async function follow(walk: Walk, link: string, requested: string, view: FileView): Promise<void> {
  walk.links += 1;
  if (walk.links > maxLinks) {
    throw new AmbitError('input.broken', `the path \`${printable(requested)}\` runs through a loop of links`);
  }
  const target = await view.readlink(link);
  if (isAbsolute(target)) walk.at = '/';
  walk.pending.unshift(...segmentsOf(target));
}

function notAFolder(requested: string, at: string): AmbitError {
  return new AmbitError('input.broken', `the path \`${printable(requested)}\` uses a file as a folder`, { where: at });
}

/** `path` relative to the workspace by whole segments, `.` for itself; undefined when outside. */
export function relativeTo(workspace: string, path: string): string | undefined {
  if (path === workspace) return '.';
  const prefix = workspace.endsWith(sep) ? workspace : `${workspace}${sep}`;
  return path.startsWith(prefix) ? path.slice(prefix.length).replaceAll(sep, '/') : undefined;
}
