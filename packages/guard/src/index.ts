export { type Confirmation, effectHash } from './effect.ts';
export { type Answer, type Executed, type GatePorts, perform, type Question } from './gate.ts';
export {
  type Grant,
  type Resolved,
  type ResolvedCommand,
  type ResolvedOf,
  type ResolvedPath,
  spendGrant,
} from './grant.ts';
