import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { holdNamespaces } from '../working-copy/holder.ts';
import type { SandboxView } from '../working-copy/working-copy.ts';
import { innerCommand, innerEnvironment } from './command.ts';
import { insideAmbit } from './environment.ts';
import { fstabLine, type MountLine } from './fstab.ts';
import { type Layout, layoutFor } from './layout.ts';
import { kernelFolders, type LinuxOptions, limitArguments, openWayOut, pidLimit, skeletonFolder } from './linux.ts';
import { type MountFact, mountOf, mountsBelow, readMountTable } from './mount-table.ts';
import { type Remembered, rememberedProbe } from './probe.ts';
import { follow, type Launch, setupFailed } from './process.ts';
import type { Availability, Sandbox, SandboxRequest } from './sandbox.ts';
import { keepMask, masksFolder, type Shield, shieldsFor } from './shields.ts';
import { makeNestedPoints, skeletonOf } from './skeleton.ts';
import { missingProgram, systemProgram } from './tools.ts';

const needed = ['unshare', 'nsenter', 'mount', 'umount', 'pivot_root', 'setpriv', 'prlimit', 'sh'] as const;

// The command is started by the last line, in a user namespace of its own without any right, below a changed root:
// the kernel refuses further user namespaces to a process that is not at the root of its mounts.
const setup = `set -e
trap 'code=$?; [ $code = 0 ] || [ "$started" ] || { echo "${setupFailed.mark} set-up failed" >&2; exit ${setupFailed.code}; }' EXIT
root=$1 lists=$2 mount=$3 umount=$4 pivot=$5 pids=$6; shift 6
"$mount" -c -a -T "$lists/first"
cd "$root"
[ "$pids" = 0 ] || echo "$pids" > r/proc/sys/kernel/pid_max
"$pivot" . old
cd /
"$mount" -c -a -T "/old$lists/second"
echo 0x9 > /r/sys/class/net/lo/flags
"$umount" -l /old /r/sys
started=1
set +e
"$@"
exit $?`;

/** Read-only is applied to each mount by itself; flags that the kernel has locked must be kept. */
function bindLines(table: readonly MountFact[], source: string, target: string, readOnly: boolean): MountLine[] {
  const flags = mountOf(table, source)?.flags ?? new Set<string>();
  const keep = [
    'nosuid',
    'nodev',
    ...(flags.has('noexec') ? ['noexec'] : []),
    ...(readOnly || flags.has('ro') ? ['ro'] : []),
  ];
  const inner = mountsBelow(table, source);
  const own: MountLine = { source, target, type: 'none', options: [inner.length > 0 ? 'rbind' : 'bind', ...keep] };
  if (!readOnly) return [own];
  const rest = inner.map((mount): MountLine => {
    const more = mount.flags.has('noexec') ? ['noexec'] : [];
    const at = `${target}${mount.at.slice(source.length)}`;
    return { source: 'none', target: at, type: 'none', options: ['remount', 'bind', 'ro', 'nosuid', 'nodev', ...more] };
  });
  return [own, ...rest];
}

function firstMounts(layout: Layout, skeleton: string, root: string, table: readonly MountFact[], extra: MountLine[]) {
  const lines: MountLine[] = [
    { source: skeleton, target: root, type: 'none', options: ['bind', 'ro', 'nosuid', 'nodev'] },
  ];
  const r = join(root, 'r');
  for (const bind of layout.binds) lines.push(...bindLines(table, bind.source, join(r, bind.target), bind.readOnly));
  lines.push({ source: 'proc', target: join(r, 'proc'), type: 'proc', options: ['nosuid', 'nodev', 'noexec'] });
  for (const name of ['null', 'zero', 'full', 'random', 'urandom'])
    lines.push({ source: `/dev/${name}`, target: join(r, 'dev', name), type: 'none', options: ['bind'] });
  const shm = ['nosuid', 'nodev', 'size=256m', 'mode=1777'];
  lines.push({ source: 'tmpfs', target: join(r, 'dev/shm'), type: 'tmpfs', options: shm });
  const pts = ['newinstance', 'ptmxmode=0666', 'mode=620', 'nosuid', 'noexec'];
  lines.push({ source: 'devpts', target: join(r, 'dev/pts'), type: 'devpts', options: pts });
  return [...lines, ...extra];
}

/** After the root was changed: no link in the working copy can lead these out of it any more. */
function shieldMounts(request: SandboxRequest, shields: readonly Shield[]): MountLine[] {
  return shields.map((shield): MountLine => {
    const at = join('/r', request.view.target, shield.path);
    const source = shield.kind === 'mask' ? join('/r', insideAmbit, 'masks', shield.mask ?? 'empty') : at;
    // A pin keeps the flags of what it is a part of; read-only is set by a second call that must repeat them.
    const options = shield.kind === 'pin' ? ['bind'] : ['bind', 'nosuid', 'nodev', 'ro'];
    return { source, target: at, type: 'none', options };
  });
}

function kernelMounts(): MountLine[] {
  return kernelFolders().map((path): MountLine => {
    const at = `/r${path}`;
    return { source: at, target: at, type: 'none', options: ['bind', 'ro', 'nosuid', 'nodev', 'noexec'] };
  });
}

