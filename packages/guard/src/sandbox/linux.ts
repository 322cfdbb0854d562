import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { SandboxView } from '../working-copy/working-copy.ts';
import type { Egress, EgressOptions } from './egress/proxy.ts';
import type { LayoutFacts } from './layout.ts';
import type { SandboxLimits, SandboxRequest } from './sandbox.ts';
import { systemProgram } from './tools.ts';

/** What both Linux backends need to know of this machine. */
export interface LinuxOptions extends LayoutFacts {
  egress?: EgressOptions;
  /**
   * Folder for what can be made again: roots of sandboxes, and that a backend worked here. Without it, both are made anew
   * for each working copy. A run cannot write there.
   */
  cache?: string;
}

/** Where roots of sandboxes are kept. */
export function skeletonFolder(view: SandboxView, options: LinuxOptions): string {
  return join(options.cache ?? view.state, 'sandbox');
}

/** The proxy for granted hosts. Most commands have none, and then not even its code is loaded. */
export async function openWayOut(request: SandboxRequest, options: LinuxOptions): Promise<Egress> {
  if (request.hosts.length === 0) return { refused: () => [], close: async () => undefined };
  const { openEgress } = await import('./egress/proxy.ts');
  return openEgress(request.hosts, options.egress, request.view.owner);
}

/** Limits of each process, set just before the command starts. The run as a whole is watched besides. */
export function limitArguments(limits: SandboxLimits): string[] {
  const bytes = (megabytes: number) => megabytes * 1024 * 1024;
  return [
    systemProgram('prlimit') ?? 'prlimit',
    `--nproc=${limits.processes}`,
    // Not the address space: Node and WebAssembly reserve far more of it than they use.
    `--data=${bytes(limits.memoryMegabytes)}`,
    `--fsize=${bytes(limits.fileMegabytes)}`,
    '--core=0',
  ];
}

/**
 * What root's own files of the kernel would let a command running as root change or read, such as the program that is
 * started for a crash. SECURITY: held by sandbox.contract.ts («nothing of the machine's sockets, processes or devices»).
 */
export function kernelFolders(): string[] {
  const names = [
    'sys',
    'bus',
    'irq',
    'fs',
    'acpi',
    'driver',
    'sysrq-trigger',
    'kcore',
    'keys',
    'timer_list',
    'mtrr',
    'scsi',
  ];
  return names.map((name) => `/proc/${name}`).filter((path) => existsSync(path));
}

/**
 * Number of processes that a process id namespace is limited to, as an argument for the set-up; `0` where it must not be
 * set: before Linux 6.14 the limit is the whole machine's, and root in a namespace could change it.
 */
export function pidLimit(limits: SandboxLimits, kernel = release()): string {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  // The kernel takes no less than 301 for the limit (RESERVED_PIDS).
  return major > 6 || (major === 6 && minor >= 14) ? String(Math.max(301, limits.processes)) : '0';
}
