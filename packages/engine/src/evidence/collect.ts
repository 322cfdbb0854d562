import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CitedTest, citedTests } from '@ambit/core/spec';

/** The part of a working copy (or a folder on disk) that evidence reads. */
export interface FileView {
  list: (path: string) => Promise<{ name: string; type: 'file' | 'directory' | 'link' | 'special' }[]>;
  read: (path: string) => Promise<Uint8Array>;
}

const skipped = new Set(
  'node_modules .git .hg .svn dist build out target vendor .venv venv __pycache__ coverage .next .nuxt .cache .kiro .ambit Pods .gradle'.split(
    ' ',
  ),
);
const testName =
  /(?:[._-](?:test|spec|tests|e2e)\.[cm]?[jt]sx?|(?:^|\/)test_[^/]*\.py|_test\.(?:py|go|rb|exs?|dart|cc|cpp|rs)|_spec\.rb|Tests?\.(?:java|kt|cs|swift|php|scala)|\.bats)$/i;
const testFolder = /(?:^|\/)(?:tests?|__tests__|specs?|e2e)\//i;
const source = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|cs|rb|php|swift|exs?|dart|scala|sh|bats)$/i;
const maxFiles = 5_000;
const maxBytes = 1024 * 1024;

/** Is a path one in which tests are looked for. */
export const isTestFile = (path: string) => source.test(path) && (testName.test(path) || testFolder.test(path));

/** A folder on disk as a view; links are listed as links and not followed. */
export function diskView(root: string): FileView {
  const typeOf = (entry: Dirent) =>
    entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : entry.isSymbolicLink() ? 'link' : 'special';
  return {
    list: async (path) =>
      (await readdir(join(root, path), { withFileTypes: true })).map((entry) => ({
        name: entry.name,
        type: typeOf(entry),
      })),
    read: async (path) => {
      if (!(await lstat(join(root, path))).isFile()) throw new Error('not a regular file');
      return readFile(join(root, path));
    },
  };
}

export const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');

async function walk(view: FileView, folder: string, found: string[]): Promise<void> {
  if (found.length >= maxFiles) return;
  const entries = await view.list(folder).catch(() => []);
  for (const { name, type } of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '.' ? name : `${folder}/${name}`;
    if (type === 'directory' && !skipped.has(name)) await walk(view, path, found);
    else if (type === 'file' && isTestFile(path)) found.push(path);
  }
}

/** Every test below a folder that cites a criterion. A file that cannot be read holds no evidence. */
export async function collectTests(view: FileView): Promise<CitedTest[]> {
  const files: string[] = [];
  await walk(view, '.', files);
  const tests: CitedTest[] = [];
  for (const file of files) {
    const data = await view.read(file).catch(() => undefined);
    if (!data || data.length > maxBytes) continue;
    const text = Buffer.from(data).toString('utf8');
    tests.push(...citedTests(file, text, sha256(data)));
  }
  return tests;
}

/** SHA-256 of files as they are; one that is gone or unreadable is left out, so nothing that rests on it is fresh. */
export async function hashFiles(view: FileView, paths: Iterable<string>): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const path of new Set(paths)) {
    const data = await view.read(path).catch(() => undefined);
    if (data) hashes[path] = sha256(data);
  }
  return hashes;
}
