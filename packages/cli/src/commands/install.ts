import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { findWorkspace } from '../place.ts';

const help = `ambit install: put Ambit where other tools call it

Usage:
  ambit install git     a pre-commit hook that scans what is about to be committed, and .env in .gitignore

Example:
  ambit install git
`;

const mark = '# ambit pre-commit';
const snippet = `${mark}: refuses to commit secrets and findings of high severity
if command -v ambit >/dev/null 2>&1; then
  ambit scan --staged --fail-on high || exit 1
elif [ -x node_modules/.bin/ambit ]; then
  node_modules/.bin/ambit scan --staged --fail-on high || exit 1
else
  echo "ambit is not installed: the commit was not scanned" >&2
  exit 1
fi
`;
const ignoreLines = ['.env', '.env.*', '!.env.example'];

async function readOptional(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** The folder git takes hooks from, read from the repository's own files: no git process runs in a folder not trusted. */
async function hooksFolder(workspace: string): Promise<string> {
  const git = join(workspace, '.git');
  if (!existsSync(git))
    throw new AmbitError('input.missing', 'this is not a git repository', { where: workspace, hint: 'git init' });
  const config = await readOptional(join(git, 'config'));
  const moved = /^\s*hooksPath\s*=\s*(.+)$/im.exec(config)?.[1]?.trim();
  if (moved)
    throw new AmbitError('input.broken', `git takes its hooks from \`${moved}\` here`, {
      where: '.git/config',
      hint: `add this line to the pre-commit hook there: ambit scan --staged --fail-on high`,
    });
  const pointer = /^gitdir: (.+)$/m.exec(await readOptional(git))?.[1];
  return pointer ? join(workspace, pointer, '..', '..', 'hooks') : join(git, 'hooks');
}

async function installHook(workspace: string, io: Io): Promise<void> {
  const path = join(await hooksFolder(workspace), 'pre-commit');
  const old = await readOptional(path);
  if (old.includes(mark)) return void io.out('The pre-commit hook is there already.\n');
  if (old !== '' && !/^#!.*\b(sh|bash|dash|zsh)\b/.test(old))
    throw new AmbitError('input.broken', 'there is a pre-commit hook that is no shell script', {
      where: path,
      hint: 'call this from it: ambit scan --staged --fail-on high',
    });
  await mkdir(dirname(path), { recursive: true });
  const shebang = old === '' ? '#!/bin/sh\n' : `${old.trimEnd()}\n\n`;
  await writeFile(path, `${shebang}${snippet}`);
  await chmod(path, 0o755);
  io.out(old === '' ? 'Wrote the pre-commit hook.\n' : 'Added the scan to your pre-commit hook.\n');
}

async function ignoreEnv(workspace: string, io: Io): Promise<void> {
  const path = join(workspace, '.gitignore');
  const old = await readOptional(path);
  const present = new Set(old.split(/\r?\n/).map((line) => line.trim()));
  const covered = present.has('.env*') || (present.has('.env') && present.has('.env.*'));
  if (covered) return;
  const missing = ignoreLines.filter((line) => !present.has(line));
  const end = old === '' || old.endsWith('\n') ? '' : '\n';
  await writeFile(path, `${old}${end}${missing.join('\n')}\n`);
  io.out(`Added to .gitignore: ${missing.join(', ')}\n`);
}

async function run(args: string[], io: Io): Promise<number> {
  const { positionals } = options('install', args, {});
  if (positionals[0] !== 'git' || positionals.length > 1)
    throw new AmbitError('usage', `\`ambit install ${positionals.join(' ')}\` is not known`, {
      hint: 'see: ambit install --help',
    });
  const workspace = findWorkspace(io.cwd, io.env);
  await installHook(workspace, io);
  await ignoreEnv(workspace, io);
  return exitCode.done;
}

export const command: Command = { name: 'install', summary: 'put Ambit where other tools call it', help, run };
