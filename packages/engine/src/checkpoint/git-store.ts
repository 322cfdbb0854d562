import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { quietGitEnvironment, quietGitOptions } from '@ambit/core/text';
import type { TreeEntry, TreeStore } from './checkpoint.ts';

/**
 * SECURITY: nothing that the workspace or the user's git configuration names is run or read: no hooks, filters,
 * monitors, attributes, includes (git-store.test.ts, «runs nothing the workspace names»).
 */
const storeOptions = [
  'core.excludesFile=/dev/null',
  'core.autocrlf=false',
  'core.safecrlf=false',
  'core.longpaths=true',
  'core.precomposeUnicode=false',
  'commit.gpgSign=false',
  // Objects go into one pack as they come: ten thousand loose files are slow to write and to keep.
  'core.bigFileThreshold=1m',
  'core.looseCompression=1',
].flatMap((pair) => ['-c', pair]);

interface GitResult {
  code: number;
  stdout: Buffer;
  stderr: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface GitOptions {
  /** Only PATH is taken from it. */
  env: Environment;
  signal?: AbortSignal;
}

async function git(args: readonly string[], cwd: string, options: GitStoreOptions, input?: string): Promise<GitResult> {
  const env = {
    ...quietGitEnvironment(options.env['PATH'], options.workspace, delimiter),
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_AUTHOR_NAME: 'ambit',
    GIT_AUTHOR_EMAIL: 'ambit@localhost',
    GIT_COMMITTER_NAME: 'ambit',
    GIT_COMMITTER_EMAIL: 'ambit@localhost',
  };
  return new Promise((done, fail) => {
    const child = spawn('git', [...quietGitOptions, ...storeOptions, ...args], {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal ? { signal: options.signal } : {}),
    });
    const out: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = `${stderr}${chunk.toString('utf8')}`.slice(-4_000);
    });
    child.on('error', fail);
    child.on('close', (code) => done({ code: code ?? -1, stdout: Buffer.concat(out), stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
  });
}

/** Object folder of the repository that the workspace belongs to, found by reading files: its git is not asked. */
function objectFolder(workspace: string): string | undefined {
  for (let folder = workspace; ; folder = dirname(folder)) {
    const dotGit = join(folder, '.git');
    if (existsSync(dotGit)) return objectsOf(dotGit);
    if (folder === dirname(folder)) return undefined;
  }
}

function objectsOf(dotGit: string): string | undefined {
  try {
    let common = dotGit;
    if (statSync(dotGit).isFile()) {
      const named = /^gitdir: (.+)$/m.exec(readFileSync(dotGit, 'utf8'))?.[1]?.trim();
      if (!named) return undefined;
      common = isAbsolute(named) ? named : resolve(dirname(dotGit), named);
      const shared = join(common, 'commondir');
      if (existsSync(shared)) common = resolve(common, readFileSync(shared, 'utf8').trim());
    }
    const objects = join(common, 'objects');
    return statSync(objects).isDirectory() && !objects.includes('\n') ? objects : undefined;
  } catch {
    return undefined;
  }
}

export interface GitStoreOptions extends GitOptions {
  workspace: string;
  /** Folder in the state directory. */
  folder: string;
}

/** Snapshots in a bare repository of our own, with its own index; the user's objects are borrowed, never changed. */
export function gitStore(options: GitStoreOptions): TreeStore {
  const { workspace, folder } = options;
  const repository = join(folder, 'git');
  const base = [`--git-dir=${repository}`, `--work-tree=${workspace}`];
  const run = async (args: readonly string[], input?: string): Promise<Buffer> => {
    const result = await git([...base, ...args], workspace, options, input);
    if (result.code === 0) return result.stdout;
    throw new AmbitError('environment', `git ${args[0]} failed: ${result.stderr.trim().split('\n').at(-1)}`, {
      where: repository,
      hint: 'nothing was changed; if the store is damaged, remove this folder: checkpoints made so far are lost with it',
    });
  };
  const prepare = async (): Promise<void> => {
    if (!existsSync(join(repository, 'HEAD'))) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const made = await git(['init', '--bare', '--quiet', '--template=', repository], folder, options);
      if (made.code !== 0)
        throw new AmbitError('environment', `git init failed: ${made.stderr.trim()}`, { where: repository });
    }
    await mkdir(join(repository, 'info'), { recursive: true });
    await mkdir(join(repository, 'objects', 'info'), { recursive: true });
    // Highest precedence of all attributes: bytes are kept as they are.
    await writeFile(join(repository, 'info', 'attributes'), '* -text -ident -filter -working-tree-encoding !eol\n');
    await writeFile(join(repository, 'info', 'exclude'), '/.ambit-apply-*\n');
    const borrowed = objectFolder(workspace);
    await writeFile(join(repository, 'objects', 'info', 'alternates'), borrowed ? `${await realpath(borrowed)}\n` : '');
  };
  const add = async (): Promise<void> => {
    await prepare();
    await run(['add', '--all', '--ignore-errors']).catch(() => run(['add', '--all']));
  };
  return {
    kind: 'git',
    unavailable: async () => {
      try {
        const result = await git(['--version'], workspace, options);
        return result.code === 0 ? undefined : 'git does not answer';
      } catch {
        return 'git was not found';
      }
    },
    snapshot: async (label) => {
      await add();
      const tree = (await run(['write-tree'])).toString('utf8').trim();
      const commit = (await run(['commit-tree', tree, '-m', label])).toString('utf8').trim();
      await run(['update-ref', `refs/checkpoints/${commit}`, commit]);
      const ignored = (
        await run(['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'])
      ).toString('utf8');
      const links = (await run(['ls-files', '-z', '--stage'])).toString('utf8').split('\0');
      const nested = links
        .filter((line) => line.startsWith('160000 '))
        .map((line) => `${line.slice(line.indexOf('\t') + 1)}/`);
      return { id: commit, notCovered: [...nested, ...ignored.split('\0').filter(Boolean)].slice(0, 200) };
    },
    entries: async (id) => parseTree(await run(['ls-tree', '-r', '-z', checkId(id)])),
    read: async (blob) => run(['cat-file', 'blob', checkId(blob)]),
    changed: async (id) => {
      await add();
      const out = await run(['diff-index', '--cached', '--name-only', '--no-renames', '-z', checkId(id)]);
      return out.toString('utf8').split('\0').filter(Boolean).sort();
    },
  };
}

