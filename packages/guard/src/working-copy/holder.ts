import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { AmbitError } from '@ambit/core/errors';
import { systemProgram } from '../sandbox/tools.ts';

/** A process whose namespaces others enter; `merged` is the overlay as this process reaches it. It ends by itself when Ambit does: its standard input closes. */
export interface Holder {
  pid: number;
  alive(): boolean;
  close(): Promise<void>;
  /** Ends it without waiting for that. */
  abandon(): void;
}

/** Programs that the holder runs, by absolute path. */
interface Programs {
  unshare: string;
  mount: string;
  sh: string;
}

// Relative names in the mount options, so that no workspace or state path needs escaping there.
const overlay = `set -e
cd "$2"
"$3" --rbind "$1" lower
"$3" -t overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work overlay merged
if [ "$4" ]; then
  cd git
  "$3" --rbind "$4" lower
  "$3" -t overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work overlay merged
fi
echo ready
read -r _ || true`;

const idle = 'echo ready; read -r _ || true';

// Mapped from outside once it waits: as root every owner is kept, else only our own can be. The shell is started anew
// because it gets its rights in the namespace only then.
const waiting = 'echo waiting; read -r _; sh=$1; work=$2; shift 2; exec "$sh" -c "$work" ambit-holder "$@"';

function mapOwners(pid: number): void {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid === 0) {
    writeFileSync(`/proc/${pid}/uid_map`, '0 0 4294967295\n');
    writeFileSync(`/proc/${pid}/gid_map`, '0 0 4294967295\n');
    return;
  }
  writeFileSync(`/proc/${pid}/setgroups`, 'deny');
  writeFileSync(`/proc/${pid}/uid_map`, `0 ${uid} 1\n`);
  writeFileSync(`/proc/${pid}/gid_map`, `0 ${gid} 1\n`);
}

async function answer(child: ChildProcess, wanted: string): Promise<void> {
  let output = '';
  let trouble = '';
  const said = new Promise<boolean>((resolve) => {
    child.stdout?.on('data', (data: Buffer) => {
      output += data.toString();
      if (output.includes(`${wanted}\n`)) resolve(true);
    });
    child.stderr?.on('data', (data: Buffer) => {
      trouble = (trouble + data.toString()).slice(-500);
    });
    child.once('error', (error) => {
      trouble = error.message;
      resolve(false);
    });
    child.once('close', () => resolve(false));
  });
  const ok = await said;
  child.stdout?.removeAllListeners('data');
  if (!ok)
    throw new AmbitError(
      'environment',
      `namespaces with an overlay cannot be made here: ${trouble.trim() || 'the process ended'}`,
      {
        hint: 'the kernel must allow user namespaces and overlays in them (5.11 or newer); a copy is used instead',
      },
    );
}

function programs(): Programs {
  const [unshare, mount, sh] = ['unshare', 'mount', 'sh'].map(systemProgram);
  if (process.platform !== 'linux' || !unshare || !mount || !sh)
    throw new AmbitError('environment', 'namespaces need Linux with `unshare` and `mount` (util-linux)');
  return { unshare, mount, sh };
}

/** Starts a process in user and mount namespaces of its own, maps their owners and lets it run `work` until `ready`. */
async function hold(found: Programs, work: string, args: readonly string[]): Promise<ChildProcess> {
  const start = ['-U', '-m', '--propagation', 'private', found.sh, '-c', waiting, 'ambit-holder', found.sh, work];
  const child = spawn(found.unshare, [...start, ...args], { cwd: '/', env: {}, stdio: 'pipe' });
  try {
    await answer(child, 'waiting');
    mapOwners(child.pid ?? 0);
    child.stdin.write('\n');
    await answer(child, 'ready');
    release(child);
    return child;
  } catch (error) {
    await end(child);
    throw error;
  }
}

/**
 * Mounts the workspace and `state/upper` together in namespaces of their own. `state` holds empty folders `lower`,
 * `upper`, `work`, `merged`; so does `state/git` when the repository's folder `git` is mounted as well. Throws
 * `environment` when this machine does not allow it.
 */
export async function holdOverlay(workspace: string, state: string, git = ''): Promise<Holder & { merged: string }> {
  const found = programs();
  const child = await hold(found, overlay, [workspace, state, found.mount, git]);
  const pid = child.pid ?? 0;
  return { ...holderOf(child), merged: `/proc/${pid}/root${state}/merged` };
}

/** Namespaces with nothing mounted in them, for commands whose working copy is a plain folder. */
export async function holdNamespaces(): Promise<Holder> {
  const child = await hold(programs(), idle, []);
  return holderOf(child);
}

function holderOf(child: ChildProcess): Holder {
  return {
    pid: child.pid ?? 0,
    alive: () => lives(child),
    close: () => end(child),
    abandon: () => void child.kill('SIGKILL'),
  };
}

const lives = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;

/** Lets Node end while the holder lives: then its input closes and it ends too. */
function release(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as Socket | null)?.unref();
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.ref();
  child.kill('SIGKILL');
  await closed;
}
