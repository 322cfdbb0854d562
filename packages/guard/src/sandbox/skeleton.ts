import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bridgeScript } from './bridge.ts';
import { insideAmbit } from './environment.ts';
import type { Layout } from './layout.ts';

/** Files of the sandbox's own that stand in every root. */
const own: Readonly<Record<string, string>> = {
  '/etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
  '/etc/hostname': 'ambit\n',
  '/etc/resolv.conf': '',
  [`${insideAmbit}/bridge.mjs`]: bridgeScript,
};

/**
 * A folder with every mount point of the layout: the root of the sandbox, mounted read-only. Made once for each layout and
 * found again by its hash. `r` is the root itself; what lies beside it is for the time before the command starts.
 */
export function skeletonOf(state: string, layout: Layout): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([layout, own]))
    .digest('hex')
    .slice(0, 16);
  const path = join(state, 'sandbox', `skeleton-${hash}`);
  if (existsSync(path)) return path;
  const fresh = `${path}.${process.pid}.tmp`;
  rmSync(fresh, { recursive: true, force: true });
  fill(fresh, layout);
  try {
    renameSync(fresh, path);
  } catch (error) {
    // Another run of the same working copy was first.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(path)) throw error;
  }
  return path;
}

function fill(path: string, layout: Layout): void {
  const root = join(path, 'r');
  mkdirSync(join(path, 'old'), { recursive: true, mode: 0o755 });
  const folder = (at: string) => mkdirSync(join(root, at), { recursive: true, mode: 0o755 });
  const file = (at: string, content: string | Uint8Array) => {
    folder(dirname(at));
    writeFileSync(join(root, at), content, { mode: 0o644 });
  };
  const link = (at: string, to: string) => {
    folder(dirname(at));
    symlinkSync(to, join(root, at));
  };
  for (const at of layout.folders) folder(at);
  for (const at of layout.files) file(at, '');
  for (const { at } of layout.copies) file(at, readFileSync(at));
  for (const { at, to } of layout.links) link(at, to);
  for (const [at, content] of Object.entries(own)) file(at, content);
  for (const at of ['null', 'zero', 'full', 'random', 'urandom', 'tty']) file(`/dev/${at}`, '');
  for (const at of ['pts', 'shm']) folder(`/dev/${at}`);
  for (const at of ['masks', 'egress']) folder(`${insideAmbit}/${at}`);
  link('/dev/ptmx', 'pts/ptmx');
  link('/dev/fd', '/proc/self/fd');
  for (const [fd, name] of ['stdin', 'stdout', 'stderr'].entries()) link(`/dev/${name}`, `/proc/self/fd/${fd}`);
  link('/var/tmp', '/tmp');
  // Before the command starts, the root is one level up: programs and their libraries must be found from there.
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'usr', 'etc', 'proc', 'nix', 'dev'])
    symlinkSync(join('r', name), join(path, name));
}

/**
 * Makes mount points below folders of our own that are mounted themselves (the private `/tmp` hides the skeleton's).
 * Elsewhere a mount point inside another mount exists because both exist on this machine.
 */
export function makeNestedPoints(layout: Layout): void {
  for (const bind of layout.binds) {
    if (!bind.own) continue;
    for (const inner of layout.binds) {
      if (inner === bind || !inner.target.startsWith(`${bind.target}/`)) continue;
      const point = join(bind.source, inner.target.slice(bind.target.length));
      if (existsSync(point)) continue;
      mkdirSync(layout.files.includes(inner.target) ? dirname(point) : point, { recursive: true });
      if (layout.files.includes(inner.target)) writeFileSync(point, '');
    }
  }
}
