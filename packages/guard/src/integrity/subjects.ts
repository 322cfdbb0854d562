import { createHash } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '@ambit/core/errors';
import type { PinnedFiles, SubjectKind } from './pinned.ts';

/** One thing that instructs or executes, with the content that would be trusted. */
export interface Subject {
  /** The path, or `path#server` for one server of an MCP file, or `mcp-tools:server`. */
  id: string;
  kind: SubjectKind;
  /** Relative to the workspace. */
  path: string;
  sha256: string;
  text: string;
}

/** A path that looks like a subject but is not read: a link, a special file, too large, unreadable, unparsable. */
export interface Refused {
  path: string;
  kind: SubjectKind;
  reason: string;
}

export interface Inventory {
  subjects: Subject[];
  refused: Refused[];
}

/** A file that instructs is a page, not a megabyte; larger ones are refused, not truncated. */
const sizeLimit = 1024 * 1024;
/** Folders below `.kiro` and the like go a few levels deep; a deeper tree is refused rather than walked for ever. */
const depthLimit = 12;

export function hashText(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with sorted keys, so that the same settings have one hash whatever their order. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
}

/**
 * SECURITY: opened without following links and checked on the open handle, so that a link or device in place of the
 * file is refused (integrity.test.ts, «a linked hook is refused»).
 */
async function readRegular(path: string): Promise<Buffer | string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile()) return 'not a regular file';
    if (found.nlink > 1) return 'has a second name (hard link)';
    if (found.size > sizeLimit) return `larger than ${sizeLimit} bytes`;
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function serverSubjects(path: string, text: string): Subject[] | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return `not valid JSON: ${messageOf(error)}`;
  }
  const holder = parsed as { mcpServers?: unknown; servers?: unknown } | null;
  const servers = holder?.mcpServers ?? holder?.servers ?? {};
  if (typeof servers !== 'object' || servers === null || Array.isArray(servers)) return '`mcpServers` is not an object';
  return Object.entries(servers).map(([name, settings]) => {
    const canonical = canonicalJson(settings);
    const shown = `${JSON.stringify(settings, null, 2)}\n`;
    return { id: `${path}#${name}`, kind: 'mcp', path, sha256: hashText(canonical), text: shown };
  });
}

async function readSubject(workspace: string, path: string, pinned: PinnedFiles, into: Inventory): Promise<void> {
  const found = pinned.kindOf(path);
  if (!found) return;
  const { kind } = found;
  const refuse = (reason: string) => void into.refused.push({ path, kind, reason });
  let bytes: Buffer | string;
  try {
    bytes = await readRegular(join(workspace, path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return refuse(code === 'ELOOP' ? 'a link' : `cannot be read: ${messageOf(error)}`);
  }
  if (typeof bytes === 'string') return refuse(bytes);
  const text = bytes.toString('utf8');
  if (!found.servers) return void into.subjects.push({ id: path, kind, path, sha256: hashText(bytes), text });
  const servers = serverSubjects(path, text);
  if (typeof servers === 'string') return refuse(servers);
  into.subjects.push(...servers);
}

async function walk(
  workspace: string,
  path: string,
  entry: Dirent,
  pinned: PinnedFiles,
  into: Inventory,
): Promise<void> {
  if (entry.isDirectory()) {
    if (path.split('/').length > depthLimit)
      return void into.refused.push({ path, kind: 'settings', reason: 'nested too deep' });
    for (const child of await entriesOf(join(workspace, path)))
      await walk(workspace, `${path}/${child.name}`, child, pinned, into);
    return;
  }
  if (entry.isSymbolicLink()) {
    const kind =
      pinned.kindOf(path)?.kind ?? pinned.kindOf(`${path}/x.md`)?.kind ?? pinned.kindOf(`${path}/x.json`)?.kind;
    if (kind) into.refused.push({ path, kind, reason: 'a link' });
    return;
  }
  await readSubject(workspace, path, pinned, into);
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Reads everything in the workspace that instructs or executes. Starts no process, follows no link, writes nothing.
 */
export async function takeInventory(workspace: string, pinned: PinnedFiles): Promise<Inventory> {
  const into: Inventory = { subjects: [], refused: [] };
  await lstat(workspace);
  for (const entry of await entriesOf(workspace)) {
    const relevant = pinned.roots.has(entry.name.toLowerCase()) || pinned.rootPatterns(entry.name);
    if (relevant) await walk(workspace, entry.name, entry, pinned, into);
  }
  return into;
}
