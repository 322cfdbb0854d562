import { closeSync, existsSync, lstatSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { innerCommand, innerEnvironment } from './command.ts';
import { insideAmbit } from './environment.ts';
import { layoutFor } from './layout.ts';
import { kernelFolders, type LinuxOptions, limitArguments, openWayOut, pidLimit, skeletonFolder } from './linux.ts';
import { type Remembered, rememberedProbe, tryProgram } from './probe.ts';
import { follow, type Launch } from './process.ts';
import type { Availability, Sandbox, SandboxRequest } from './sandbox.ts';
import { seccompProgram } from './seccomp.ts';
import { keepMask, masksFolder, type Shield, shieldsFor } from './shields.ts';
import { makeNestedPoints, skeletonOf } from './skeleton.ts';
import { systemProgram } from './tools.ts';

/** The first version with everything used here. */
const oldest = [0, 8];

function shieldArguments(request: SandboxRequest, shields: readonly Shield[]): string[] {
  const masks = masksFolder(request.view).source;
  return shields.flatMap((shield) => {
    const target = join(request.view.target, shield.path);
    const self = join(request.view.source, shield.path);
    if (shield.kind === 'pin') return ['--bind', self, target];
    return ['--ro-bind', shield.kind === 'mask' ? join(masks, shield.mask ?? 'empty') : self, target];
  });
}

function systemMasks(request: SandboxRequest, hidden: readonly string[]): string[] {
  const masks = masksFolder(request.view).source;
  return hidden.flatMap((path) => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats || stats.isSymbolicLink()) return [];
    return ['--ro-bind', join(masks, stats.isDirectory() ? 'empty' : keepMask(masks, '')), path];
  });
}

const isolation = [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-net',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
  '--disable-userns',
  '--die-with-parent',
  '--new-session',
  '--cap-drop',
  'ALL',
  '--hostname',
  'ambit',
];

interface Parts {
  shields: readonly Shield[];
  egressFolder: string | undefined;
  seccomp: number | undefined;
}

function bubbleArguments(request: SandboxRequest, options: LinuxOptions, parts: Parts): string[] {
  const { view } = request;
  const layout = layoutFor(view, options, request.outward);
  makeNestedPoints(layout);
  const ids = view.owner ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const binds = layout.binds.flatMap((bind) => [bind.readOnly ? '--ro-bind' : '--bind', bind.source, bind.target]);
  const masks = masksFolder(view);
  return [
    ...isolation,
    ...['--uid', String(ids.uid), '--gid', String(ids.gid)],
    ...['--ro-bind', join(skeletonOf(skeletonFolder(view, options), layout), 'r'), '/'],
    ...['--proc', '/proc', '--dev', '/dev'],
    // bubblewrap leaves these writable to a command that runs as root.
    ...kernelFolders().flatMap((path) => ['--ro-bind', path, path]),
    ...binds,
    ...['--ro-bind', masks.source, masks.target],
    ...(parts.egressFolder ? ['--bind', parts.egressFolder, join(insideAmbit, 'egress')] : []),
    ...shieldArguments(request, parts.shields),
    ...systemMasks(request, options.system.hidden),
    ...['--chdir', request.cwd],
    ...(parts.seccomp === undefined ? [] : ['--seccomp', '3']),
    ...['--json-status-fd', parts.seccomp === undefined ? '3' : '4'],
    '--',
  ];
}

// Per-user process limits do not hold for root: a process id namespace of our own around bubblewrap does.
// The kernel answers for the namespace of whoever writes, through any mount of /proc.
const limiting = 'echo "$1" > /proc/sys/kernel/pid_max && shift && exec "$@"';

function limitRoot(request: SandboxRequest): string[] {
  const pids = pidLimit(request.limits);
  const [unshare, sh, setpriv] = ['unshare', 'sh', 'setpriv'].map(systemProgram);
  if (process.getuid?.() !== 0 || pids === '0' || !unshare || !sh || !setpriv) return [];
  return [setpriv, '--pdeathsig', 'KILL', unshare, '-p', '-f', '--kill-child', sh, '-c', limiting, 'ambit-limit', pids];
}

