import vm from 'node:vm';

/**
 * How long one file may take: a hundred times what the slowest ordinary file needs, so that a busy machine makes no gaps.
 * Counted in milliseconds of wall time.
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
 * Runs `work` here and now, and ends it when it is not done in time: also in the middle of a regular expression, and
 * nothing in `work` can catch that. What `work` throws is thrown.
 * SECURITY: a file that keeps an engine busy for ever costs its own report, no other (hostile.test.ts).
 */
export function bounded<T>(work: () => T, limit: number): Bounded<T> {
  let result: Bounded<T> = { done: false };
  context.run = () => {
    result = { done: true, value: work() };
  };
  try {
    script.runInContext(context, { timeout: limit });
  } catch (error) {
    if (!isTimeout(error)) throw error;
  }
  return result;
}

export const tooLong = (limit: number): string => `ended after ${limit / 1000} seconds`;
