import type { ModelClient, ModelEvent, ModelRequest } from './model.ts';

export interface RetryOptions {
  /** Tries in all. */
  attempts?: number;
  firstDelayMs?: number;
  /** A server that asks for a longer pause is taken at its word up to here; beyond, the error is final. */
  longestDelayMs?: number;
  /** Resolves after so long, or at once when the signal aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  random: () => number;
}

/** Waits that a timer and an abort signal can end. */
export function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}

/**
 * Asks again after transient failures: exponential back-off with jitter (half to whole of 1 s, 2 s, 4 s …), or what
 * `retry-after` says. A `retry` event tells the reader to forget what came of the failed try.
 */
export function withRetries(model: ModelClient, options: RetryOptions): ModelClient {
  const { attempts = 5, firstDelayMs = 1_000, longestDelayMs = 60_000 } = options;
  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    for (let attempt = 1; ; attempt += 1) {
      let failed: Extract<ModelEvent, { type: 'error' }> | undefined;
      for await (const event of model.stream(request, signal)) {
        if (event.type === 'error') failed = event;
        else yield event;
      }
      if (!failed) return;
      const { error } = failed;
      const backOff = firstDelayMs * 2 ** (attempt - 1) * (0.5 + options.random() / 2);
      const delayMs = Math.round(error.retryAfterMs ?? Math.min(backOff, longestDelayMs));
      if (error.kind !== 'transient' || attempt >= attempts || delayMs > longestDelayMs || signal.aborted) {
        yield failed;
        return;
      }
      yield { type: 'retry', attempt, delayMs, error };
      await options.sleep(delayMs, signal);
      if (signal.aborted) {
        yield { type: 'error', error: { kind: 'aborted', message: 'stopped' } };
        return;
      }
    }
  }
  return { ...model, stream };
}
