export { defaultAmbit } from './ceiling.ts';
export { createGuard, type Guard, type GuardOptions, type Judge } from './guard.ts';
export { type LoadedPolicy, shippedPolicy } from './load.ts';
export { type Protections, protections } from './protect.ts';
export { commandText, requestsOf } from './requests.ts';
export { type PolicyFile, type PolicySet, type Protection, readPolicySets } from './sets.ts';
