import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolderIn } from '../working-copy/tree.ts';
import { bridgeScript } from './bridge.ts';
import { insideAmbit } from './environment.ts';
import type { Bind, Layout } from './layout.ts';

/** Files of the sandbox's own that stand in every root. */
const own: Readonly<Record<string, string>> = {
  '/etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
  '/etc/hostname': 'ambit\n',
  '/etc/resolv.conf': '',
  [`${insideAmbit}/bridge.mjs`]: bridgeScript,
};

/** A root that nobody used for so long is made anew when somebody does. */
const unusedDays = 30;

/**
 * A folder with every mount point of the layout: the root of the sandbox, mounted read-only. Made once for each layout in
 * `folder` and found again by its hash. `r` is the root itself; what lies beside it is for the time before the command
 * starts.
 */
export function skeletonOf(folder: string, layout: Layout): string {
  // Where things are mounted from is of no interest here: it differs from run to run.
  const { binds: _binds, ...points } = layout;
  const hash = createHash('sha256')
    .update(JSON.stringify([points, own]))
    .digest('hex')
    .slice(0, 32);
  const path = join(folder, `skeleton-${hash}`);
  if (inUse(path)) return path;
  removeUnused(folder);
  const fresh = `${path}.${process.pid}.tmp`;
  rmSync(fresh, { recursive: true, force: true });
  fill(fresh, layout);
  try {
    renameSync(fresh, path);
  } catch (error) {
    // Another run was first.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(path)) throw error;
  }
  return path;
}

/** Whether it is there; then it counts as used from now on. */
function inUse(path: string): boolean {
  try {
    const now = Date.now() / 1_000;
    utimesSync(path, now, now);
    return true;
  } catch {
    return false;
  }
}

function removeUnused(folder: string): void {
  const oldest = Date.now() - unusedDays * 24 * 3_600_000;
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const path = join(folder, name);
    const changed = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (name.startsWith('skeleton-') && changed < oldest) rmSync(path, { recursive: true, force: true });
  }
}

function fill(path: string, layout: Layout): void {
  const root = join(path, 'r');
  mkdirSync(join(path, 'old'), { recursive: true, mode: 0o755 });
  const made = new Set<string>();
  const folder = (at: string) => {
    if (!made.has(at)) mkdirSync(join(root, at), { recursive: true, mode: 0o755 });
    made.add(at);
  };
  const file = (at: string, content: string | Uint8Array, mode = 0o644) => {
    folder(dirname(at));
    writeFileSync(join(root, at), content, { mode });
  };
  const link = (at: string, to: string) => {
    folder(dirname(at));
    symlinkSync(to, join(root, at));
  };
  for (const at of layout.folders) folder(at);
  for (const at of layout.files) file(at, '');
  for (const { at } of layout.copies) file(at, readFileSync(at));
  for (const { at, to } of layout.links) link(at, to);
  for (const { at, text } of layout.scripts) file(at, text, 0o755);
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

/** SECURITY: a run can write there: no link of its making is followed; held by sandbox.contract.ts («links that leave»). */
function makeStandIn(bind: Bind, folder: string): void {
  try {
    makeFolderIn(bind.source, folder.slice(bind.target.length + 1));
  } catch {
    // Something of the run's stands in the way, and stays.
  }
}

/**
 * Makes mount points below folders of our own that are mounted themselves (the private `/tmp` hides the skeleton's).
 * Elsewhere a mount point inside another mount exists because both exist on this machine.
 */
export function makeNestedPoints(layout: Layout): void {
  for (const bind of layout.binds) {
    if (!bind.own) continue;
    for (const folder of layout.standIns) if (folder.startsWith(`${bind.target}/`)) makeStandIn(bind, folder);
    for (const inner of layout.binds) {
      if (inner === bind || !inner.target.startsWith(`${bind.target}/`)) continue;
      const point = join(bind.source, inner.target.slice(bind.target.length));
      if (existsSync(point)) continue;
      mkdirSync(layout.files.includes(inner.target) ? dirname(point) : point, { recursive: true });
      if (layout.files.includes(inner.target)) writeFileSync(point, '');
    }
  }
}
