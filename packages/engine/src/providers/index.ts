export { providerKinds } from './catalog.ts';
export { type Answer, collect } from './collect.ts';
export { type ModelConfiguration, readModelConfiguration } from './configuration.ts';
export { findLocalServers } from './local.ts';
export type * from './model.ts';
export { openModel } from './open.ts';
export { type ModelTable, readModelTable } from './prices.ts';
export { type RetryOptions, sleepFor, withRetries } from './retry.ts';
export { chooseModel, type LocalServer, type ModelChoice, type ModelWish, type Role } from './select.ts';
