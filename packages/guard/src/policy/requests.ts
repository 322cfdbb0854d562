import type { Request } from '@ambit/core/policy-model';
import type { EffectClass } from '@ambit/core/schema';
import { shownUnknown } from '../commands/index.ts';
import type { Resolved, ResolvedCommand, ResolvedPath } from '../grant.ts';

/** A command line for rules and people: words that need it in single quotes. */
export function commandText(argv: readonly string[]): string {
  return argv
    .map(shownUnknown)
    .map((word) => (/^[\w@%+=:,./~^-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}

/** A workspace path for rules; one that begins with `~` must not be taken for the private home. */
export function workspaceName(relative: string): string {
  return relative.startsWith('~') ? `./${relative}` : relative;
}

/** A path for rules: relative to the workspace, `~/…` and `/tmp/…` in the sandbox's private folders, else absolute. */
function nameOf(path: ResolvedPath): string {
  if (path.relative !== undefined) return workspaceName(path.relative);
  if (path.private === 'home' && !path.requested.startsWith('~')) return `~/${path.requested}`;
  return path.private === undefined ? path.absolute : path.requested;
}

const reading = (path: ResolvedPath): Request => ({ capability: 'fs_read', value: nameOf(path), classes: ['read'] });
const writing = (path: ResolvedPath, effectClass: EffectClass): Request => ({
  capability: 'fs_write',
  value: nameOf(path),
  classes: [effectClass],
});

/** The command itself. Where all its hosts are known they are decided one by one, not by the class `network`. */
function ofShell(command: ResolvedCommand): Request[] {
  if (command.argv.length === 0) return [];
  const classes = command.classes.filter((one) => one !== 'network' || command.hosts.length === 0);
  return [{ capability: 'shell', value: commandText(command.argv), classes }];
}

function ofCommand(command: ResolvedCommand): Request[] {
  return [
    ...ofShell(command),
    ...command.reads.filter((path) => path.relative !== undefined || path.private).map(reading),
    ...command.writes
      .filter((path) => path.relative !== undefined || path.private)
      .map((path) => writing(path, 'write')),
    ...(command.vouched ? [] : command.hosts).map(
      (host): Request => ({ capability: 'web_fetch', value: host, classes: ['network'] }),
    ),
  ];
}

/** What an action comes to in the words of rules: every part must be allowed for the whole to be. */
export function requestsOf(resolved: Resolved): Request[] {
  switch (resolved.kind) {
    case 'read':
      return [reading(resolved.path)];
    case 'write':
      return [writing(resolved.path, 'write')];
    case 'delete':
      return [writing(resolved.path, 'delete')];
    case 'move':
      return [reading(resolved.from), writing(resolved.from, 'delete'), writing(resolved.to, 'write')];
    case 'execute':
      return resolved.commands.flatMap(ofCommand);
    case 'fetch':
      return [{ capability: 'web_fetch', value: resolved.host, classes: ['network'] }];
    case 'mcp':
      return [{ capability: 'mcp', value: `${resolved.server}/${resolved.tool}`, classes: [] }];
    case 'spawn':
      return [{ capability: 'subagent', value: resolved.action.run.kind, classes: [] }];
    case 'control':
    case 'approve':
      return [];
  }
}

/** Every path an action names, with what it wants of it. */
export function pathsOf(resolved: Resolved): { path: ResolvedPath; write: boolean; command?: ResolvedCommand }[] {
  switch (resolved.kind) {
    case 'read':
      return [{ path: resolved.path, write: false }];
    case 'write':
    case 'delete':
      return [{ path: resolved.path, write: true }];
    case 'move':
      return [
        { path: resolved.from, write: true },
        { path: resolved.to, write: true },
      ];
    case 'execute':
      return [
        { path: resolved.cwd, write: false },
        ...resolved.commands.flatMap((command) => [
          ...command.reads.map((path) => ({ path, write: false, command })),
          ...command.writes.map((path) => ({ path, write: true, command })),
        ]),
      ];
    default:
      return [];
  }
}
