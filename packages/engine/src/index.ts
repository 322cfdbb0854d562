export { type AgentResult, estimateTokens, type RunLimits, runAgent } from './agent/index.ts';
export { type Confinement, confinedCommands } from './session/commands.ts';
export { type Refusal, wantsHuman } from './session/door.ts';
export { listSessions, type SessionSummary } from './session/listing.ts';
export {
  branchOf,
  historyOf,
  keptOf,
  openSessionLog,
  readSession,
  type SessionEntry,
  type SessionLog,
  saidOf,
  sessionFile,
  type TurnSummary,
  turnsOf,
} from './session/log.ts';
export { type Rewound, rewindSession, type TurnPoint, turnPoints } from './session/rewind.ts';
export type { McpSetup } from './session/serving.ts';
export type { PromptOptions, Session, SessionHooks } from './session/session.ts';
export {
  type Continuation,
  continueSession,
  type OpenedSession,
  type OpenSessionOptions,
  openSession,
} from './session.ts';
export type { AnyTool, RunCommand, Tool, ToolContext } from './tools/index.ts';
