import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AmbitError } from '@ambit/core/errors';

interface Owner {
  pid: number;
  host: string;
  /** Kernel start time of the process, so that a reused pid is not taken for the owner. */
  started: string;
}

// Without waiting: each step takes microseconds, and handing it to a thread and back ten times that.
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function isStale(path: string): boolean {
  const owner = readOwner(path);
  if (!owner) {
    const found = statSync(path, { throwIfNoEntry: false });
    // The link is made complete; an unreadable lock is damage. Young ones get the benefit of the doubt.
    return found !== undefined && Date.now() - found.mtimeMs > 5_000;
  }
  if (owner.host !== hostname()) return false;
  if (!alive(owner.pid)) return true;
  return owner.started !== '' && startOf(owner.pid) !== owner.started;
}

function tryTake(path: string): boolean {
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const owner: Owner = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
  writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 });
  try {
    // link(2) is atomic and fails when the lock exists, also on network file systems.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Takes away the lock of an owner that died. Only one at a time may: who has seen a dead owner, and is late, would take away
 * the lock that another one has made since. SECURITY: held by lock.test.ts.
 */
export function recover(path: string): boolean {
  const turn = `${path}.recover`;
  if (!tryTake(turn)) {
    if (isStale(turn)) rmSync(turn, { force: true });
    return false;
  }
  try {
    const stale = isStale(path);
    if (stale) rmSync(path, { force: true });
    return stale;
  } finally {
    rmSync(turn, { force: true });
  }
}

/**
 * Runs `work` while holding the lock file. A lock whose owner died is recovered. Waits up to `waitMs`; then fails with
 * the owner's pid.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, waitMs = 0): Promise<T> {
  const deadline = Date.now() + waitMs;
  while (!tryTake(path)) {
    if (isStale(path) && recover(path)) continue;
    if (Date.now() >= deadline) {
      const owner = readOwner(path);
      throw new AmbitError('state.locked', `another Ambit is working here (pid ${owner?.pid ?? 'unknown'})`, {
        where: path,
        hint: 'wait for it to end, or end it; a lock whose owner died is recovered by itself',
      });
    }
    await sleep(10);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}
