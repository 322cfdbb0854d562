export { runAgentHook } from './agent-hook.ts';
export { runCommandHook } from './command-hook.ts';
export { type HookGuardPorts, hookGuard, ownLine } from './hook-guard.ts';
export type { AutomationPlace, Kept, KeptChange } from './place.ts';
export { type FileRound, fileRounds } from './rounds.ts';
export { type SessionAutomation, sessionAutomation } from './session-hooks.ts';
export { aroundTools } from './tool-hooks.ts';