function checkId(id: string): string {
  if (/^[0-9a-f]{40,64}$/.test(id)) return id;
  throw new AmbitError('input.broken', `\`${id}\` is not the name of a git object`);
}

function parseTree(out: Buffer): TreeEntry[] {
  return out
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .flatMap((line): TreeEntry[] => {
      const tab = line.indexOf('\t');
      const [mode, , blob] = line.slice(0, tab).split(' ');
      const path = line.slice(tab + 1);
      if (!blob || mode === '160000') return [];
      if (mode === '120000') return [{ path, type: 'link', mode: 0o777, blob }];
      return [{ path, type: 'file', mode: mode === '100755' ? 0o755 : 0o644, blob }];
    });
}

/** Which of these paths git ignores by the workspace's own ignore files; none where there is no git. */
export async function ignoredPaths(options: GitStoreOptions, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const repository = join(options.folder, 'git');
  try {
    if (!existsSync(join(repository, 'HEAD'))) {
      await mkdir(options.folder, { recursive: true, mode: 0o700 });
      await git(['init', '--bare', '--quiet', '--template=', repository], options.folder, options);
    }
    const args = [
      `--git-dir=${repository}`,
      `--work-tree=${options.workspace}`,
      'check-ignore',
      '--no-index',
      '-z',
      '--stdin',
    ];
    const result = await git(args, options.workspace, options, paths.join('\0'));
    return new Set(result.code === 0 ? result.stdout.toString('utf8').split('\0').filter(Boolean) : []);
  } catch {
    return new Set();
  }
}
