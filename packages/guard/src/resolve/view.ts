import { lstat, readlink } from 'node:fs/promises';

/** What resolution needs to know of one name, links not followed. */
export interface FileStat {
  type: 'file' | 'directory' | 'symlink' | 'special';
  /** Number of hard links to it. */
  links: number;
  dev: number;
  ino: number;
}

/**
 * The tree a path is resolved on. Paths are absolute, in the workspace's own name space, also when a working copy keeps
 * its changes elsewhere: a working copy is a view that looks at its changes first and at the workspace below second.
 */
export interface FileView {
  /** Undefined when there is nothing of that name. Throws for what cannot be examined. */
  lstat: (absolute: string) => Promise<FileStat | undefined>;
  readlink: (absolute: string) => Promise<string>;
}

/** Tells a file's kind from Node's stat object. */
export function statOf(found: {
  isFile: () => boolean;
  isDirectory: () => boolean;
  isSymbolicLink: () => boolean;
  nlink: number;
  dev: number;
  ino: number;
}): FileStat {
  const type = found.isSymbolicLink()
    ? 'symlink'
    : found.isFile()
      ? 'file'
      : found.isDirectory()
        ? 'directory'
        : 'special';
  return { type, links: found.nlink, dev: found.dev, ino: found.ino };
}

/** The disk as it is. */
export function diskView(): FileView {
  return {
    lstat: async (absolute) => {
      try {
        return statOf(await lstat(absolute));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
        throw error;
      }
    },
    readlink: (absolute) => readlink(absolute),
  };
}

/** What a working copy tells of its merged tree; paths relative to the workspace. */
export interface MergedTree {
  stat: (
    relative: string,
  ) => Promise<
    { type: 'file' | 'directory' | 'link' | 'special'; links: number; device: number; inode: number } | undefined
  >;
  readLink: (relative: string) => Promise<string>;
}

/** The run's view: the working copy inside the workspace, the disk outside of it. */
export function workingCopyView(workspace: string, tree: MergedTree, outside: FileView = diskView()): FileView {
  const below = `${workspace}/`;
  const inside = (absolute: string) => (absolute.startsWith(below) ? absolute.slice(below.length) : undefined);
  return {
    lstat: async (absolute) => {
      const relative = inside(absolute);
      if (relative === undefined) return outside.lstat(absolute);
      const found = await tree.stat(relative);
      if (!found) return undefined;
      const type = found.type === 'link' ? ('symlink' as const) : found.type;
      return { type, links: found.links, dev: found.device, ino: found.inode };
    },
    readlink: (absolute) => {
      const relative = inside(absolute);
      return relative === undefined ? outside.readlink(absolute) : tree.readLink(relative);
    },
  };
}
