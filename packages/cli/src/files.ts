import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders that hold what tools made or fetched. */
const skipped: ReadonlySet<string> = new Set([
  '.git',
  'node_modules',
  '.venv',
  'venv',
  'dist',
  'build',
  '.next',
  'target',
  '__pycache__',
]);
/** Files named at most; an audit shows examples, not an index. */
const limit = 50_000;

/** Workspace-relative files, links not followed, starting no process. */
export async function listFiles(workspace: string): Promise<string[]> {
  const found: string[] = [];
  const pending = [''];
  while (pending.length > 0 && found.length < limit) {
    const folder = pending.shift() ?? '';
    const entries = await readdir(join(workspace, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !skipped.has(entry.name)) pending.push(path);
      else if (entry.isFile()) found.push(path);
    }
  }
  return found.sort();
}
