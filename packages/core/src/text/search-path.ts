/**
 * A PATH to look up our own helpers (git) in: without relative entries, entries inside the workspace and the folders that
 * package managers put in front, all of which a repository can fill. SECURITY: hostile.test.ts («a program of the repository
 * in PATH is not the one that is started»).
 */
export function searchPath(path: string, workspace: string, delimiter = ':'): string {
  const inside = (folder: string) => folder === workspace || folder.startsWith(`${workspace}/`);
  return path
    .split(delimiter)
    .filter((folder) => /^(?:\/|[A-Za-z]:[\\/])/.test(folder) && !inside(folder))
    .filter((folder) => !/[\\/]node_modules[\\/]\.bin[\\/]?$/.test(folder))
    .join(delimiter);
}
