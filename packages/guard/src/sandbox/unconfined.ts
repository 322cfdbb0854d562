import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { innerEnvironment, lineShell } from './command.ts';
import { follow, type Launch } from './process.ts';
import type { Sandbox, SandboxRequest } from './sandbox.ts';

function launchOf(request: SandboxRequest): Launch {
  const { view, command } = request;
  if (view.namespace)
    throw new AmbitError('environment', 'without a sandbox, an overlay cannot be shown to a command', {
      hint: 'open the working copy with `prefer: [clone, worktree, copy]`',
    });
  const inside = request.cwd === view.target || request.cwd.startsWith(`${view.target}/`);
  if (!inside) throw new AmbitError('denied', `the folder \`${request.cwd}\` is outside the workspace`);
  const [program, ...args] =
    'shell' in command
      ? [...lineShell(), command.shell]
      : ([command.program, ...command.args] as [string, ...string[]]);
  return {
    program,
    args,
    cwd: join(view.source, request.cwd.slice(view.target.length)),
    group: true,
    env: { ...innerEnvironment({ ...request, hosts: [] }), HOME: view.home, TMPDIR: view.temporary },
    refusedHosts: () => [],
    cleanup: async () => undefined,
  };
}

/**
 * No confinement at all: only a clean environment, a private home, the copy as folder, and limits on time and output. For
 * a command that a person has just allowed by itself on a machine without a sandbox; never in autopilot. Protected and
 * hidden paths, hosts, processes and files are NOT held: the caller says so in its question.
 */
export function unconfined(): Sandbox {
  const start: Sandbox['start'] = async (request, signal) => follow(launchOf(request), request, signal);
  return {
    name: 'none',
    available: async () => ({ ok: true }),
    start,
    run: async (request, signal) => (await start(request, signal)).result,
  };
}
