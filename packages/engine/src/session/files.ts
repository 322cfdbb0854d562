import { AmbitError } from '@ambit/core/errors';
import type { ResolvedPath } from '@ambit/guard';
import type { WorkingCopy } from '@ambit/guard/working-copy';
import { parseIgnore } from '@ambit/scanner/ignore';
import type { RunFiles } from '../tools/tool.ts';

/** Folders that hold what tools made; searching them finds copies. */
export const derivedFolders: ReadonlySet<string> = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  'target',
  'dist',
  'build',
  '.next',
  'coverage',
  '.cache',
]);
/** Files a walk names at most; beyond, the pattern must name a folder. */
const walkLimit = 50_000;

type Ignored = (relative: string, folder: boolean) => boolean;

function inside(path: ResolvedPath): string {
  if (path.relative !== undefined) return path.relative;
  throw new AmbitError('denied', 'the path is outside the workspace', { where: path.requested });
}

async function readIgnores(copy: WorkingCopy): Promise<Ignored> {
  const texts = await Promise.all(
    ['.gitignore', '.kiroignore'].map(async (name) =>
      (await copy.exists(name)) ? Buffer.from(await copy.read(name)).toString() : '',
    ),
  );
  const rules = parseIgnore(texts.join('\n'));
  return (relative, folder) => rules.verdict(relative, folder) === true;
}

async function* walk(copy: WorkingCopy, from: string, ignored: Ignored, mayRead: (relative: string) => boolean) {
  const pending = [from];
  let named = 0;
  while (pending.length > 0) {
    const folder = pending.pop() ?? '.';
    const entries = await copy.list(folder).catch(() => []);
    for (const { name, type } of entries.toReversed()) {
      const relative = folder === '.' ? name : `${folder}/${name}`;
      if (ignored(relative, type === 'directory')) continue;
      if (type === 'directory' && !derivedFolders.has(name)) pending.push(relative);
      if (type !== 'file' || !mayRead(relative)) continue;
      named += 1;
      if (named > walkLimit) return;
      yield relative;
    }
  }
}

/** The run's file port over its working copy. Everything inside the workspace; the guard has resolved and decided. */
export function runFiles(copy: WorkingCopy, mayRead: (relative: string) => boolean): RunFiles {
  return {
    read: async (path) => Buffer.from(await copy.read(inside(path))),
    list: async (path) =>
      (await copy.list(inside(path))).map(({ name, type }) => (type === 'directory' ? `${name}/` : name)),
    walk: async function* (path) {
      yield* walk(copy, inside(path), await readIgnores(copy), mayRead);
    },
    readFound: async (relative) => {
      if (!mayRead(relative)) throw new AmbitError('denied', 'this file may not be read', { where: relative });
      return Buffer.from(await copy.read(relative));
    },
    write: (path, content) => copy.write(inside(path), content),
    remove: (path) => copy.remove(inside(path)),
    move: (from, to) => copy.move(inside(from), inside(to)),
  };
}
