export { writeAtomic } from './atomic.ts';
export { withLock } from './lock.ts';
export { cacheDirectory, configDirectory, type StatePaths, stateDirectory, statePaths } from './paths.ts';
