import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Scanned } from './read.ts';
import type { Catalog } from './scanner.ts';

/** What a worker is told: which files to look at. Results come back in any order. */
export interface Batch {
  paths: string[];
}

export interface BatchResult {
  reports: Scanned[];
}

export interface WorkerSetup {
  root: string;
  catalog: Catalog;
  skipTests: boolean;
  /** Milliseconds for one file. */
  limit: number;
}

/** In the sources the worker lies beside this file; in the bundle this code is in a chunk, one folder below it. */
function workerFile(): URL {
  const places = ['./worker.ts', './scan-worker.js', '../scan-worker.js'].map((name) => new URL(name, import.meta.url));
  const found = places.find((place) => existsSync(fileURLToPath(place)));
  if (!found) throw new Error('the scan worker is not part of this installation');
  return found;
}

const V8_MAJOR = Number.parseInt(process.versions.v8, 10);

/**
 * Syntax trees die young; without a bound each thread lets hundreds of megabytes of them lie. Newer V8 needs more for all else:
 * with 24 and a growth of 40 percent two threads had 320 to 340 MB on Node 24, with these 298, in the same time.
 */
const YOUNG_MB = V8_MAJOR <= 11 ? 24 : 12;

/** As much as the main thread has: parsers go down one level per bracket. */
const STACK_MB = 8;

/**
 * By how many percent the heap of a thread may grow before it is swept: little of a file stays. At V8's own pace two
 * threads reached 310 MB on 32 MB of sources and 270 MB at 50 percent; 40 is 6 MB less again. Neither costs more than the
 * noise of the measurement.
 */
const GROWTH = V8_MAJOR <= 11 ? 40 : 25;

/**
 * How much a function runs before V8 compiles it for speed, far more than its own measure, and a cheap compilation of
 * everything before that: each thread compiles for itself, and a scan of a few seconds does not live to see what early
 * optimisation would save. Processor seconds for 5,700 files with V8's own settings and with these: 17.5 and 14.3 on Node
 * 20, 15.3 and 12.2 on Node 22, 13.7 and 10.8 on Node 24, where compilers and their code also took 70 MB.
 */
const EAGERNESS =
  V8_MAJOR <= 11
    ? ['--always-sparkplug', '--interrupt-budget=4000000']
    : ['--always-sparkplug', '--invocation-count-for-maglev=30000', '--invocation-count-for-turbofan=200000'];

/**
 * Each thread sweeps up after itself: helpers of the collector would take the processors from the other threads, which are
 * as many as there are. Of 7.8 seconds 0.2 less.
 */
const ALONE = '--no-parallel-scavenge';

/**
 * Where the young generation of this thread, which had no bound when it was made, has grown so far it grows no further: newer
 * V8 takes 100 MB for it. In bytes, both halves.
 */
const YOUNG_ENOUGH = 16_000_000;

/** Keeps the young generation as it is once it is large enough; true when that is done. */
function holdsYoung(): boolean {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
  if (young < YOUNG_ENOUGH) return false;
  setFlagsFromString('--semi-space-growth-factor=1');
  return true;
}

const BATCH_BYTES = 250_000;
const BATCH_FILES = 48;

/** A file of this size is work for a tenth of a second: it must not be the last one. */
const LARGE = 100_000;

/** Batches that a thread has in hand, so that it never waits while this one is busy with a batch of its own. */
const AHEAD = 3;

/** The last batches are small: what a thread has before it when the list is empty is what the others wait for. */
const LAST_BYTES = 30_000;
const SHARE = 40;

/** Cuts a list into batches of similar work, large files first, so that no thread ends long after the others. */
export function batches(files: readonly { path: string; size: number }[]): Batch[] {
  const out: Batch[] = [];
  let paths: string[] = [];
  let bytes = 0;
  let left = files.reduce((sum, { size }) => sum + size, 0);
  const large = files.filter(({ size }) => size >= LARGE).sort((a, b) => b.size - a.size);
  for (const file of [...large, ...files.filter(({ size }) => size < LARGE)]) {
    paths.push(file.path);
    bytes += file.size;
    if (bytes < Math.min(BATCH_BYTES, Math.max(LAST_BYTES, left / SHARE)) && paths.length < BATCH_FILES) continue;
    out.push({ paths });
    left -= bytes;
    paths = [];
    bytes = 0;
  }
  if (paths.length > 0) out.push({ paths });
  return out;
}

async function oneWorker(
  setup: WorkerSetup,
  take: () => Batch | undefined,
  done: (result: BatchResult) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const worker = new Worker(workerFile(), {
    workerData: setup,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB, stackSizeMb: STACK_MB },
  });
  let open = 0;
  const ended = new Promise<void>((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a scan worker ended with code ${code}`)));
    const more = () => {
      for (let batch = open < AHEAD ? take() : undefined; batch; batch = open < AHEAD ? take() : undefined) {
        worker.postMessage(batch);
        open += 1;
      }
      if (open === 0) resolve();
    };
    worker.on('message', (message: BatchResult) => {
      open -= 1;
      done(message);
      more();
    });
    // What is sent before the thread listens waits for it.
    more();
  });
  try {
    await ended;
  } finally {
    worker.removeAllListeners();
    await worker.terminate();
  }
}

interface Run {
  setup: WorkerSetup;
  /** Threads beside this one. */
  count: number;
  /** Makes what does a batch on this thread, while the others start. */
  own: () => Promise<(batch: Batch) => BatchResult>;
  done: (result: BatchResult) => void;
  signal?: AbortSignal | undefined;
}

/** Runs all batches, on this thread and `count` others: a thread more has a compiler's and a catalogue's worth of memory. */
export async function runPool(work: readonly Batch[], { setup, count, own, done, signal }: Run): Promise<void> {
  if (count > 0) for (const flag of [`--heap-growing-percent=${GROWTH}`, ALONE, ...EAGERNESS]) setFlagsFromString(flag);
  let at = 0;
  const take = () => work[at++];
  const here = async () => {
    const look = await own();
    let held = count === 0 || V8_MAJOR <= 11;
    for (let batch = take(); batch; batch = take()) {
      signal?.throwIfAborted();
      done(look(batch));
      if (!held) held = holdsYoung();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all([...Array.from({ length: count }, () => oneWorker(setup, take, done, signal)), here()]);
}
