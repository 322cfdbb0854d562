import { AmbitError } from '@ambit/core/errors';
import type { Action, ActionOf } from '@ambit/core/schema';
import { type CommandContext, resolveCommandLine } from '../commands/index.ts';
import type { Resolved } from '../grant.ts';
import { resolvePath } from '../resolve/index.ts';

async function resolveExecute(action: ActionOf<'execute'>, context: CommandContext): Promise<Resolved> {
  const cwd = await resolvePath(action.cwd ?? '.', context);
  const { commands, classes, unparsed } = await resolveCommandLine(action.command, cwd, context);
  return {
    kind: 'execute',
    action,
    line: action.command,
    cwd,
    commands,
    classes,
    ...(unparsed === undefined ? {} : { unparsed }),
  };
}

/** A URL's host exactly as it will be connected to; refuses what different programs read differently. */
function resolveFetch(action: ActionOf<'fetch'>): Resolved {
  const refused = (why: string) =>
    new AmbitError('input.broken', `the address ${why}`, { hint: 'give a plain https:// address' });
  if (/[\u0000-\u0020\u007f\\]|%00/.test(action.url))
    throw refused('contains spaces, control characters or a backslash');
  let url: URL;
  try {
    url = new URL(action.url);
  } catch {
    throw refused('is not a URL');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(`has the scheme \`${url.protocol}\``);
  if (url.username || url.password) throw refused('carries a user name or password');
  const host = url.host.toLowerCase().replace(/\.(?=:|$)/, '');
  return { kind: 'fetch', action, url: url.href, host };
}

/** Resolves one action to plain data that is all an executor needs. Throws what cannot be resolved: then it is denied. */
export async function resolveAction(action: Action, context: CommandContext): Promise<Resolved> {
  switch (action.kind) {
    case 'read':
      return { kind: 'read', action, path: await resolvePath(action.path, context), mode: action.mode };
    case 'write':
      return { kind: 'write', action, path: await resolvePath(action.path, context) };
    case 'delete':
      return { kind: 'delete', action, path: await resolvePath(action.path, context) };
    case 'control':
      return { kind: 'control', action, path: await resolvePath(action.path, context) };
    case 'move':
      return {
        kind: 'move',
        action,
        from: await resolvePath(action.from, context),
        to: await resolvePath(action.to, context),
      };
    case 'execute':
      return resolveExecute(action, context);
    case 'fetch':
      return resolveFetch(action);
    case 'mcp':
      return { kind: 'mcp', action, server: action.server, tool: action.tool };
    case 'spawn':
      return { kind: 'spawn', action, prompt: action.prompt };
    case 'approve':
      return { kind: 'approve', action, subject: action.subject };
  }
}
