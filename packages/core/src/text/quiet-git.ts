import { searchPath } from './search-path.ts';

/**
 * Options under which git runs nothing that a repository names: no hook, monitor, external diff or remote, and no
 * attributes but those in the tree. SECURITY: whoever starts git uses them (git-store, history and git tests of the
 * packages that do).
 */
export const quietGitOptions: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.attributesFile=/dev/null',
  'core.quotePath=false',
  'diff.external=',
  'safe.directory=*',
  'gc.auto=0',
  'maintenance.auto=false',
  'protocol.allow=never',
].flatMap((pair) => ['-c', pair]);

/** An environment in which git knows neither the user's nor the system's configuration, and asks nobody anything. */
export function quietGitEnvironment(path: string | undefined, workspace: string, delimiter: string) {
  return {
    PATH: searchPath(path ?? '', workspace, delimiter),
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
  };
}
