import type { RuleVerdict } from '@ambit/core/schema';
import type { Resolved, ResolvedPath } from '../grant.ts';
import { printable } from '../resolve/index.ts';
import { pathsOf } from './requests.ts';

const verdict = (rule: string, effect: 'deny' | 'ask', reason: string): RuleVerdict => ({
  rule,
  effect,
  source: 'built-in',
  reason,
});

/** Folders a command may read outside the workspace because every program does; the sandbox shows nothing else. */
const systemFolders = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/opt', '/etc/ssl', '/System', '/Library'];
const systemFiles = new Set([
  '/etc/os-release',
  '/etc/hosts',
  '/etc/passwd',
  '/etc/localtime',
  '/etc/debian_version',
  '/etc/lsb-release',
  '/etc/timezone',
  '/etc/shells',
  '/etc/services',
  '/proc/cpuinfo',
  '/proc/loadavg',
  '/proc/meminfo',
  '/proc/uptime',
  '/proc/version',
  '/proc/sys/kernel/random/uuid',
]);
const devices = new Set([
  '/dev/null',
  '/dev/zero',
  '/dev/stdin',
  '/dev/stdout',
  '/dev/stderr',
  '/dev/urandom',
  '/dev/random',
  '/dev/tty',
]);
/** Devices that take what is written and keep nothing. */
const sinks = new Set(['/dev/null', '/dev/stdout', '/dev/stderr', '/dev/tty']);

function harmlessOutside(path: ResolvedPath, write: boolean): boolean {
  if (write) return sinks.has(path.requested) || sinks.has(path.absolute);
  if (devices.has(path.requested) || devices.has(path.absolute) || systemFiles.has(path.absolute)) return true;
  return systemFolders.some((folder) => path.absolute === folder || path.absolute.startsWith(`${folder}/`));
}

/** Package managers link files into `node_modules` from their store, so there a second name is normal. */
const linkedFolders = /(^|\/)node_modules\//;

function ofPath(path: ResolvedPath, write: boolean, inCommand: boolean): RuleVerdict[] {
  const shown = printable(path.requested);
  if (path.relative === undefined) {
    if (inCommand && write && path.private === 'home' && /^~\/?\.?\*?$/.test(path.requested)) {
      return [verdict('path.home', 'deny', 'a home folder is not replaced or emptied')];
    }
    if (inCommand && (path.private || harmlessOutside(path, write))) return [];
    const through = path.links ? ' through a link' : '';
    const reason = `\`${shown}\` leads${through} to \`${printable(path.absolute)}\`, outside the workspace`;
    return [verdict('path.outside', 'deny', reason)];
  }
  if (path.type === 'special') {
    return [verdict('path.special', 'deny', `\`${shown}\` is a device, pipe or socket`)];
  }
  const linked = path.type === 'file' && (path.identity?.links ?? 1) > 1;
  if (linked && !inCommand && (write || !linkedFolders.test(path.relative))) {
    return [verdict('path.hard-link', 'deny', `\`${shown}\` has a second name elsewhere (hard link)`)];
  }
  if (write && !inCommand && path.relative === '.')
    return [verdict('path.workspace', 'deny', 'the workspace itself is not replaced')];
  return [];
}

/** What no policy file decides: the limits every rule presupposes. */
export function floors(resolved: Resolved, channel: { interactive: boolean }): RuleVerdict[] {
  const found = pathsOf(resolved).flatMap(({ path, write, command }) => ofPath(path, write, command !== undefined));
  if (resolved.kind === 'execute' && resolved.unparsed !== undefined) {
    found.push(verdict('command.unparsed', 'ask', resolved.unparsed));
  }
  if (resolved.kind === 'approve' && !(channel.interactive && resolved.action.run.kind === 'command')) {
    found.push(verdict('approve.channel', 'deny', 'only a person at a terminal or in the user interface approves'));
  }
  return found;
}
