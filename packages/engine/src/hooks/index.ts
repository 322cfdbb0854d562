export {
  auditHook,
  type HookAudit,
  type HookAuditInput,
  type HookFinding,
  type HookJudge,
  type OwnPart,
} from './check.ts';
export { collectHooks, type FoundHook, type FoundHooks } from './collect.ts';
export {
  createDispatcher,
  type Dispatcher,
  type DispatcherSetup,
  type Fired,
  type HookPorts,
  type HookResult,
} from './dispatch.ts';
export {
  defaultLimits,
  type HookGrantEntry,
  type HookLimits,
  type HookScope,
  readHookGrants,
  scopeOf,
} from './grants.ts';
export type { Confirm, ConfirmOption, Hook, HookAction, HookProblem, Matcher, ParsedHooks } from './hook.ts';
export {
  failureLimit,
  figuresOf,
  type HookFigures,
  type Ledger,
  type LedgerLine,
  openLedger,
  restReason,
} from './ledger.ts';
export { depthLimit, type HookEvent, type MatchOptions, matchHooks, namesOfTool } from './match.ts';
export { globsToRegex, type Migration, migrateHooks } from './migrate.ts';
export { parseHookFile } from './parse.ts';
export { type EventQueue, type FileEvent, openQueue } from './queue.ts';
export { readStarters, type Starter } from './starters.ts';
export { type HookInput, hookInput } from './stdin.ts';
export { withoutHooks } from './strip.ts';
export { isTrigger, type Trigger, type TriggerRow, triggers } from './triggers.ts';
export { coalesce, type FileChange, type Watcher, type WatchOptions, watchFiles } from './watch.ts';
