import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';

/** Where one workspace's state lives, outside the workspace so that a run cannot reach it (design, «On disk»). */
export interface StatePaths {
  /** `~/.local/state/ambit/<workspace>`. */
  root: string;
  /** Real path of the workspace. */
  workspace: string;
  audit: string;
  approvals: string;
  changeSets: string;
  workingCopies: string;
  sessions: string;
  checkpoints: string;
  trust: string;
  evidence: string;
  hooks: string;
  cache: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

function base(env: Environment, variable: string, fallback: string): string {
  const set = env[variable];
  // The XDG specification: a relative value is invalid and ignored.
  if (set && isAbsolute(set)) return join(set, 'ambit');
  return join(env['HOME'] || homedir(), fallback, 'ambit');
}

/** User configuration: `~/.config/ambit`, or below XDG_CONFIG_HOME. */
export function configDirectory(env: Environment): string {
  return base(env, 'XDG_CONFIG_HOME', '.config');
}

/** What can be made again at any time: `~/.cache/ambit`, or below XDG_CACHE_HOME. A run cannot write there. */
export function cacheDirectory(env: Environment): string {
  return base(env, 'XDG_CACHE_HOME', '.cache');
}

/** The user's own state beyond workspaces: `~/.local/state/ambit`. A run cannot reach it. */
export function stateDirectory(env: Environment): string {
  return base(env, 'XDG_STATE_HOME', join('.local', 'state'));
}

/** What the user had fetched and wants kept: `~/.local/share/ambit`, or below XDG_DATA_HOME. */
export function dataDirectory(env: Environment): string {
  return base(env, 'XDG_DATA_HOME', join('.local', 'share'));
}

/** Paths only; nothing is created. `workspace` must exist. */
export function statePaths(workspace: string, env: Environment): StatePaths {
  const real = realpathSync.native(workspace);
  const name = basename(real).replaceAll(/[^\w.-]+/g, '-') || 'root';
  const id = `${name.slice(0, 40)}-${createHash('sha256').update(real).digest('hex').slice(0, 16)}`;
  const root = join(stateDirectory(env), id);
  const below = (folder: string) => join(root, folder);
  return {
    root,
    workspace: real,
    audit: below('audit'),
    approvals: below('approvals'),
    changeSets: below('change-sets'),
    workingCopies: below('working-copies'),
    sessions: below('sessions'),
    checkpoints: below('checkpoints'),
    trust: below('trust'),
    evidence: below('evidence'),
    hooks: below('hooks'),
    cache: below('cache'),
  };
}

/**
 * Folder of one run's working copy. A run's name may come from a session file, which somebody may have edited or brought: it
 * is a name and no path. SECURITY: held by evals/attacks («session:run-…») and session.test.ts («a session file cannot name …»).
 */
export function workingCopyFolder(state: Pick<StatePaths, 'workingCopies'>, run: unknown): string {
  if (typeof run === 'string' && /^[\w-]{1,100}$/.test(run)) return join(state.workingCopies, run);
  throw new AmbitError('state.broken', 'a run whose name is not usable as one', {
    where: state.workingCopies,
    hint: 'to see the sessions of this workspace: ambit resume --list',
  });
}