/** The filter as a file descriptor that bubblewrap reads; undefined on processors it is not written for. */
function openSeccomp(state: string): number | undefined {
  const program = seccompProgram(process.arch);
  if (!program) return undefined;
  const path = join(state, 'sandbox', 'seccomp.bpf');
  if (!existsSync(path)) writeFileSync(path, program, { mode: 0o600 });
  return openSync(path, 'r');
}

async function prepare(request: SandboxRequest, options: LinuxOptions, bwrap: string): Promise<Launch> {
  const { view } = request;
  const env = innerEnvironment(request);
  const inner = innerCommand(request);
  const egress = await openWayOut(request, options);
  let seccomp: number | undefined;
  const cleanup = async () => {
    if (seccomp !== undefined) closeSync(seccomp);
    seccomp = undefined;
    await egress.close();
  };
  try {
    const shields = await shieldsFor(request);
    seccomp = openSeccomp(view.state);
    const enter = view.namespace
      ? [systemProgram('nsenter') ?? 'nsenter', '-t', String(view.namespace.pid), '-U', '-m', '--preserve-credentials']
      : [];
    const args = bubbleArguments(request, options, { shields, egressFolder: egress.folder, seccomp });
    const [program = '', ...rest] = [
      ...enter,
      ...limitRoot(request),
      bwrap,
      ...args,
      ...limitArguments(request.limits),
      ...inner,
    ];
    return {
      program,
      args: rest,
      env,
      files: seccomp === undefined ? [] : [seccomp],
      tells: true,
      refusedHosts: egress.refused,
      cleanup,
    };
  } catch (error) {
    await cleanup();
    throw error;
  }
}

/** Confinement by bubblewrap, which adds a system call filter to what `namespaces` does. */
export function bubblewrapSandbox(options: LinuxOptions): Sandbox {
  const bwrap = systemProgram('bwrap');
  const probe = rememberedProbe(options.cache, 'bubblewrap', bwrap ? [bwrap] : []);
  const start: Sandbox['start'] = async (request, signal) => {
    const started = follow(await prepare(request, options, bwrap ?? 'bwrap'), request, signal);
    started.result.catch(() => probe.forget());
    return started;
  };
  return {
    name: 'bubblewrap',
    available: () => bubblewrapAvailable(bwrap, probe),
    start,
    run: async (request, signal) => (await start(request, signal)).result,
  };
}

async function bubblewrapAvailable(bwrap: string | undefined, probe: Remembered): Promise<Availability> {
  const cost = 'the `namespaces` backend is used where the kernel allows it, without a system call filter';
  const missing = (reason: string): Availability => ({ ok: false, reason, cost });
  if (process.platform !== 'linux') return missing('bubblewrap exists on Linux only');
  if (!bwrap) return missing('the program `bwrap` (package bubblewrap) is missing');
  for (const name of ['nsenter', 'prlimit'])
    if (!systemProgram(name)) return missing(`the program \`${name}\` (util-linux) is missing`);
  if (probe.holds()) return { ok: true };
  const trial = [...isolation, '--ro-bind', '/', '/', '--proc', '/proc', '--', '/bin/sh', '-c', ':'];
  const [told, tried] = await Promise.all([tryProgram(bwrap, ['--version']), tryProgram(bwrap, trial)]);
  const version = /(\d+)\.(\d+)/.exec(told.output);
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
  if (!(major > (oldest[0] ?? 0) || minor >= (oldest[1] ?? 0)))
    return missing(`bubblewrap ${version?.[0] ?? 'of an unknown version'} is older than ${oldest.join('.')}`);
  if (!tried.ok) return missing(`bubblewrap does not work here: ${tried.trouble}`);
  probe.keep();
  return { ok: true };
}
