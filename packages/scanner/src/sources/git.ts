import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { quietGitOptions, searchPath } from '@ambit/core/text';

/**
 * Runs git without a repository's own configuration getting to run programs.
 * SECURITY: hooks, file-system monitor and external diffs of a scanned repository stay off (git.test.ts).
 */
export function git(root: string, args: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The user's own configuration speaks: line endings decide what differs. So do the variables of a hook of git's.
    const env = { ...process.env, PATH: searchPath(process.env['PATH'] ?? '', root, delimiter) };
    const child = spawn('git', [...quietGitOptions, '--no-pager', ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      err = (err + chunk.toString()).slice(0, 2_000);
    });
    child.on('error', (cause) => reject(new AmbitError('environment', 'git could not be started', { cause })));
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out));
      else
        reject(
          new AmbitError('input.broken', `git says: ${err.trim().split('\n')[0] ?? `code ${code}`}`, { where: root }),
        );
    });
  });
}

function names(out: Buffer): Set<string> {
  return new Set(
    out
      .toString('utf8')
      .split('\0')
      .filter((name) => name !== ''),
  );
}

/** Files below `root` that differ from `ref`, new ones included. */
export async function changedSince(root: string, ref: string): Promise<Set<string>> {
  if (ref.startsWith('-')) throw new AmbitError('usage', `\`${ref}\` is no commit`);
  const changed = await git(root, [
    'diff',
    '--no-ext-diff',
    '--name-only',
    '-z',
    '--relative',
    '--diff-filter=d',
    ref,
    '--',
  ]);
  const fresh = await git(root, ['ls-files', '--others', '--exclude-standard', '-z']);
  return new Set([...names(changed), ...names(fresh)]);
}

/** Files below `root` that are staged for the next commit. */
export async function stagedFiles(root: string): Promise<Set<string>> {
  return names(
    await git(root, ['diff', '--no-ext-diff', '--cached', '--name-only', '-z', '--relative', '--diff-filter=d']),
  );
}

/**
 * Contents as they are staged, of those of `staged` that have changed again since: a commit takes these, whatever lies in
 * the folder. SECURITY: git.test.ts stages a secret and removes it from the file.
 */
export async function stagedContents(root: string, staged: ReadonlySet<string>): Promise<Map<string, Uint8Array>> {
  const changed = names(await git(root, ['diff', '--no-ext-diff', '--name-only', '-z', '--relative']));
  const contents = new Map<string, Uint8Array>();
  for (const path of staged) {
    if (!changed.has(path)) continue;
    // A submodule is a commit, not a file: there is nothing of it to look at.
    const kind = (await git(root, ['cat-file', '-t', `:./${path}`]).catch(() => Buffer.from('commit')))
      .toString()
      .trim();
    if (kind === 'blob') contents.set(path, await git(root, ['cat-file', 'blob', `:./${path}`]));
  }
  return contents;
}

/** One line that some commit added. */
export interface AddedLine {
  commit: string;
  file: string;
  line: number;
  text: string;
}

/** Calls `each` for every file's added lines of every commit, newest first; lines of one file come together. */
export async function history(
  root: string,
  limit: number,
  each: (commit: string, file: string, lines: readonly AddedLine[]) => void,
): Promise<number> {
  const args = [
    'log',
    '--all',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    '-U0',
    '-p',
    `-n${limit}`,
    '--format=%x00%H',
  ];
  const text = (await git(root, [...args, '--relative'])).toString('latin1');
  let commits = 0;
  for (const part of text.split('\0').slice(1)) {
    commits += 1;
    const commit = part.slice(0, 40);
    for (const piece of part.split(/^diff --git /m).slice(1)) {
      const file = /^\+\+\+ b\/(.*)$/m.exec(piece)?.[1];
      if (file === undefined) continue;
      each(commit, file, addedLines(commit, file, piece));
    }
  }
  return commits;
}

function addedLines(commit: string, file: string, piece: string): AddedLine[] {
  const lines: AddedLine[] = [];
  let line = 0;
  let inside = false;
  for (const text of piece.split('\n')) {
    const start = /^@@ -\S+ \+(\d+)/.exec(text);
    if (start) {
      line = Number(start[1]);
      inside = true;
    } else if (inside && text.startsWith('+')) {
      lines.push({ commit, file, line, text: text.slice(1) });
      line += 1;
    }
  }
  return lines;
}
