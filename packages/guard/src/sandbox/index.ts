export { type EnvironmentRules, type SandboxCatalog, type SystemPaths, sandboxCatalog } from './catalog.ts';
export { type Choice, chooseSandbox, type SandboxName } from './choose.ts';
export { type ConfineOptions, confine } from './confine.ts';
export type { EgressOptions } from './egress/proxy.ts';
export { type Upstream, upstreamFromEnvironment } from './egress/upstream.ts';
export { type ChildEnvironmentOptions, childEnvironment } from './environment.ts';
export type { LinuxOptions } from './linux.ts';
export type {
  Availability,
  HiddenPath,
  Sandbox,
  SandboxCommand,
  SandboxLimits,
  SandboxProcess,
  SandboxRequest,
  SandboxResult,
} from './sandbox.ts';
export { systemProgram } from './tools.ts';
export { unconfined } from './unconfined.ts';
