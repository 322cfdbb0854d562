export { tickTask } from './tick.ts';
