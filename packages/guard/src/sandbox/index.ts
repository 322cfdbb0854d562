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
