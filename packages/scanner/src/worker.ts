// Entry of a scan thread: reads and scans the files of each batch it is sent.
import { parentPort, workerData } from 'node:worker_threads';
import { prepareForMany } from './engines/syntax/parse.ts';
import type { Batch, BatchResult, WorkerSetup } from './pool.ts';
import { scanPaths } from './read.ts';
import { createScanner } from './scanner.ts';

const { root, catalog, limit, skipTests } = workerData as WorkerSetup;
await prepareForMany();
const scanner = await createScanner(catalog, { skipTests });
parentPort?.on('message', ({ paths }: Batch) => {
  const result: BatchResult = { reports: scanPaths(scanner, root, paths, limit) };
  parentPort?.postMessage(result);
});
