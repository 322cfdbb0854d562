import { readFileSync } from 'node:fs';
import vm from 'node:vm';

/**
 * How long one file may take: a hundred times what the slowest ordinary file needs. In milliseconds of the thread's own
 * processor time, so that a busy machine makes no gaps.
 */
export const FILE_LIMIT = 10_000;

/** The whole of what engines conclude over all files. */
export const CONCLUDE_LIMIT = 60_000;

const script = new vm.Script('run()');

export type Bounded<T> = { done: true; value: T } | { done: false };

/** Made once: it costs half a millisecond. */
const context: { run?: () => void } = vm.createContext({});

/** Compared by its code: the error is of the other context's class. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}

/**
 * Milliseconds of processor time of this thread. Node 20 does not say; Linux does. Elsewhere all threads count together: who
 * works beside others is then ended as if by the clock.
 */
function threadTime(): number {
  const { threadCpuUsage }: Partial<Pick<NodeJS.Process, 'threadCpuUsage'>> = process;
  if (threadCpuUsage) {
    const { user, system } = threadCpuUsage.call(process);
    return (user + system) / 1_000;
  }
  try {
    // The first number is nanoseconds on a processor.
    const spent = Number.parseInt(readFileSync('/proc/thread-self/schedstat', 'latin1'), 10) / 1e6;
    if (spent > 0) return spent;
  } catch {
    // No such file on this system.
  }
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** On a machine however busy, work is ended after this many times its limit by the clock. */
const MOST = 12;
/** A clock that counts in steps may say a little less than the limit. */
const NEARLY = 0.8;

function attempt<T>(work: () => T, timeout: number): Bounded<T> {
  let result: Bounded<T> = { done: false };
  context.run = () => {
    result = { done: true, value: work() };
  };
  try {
    script.runInContext(context, { timeout });
  } catch (error) {
    if (!isTimeout(error)) throw error;
  }
  return result;
}

/**
 * Runs `work` here and now, and ends it when it is not done in time: also in the middle of a regular expression, and
 * nothing in `work` can catch that. What `work` throws is thrown. Work that was ended by the clock before it had used its
 * time, because others had the processor, starts again with more of the clock: it must bear that.
 * SECURITY: a file that keeps an engine busy for ever costs its own report, no other (hostile.test.ts).
 */
export function bounded<T>(work: () => T, limit: number, spent: () => number = threadTime): Bounded<T> {
  for (let timeout = limit; ; ) {
    const before = spent();
    const result = attempt(work, timeout);
    if (result.done) return result;
    const used = spent() - before;
    if (used >= limit * NEARLY || timeout >= limit * MOST) return result;
    // As long as the limit takes at the pace it had, and half as much again.
    const needed = (limit / Math.max(used, 1)) * timeout * 1.5;
    timeout = Math.round(Math.min(limit * MOST, Math.max(timeout * 2, needed)));
  }
}

export const tooLong = (limit: number): string => `ended after ${limit / 1000} seconds`;
