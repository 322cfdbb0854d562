import { readFileSync } from 'node:fs';
import type { SandboxLimits } from './sandbox.ts';

const everyMilliseconds = 250;
const pageBytes = 4_096;

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function residentBytes(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    // Resident without shared pages: what the process itself takes.
    return Math.max(0, Number(fields[1]) - Number(fields[2])) * pageBytes;
  } catch {
    return 0;
  }
}

/** Processes and private resident memory of everything below a process. */
export function usageOf(pid: number, most = 5_000): { processes: number; bytes: number } {
  const queue = [pid];
  let processes = 0;
  let bytes = 0;
  for (let next = queue.pop(); next !== undefined && processes <= most; next = queue.pop()) {
    processes++;
    bytes += residentBytes(next);
    queue.push(...childrenOf(next));
  }
  return { processes, bytes };
}

/**
 * Holds the limits on the run as a whole, which per-process limits of the system cannot: many small processes. Linux only;
 * `over` is called once.
 */
export function watchMemory(pid: number | undefined, limits: SandboxLimits, over: () => void): { stop(): void } {
  if (process.platform !== 'linux' || pid === undefined) return { stop: () => undefined };
  const timer = setInterval(() => {
    const { processes, bytes } = usageOf(pid);
    // The launcher's own processes are in the count.
    if (bytes <= limits.memoryMegabytes * 1024 * 1024 && processes <= limits.processes + 8) return;
    clearInterval(timer);
    over();
  }, everyMilliseconds);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
