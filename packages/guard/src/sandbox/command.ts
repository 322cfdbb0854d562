import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { bridgePort, proxyEnvironment } from './bridge.ts';
import { insideAmbit } from './environment.ts';
import type { SandboxRequest } from './sandbox.ts';

const inside = (folder: string, path: string) => path === folder || path.startsWith(`${folder}/`);

/**
 * The shell that runs a granted line. SECURITY: the guard reads lines as bash does; another shell reads some of them
 * differently (`$'…'`, `{a,b}`, `&>`), so bash is used wherever it is.
 */
export function lineShell(): [program: string, ...args: string[]] {
  const bash = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash'].find((path) => existsSync(path));
  // Without `--norc`, bash takes a socket on standard input for a remote login and reads ~/.bashrc.
  return bash ? [bash, '--noprofile', '--norc', '-c'] : ['/bin/sh', '-c'];
}

/** The command as argv; refuses a program that a run could have put there. */
function argvOf(request: SandboxRequest): string[] {
  const { command, view } = request;
  if ('shell' in command) return [...lineShell(), command.shell];
  if (!command.program.startsWith('/'))
    throw new AmbitError('usage', `the program \`${command.program}\` is not an absolute path`);
  if (command.program.includes('=') || inside(view.target, command.program))
    throw new AmbitError('denied', `the program \`${command.program}\` is refused: it lies in the workspace`, {
      hint: 'start it through a shell line or an interpreter, so that it is decided as what it is',
    });
  return [command.program, ...command.args];
}

/** Loaders, shells and mount programs obey these before the command is confined. */
const obeyedBySetup =
  /^(LD_|GLIBC_|MALLOC_|LIBMOUNT_|LIBBLK|LOOPDEV_|BASH_ENV$|BASH_FUNC_|ENV$|IFS$|PS4$|SHELLOPTS$|BASHOPTS$|CDPATH$)/;

/**
 * Variables of the command. Passed as environment and never as arguments, which every user of the machine can read.
 * SECURITY: held by sandbox.contract.ts («loader variables»).
 */
export function innerEnvironment(request: SandboxRequest): Record<string, string> {
  const variables = { ...request.env, ...(request.hosts.length > 0 ? proxyEnvironment(request.hosts) : {}) };
  for (const [name, value] of Object.entries(variables)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.includes('\0'))
      throw new AmbitError('usage', `the environment variable \`${name}\` is not valid`);
    if (obeyedBySetup.test(name))
      throw new AmbitError('denied', `the environment variable \`${name}\` is refused: loaders and shells obey it`);
  }
  return variables;
}

/** The command, behind the bridge to the proxy where hosts are granted. */
export function innerCommand(request: SandboxRequest): string[] {
  if (!inside(request.view.target, request.cwd))
    throw new AmbitError('denied', `the folder \`${request.cwd}\` is outside the workspace`);
  const bridge = [
    join(insideAmbit, 'bin/node'),
    join(insideAmbit, 'bridge.mjs'),
    join(insideAmbit, 'egress/s'),
    String(bridgePort),
  ];
  return [...(request.hosts.length > 0 ? bridge : []), ...argvOf(request)];
}
