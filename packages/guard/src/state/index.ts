export { writeAtomic } from './atomic.ts';
export { withLock } from './lock.ts';
export {
  cacheDirectory,
  configDirectory,
  dataDirectory,
  type StatePaths,
  stateDirectory,
  statePaths,
  workingCopyFolder,
} from './paths.ts';
