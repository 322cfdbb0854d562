export { writeAtomic } from './atomic.ts';
export { withLock } from './lock.ts';
export { configDirectory, type StatePaths, statePaths } from './paths.ts';
