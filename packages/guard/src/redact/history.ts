import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { quietGitEnvironment, quietGitOptions } from '@ambit/core/text';
import { secretsOfFile } from './files.ts';
import type { KnownSecret } from './known.ts';

export interface HistoryPlace {
  workspace: string;
  /** Only PATH is taken from it. */
  env: Readonly<Record<string, string | undefined>>;
  /** Globs of files that hold secrets, and the exact word on one path. */
  patterns: readonly string[];
  isSecret: (relative: string) => boolean;
  /** Longest wait for git, in milliseconds: a history that takes longer is searched as far as that goes. */
  timeoutMs?: number;
}

/** Most files and bytes of old secret files that are looked at. */
const filesMost = 300;
const bytesMost = 4 * 1024 * 1024;
const fileBytesMost = 64 * 1024;

/**
 * SECURITY: git reads objects only; nothing that the workspace's or the user's configuration names is run or fetched
 * (history.test.ts, «runs nothing that the repository names»).
 */
function git(args: readonly string[], place: HistoryPlace, input = ''): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const child = spawn('git', [...quietGitOptions, '--no-pager', ...args], {
      cwd: place.workspace,
      env: quietGitEnvironment(place.env['PATH'], place.workspace, delimiter),
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: place.timeoutMs ?? 2_000,
      killSignal: 'SIGKILL',
    });
    const done = () => resolve(Buffer.concat(chunks));
    child.on('error', done);
    child.on('close', done);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > bytesMost) child.kill('SIGKILL');
    });
  });
}

/** Globs as git reads them; sets in braces are not among what it knows. */
const pathspecs = (patterns: readonly string[]) =>
  patterns.filter((pattern) => !/[{}!]/.test(pattern)).map((pattern) => `:(glob,icase)${pattern}`);

/** Contents of `cat-file --batch`, with the names asked for. */
function* contents(output: Buffer): Generator<{ id: string; text: string }> {
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    if (end < 0) return;
    const [id = '', kind = '', size = ''] = output.subarray(at, end).toString().split(' ');
    const length = /^\d+$/.test(size) ? Number(size) : 0;
    if (kind === 'blob' && length <= fileBytesMost)
      yield { id, text: output.subarray(end + 1, end + 1 + length).toString() };
    at = kind === 'missing' || !/^\d+$/.test(size) ? end + 1 : end + 1 + length + 1;
  }
}

/** Long lines of a private key's body: encoded again they would not be recognised. */
function keyLines(path: string, text: string): KnownSecret[] {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)) return [];
  const lines = text.split(/\r?\n/).filter((line) => /^[A-Za-z0-9+/]{40,}={0,2}$/.test(line));
  return lines.slice(0, 60).map((value) => ({ name: path.split('/').at(-1) ?? 'key', value }));
}

/**
 * Values that stand in secret files of the repository's history: such a file can be deleted or hidden, what git keeps of
 * it can be read by any program. Never throws; where there is no git there is nothing.
 */
export async function historySecrets(place: HistoryPlace): Promise<KnownSecret[]> {
  if (!existsSync(join(place.workspace, '.git'))) return [];
  const listed = await git(['rev-list', '--objects', '--all', '--', ...pathspecs(place.patterns)], place);
  const names = new Map<string, string>();
  for (const line of listed.toString().split('\n')) {
    const space = line.indexOf(' ');
    const path = line.slice(space + 1);
    if (space > 0 && names.size < filesMost && place.isSecret(path)) names.set(line.slice(0, space), path);
  }
  if (names.size === 0) return [];
  const output = await git(['cat-file', '--batch'], place, `${[...names.keys()].join('\n')}\n`);
  const found: KnownSecret[] = [];
  for (const { id, text } of contents(output)) {
    const path = names.get(id) ?? '';
    found.push(...secretsOfFile(path, text), ...keyLines(path, text));
  }
  const seen = new Set<string>();
  return found.filter(({ value }) => !seen.has(value) && seen.add(value));
}
