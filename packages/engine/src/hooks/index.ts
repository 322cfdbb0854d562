export type { Confirm, ConfirmOption, Hook, HookAction, HookProblem, Matcher, ParsedHooks } from './hook.ts';
export { depthLimit, type HookEvent, type MatchOptions, matchHooks, namesOfTool } from './match.ts';
export { globsToRegex, type Migration, migrateHooks } from './migrate.ts';
export { parseHookFile } from './parse.ts';
export { type HookInput, hookInput } from './stdin.ts';
export { isTrigger, type Trigger, type TriggerRow, triggers } from './triggers.ts';