/** Folders of the system that hold configuration with secrets. */
function systemMasks(view: SandboxView, hidden: readonly string[]): MountLine[] {
  const masks = masksFolder(view);
  return hidden.flatMap((path): MountLine[] => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats || stats.isSymbolicLink()) return [];
    const mask = stats.isDirectory() ? 'empty' : keepMask(masks.source, '');
    const source = join('/r', masks.target, mask);
    return [{ source, target: join('/r', path), type: 'none', options: ['bind', 'ro', 'nosuid', 'nodev'] }];
  });
}

function writeLists(folder: string, lists: Record<string, readonly MountLine[]>): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, lines] of Object.entries(lists)) writeFileSync(join(folder, name), lines.map(fstabLine).join(''));
}

function program(name: (typeof needed)[number]): string {
  const path = systemProgram(name);
  if (!path) throw new AmbitError('environment', `the program \`${name}\` is missing`, { hint: 'install util-linux' });
  return path;
}

function ids(request: SandboxRequest): { uid: number; gid: number } {
  return request.view.owner ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/** From Ambit to the command: enter the holder, own namespaces, set-up, then no rights at all. */
function chain(request: SandboxRequest, pid: number, root: string, lists: string): string[] {
  const { uid, gid } = ids(request);
  const { limits, view } = request;
  const drop = ['--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
  const own = ['-m', '-p', '-f', '-n', '-i', '-u', '--kill-child', '--propagation', 'private'];
  const become = view.owner ? [program('setpriv'), `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : [];
  return [
    ...[program('nsenter'), '-t', String(pid), '-U', '-m', '--preserve-credentials'],
    ...[program('setpriv'), '--pdeathsig', 'KILL'],
    ...[program('unshare'), ...own],
    ...[program('sh'), '-c', setup, 'ambit-setup', root, lists],
    ...[program('mount'), program('umount'), program('pivot_root'), pidLimit(limits)],
    ...become,
    ...[program('unshare'), '-U', `--map-user=${uid}`, `--map-group=${gid}`, '--root=/r', `--wd=${request.cwd}`],
    ...[program('setpriv'), ...drop],
    ...limitArguments(limits),
    ...innerCommand(request),
  ];
}

async function prepare(request: SandboxRequest, options: LinuxOptions): Promise<Launch> {
  const { view } = request;
  const own = view.namespace ? undefined : await holdNamespaces();
  const pid = view.namespace?.pid ?? own?.pid ?? 0;
  const lists = join(view.state, 'sandbox', `run-${randomBytes(6).toString('hex')}`);
  const egress = await openWayOut(request, options);
  const cleanup = async () => {
    rmSync(lists, { recursive: true, force: true });
    await egress.close();
    await own?.close();
  };
  try {
    const shields = await shieldsFor(request);
    const layout = layoutFor(view, options, request.outward);
    makeNestedPoints(layout);
    const root = join(view.state, 'sandbox', 'root');
    mkdirSync(root, { recursive: true });
    const r = join(root, 'r');
    const extra: MountLine[] = [{ ...masksFolder(view), type: 'none', options: ['bind', 'ro', 'nosuid', 'nodev'] }];
    if (egress.folder)
      extra.push({
        source: egress.folder,
        target: join(insideAmbit, 'egress'),
        type: 'none',
        options: ['bind', 'nosuid', 'nodev'],
      });
    const inRoot = extra.map((line) => ({ ...line, target: join(r, line.target) }));
    const sysfs: MountLine = {
      source: 'sysfs',
      target: '/r/sys',
      type: 'sysfs',
      options: ['nosuid', 'nodev', 'noexec'],
    };
    writeLists(lists, {
      first: firstMounts(layout, skeletonOf(skeletonFolder(view, options), layout), root, readMountTable(), inRoot),
      second: [
        ...shieldMounts(request, shields),
        ...systemMasks(view, options.system.hidden),
        ...kernelMounts(),
        sysfs,
      ],
    });
    const [path = '', ...args] = chain(request, pid, root, lists);
    return { program: path, args, env: innerEnvironment(request), refusedHosts: egress.refused, cleanup };
  } catch (error) {
    await cleanup();
    throw error;
  }
}

/** Confinement with nothing but the kernel and util-linux, which every distribution has. */
export function namespacesSandbox(options: LinuxOptions): Sandbox {
  const programs = needed.flatMap((name) => systemProgram(name) ?? []);
  const probe = rememberedProbe(options.cache, 'namespaces', programs);
  const start: Sandbox['start'] = async (request, signal) => {
    const started = follow(await prepare(request, options), request, signal);
    started.result.catch(() => probe.forget());
    return started;
  };
  return {
    name: 'namespaces',
    available: () => namespacesAvailable(probe),
    start,
    run: async (request, signal) => (await start(request, signal)).result,
  };
}

async function namespacesAvailable(probe: Remembered): Promise<Availability> {
  const cost = 'commands are asked one by one and run unconfined, never in autopilot';
  if (process.platform !== 'linux') return { ok: false, reason: 'namespaces exist on Linux only', cost };
  const missing = missingProgram(needed);
  if (missing) return { ok: false, reason: `the program \`${missing}\` (util-linux) is missing`, cost };
  if (probe.holds()) return { ok: true };
  try {
    await (await holdNamespaces()).close();
    probe.keep();
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: messageOf(error), cost };
  }
}
