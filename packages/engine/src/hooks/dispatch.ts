import { messageOf } from '@ambit/core/errors';
import { type HookGrantEntry, type HookScope, scopeOf } from './grants.ts';
import type { Hook } from './hook.ts';
import { type Ledger, type LedgerLine, restReason } from './ledger.ts';
import { type HookEvent, matchHooks } from './match.ts';
import { type Trigger, triggers } from './triggers.ts';

/** What came of one hook's run. */
export interface HookResult {
  status: 'done' | 'failed' | 'timeout' | 'interrupted';
  exitCode?: number | null;
  /** Standard output of a command (for contexts), or an agent's last words. Redacted. */
  output: string;
  /** Standard error, for the model when the hook blocks. */
  error?: string;
  dollars?: number;
  tokens?: number;
  changeSet?: string;
}

/** How hooks act; the session wires these through the door. Neither may throw for a hook's own failure. */
export interface HookPorts {
  runCommand: (hook: Hook, scope: HookScope, event: HookEvent, paths: readonly string[]) => Promise<HookResult>;
  runAgent: (hook: Hook, scope: HookScope, event: HookEvent, paths: readonly string[]) => Promise<HookResult>;
  /** A human's yes or no before a hook with `confirm` runs; absent when nobody can be asked, which is a no. */
  confirm?: (hook: Hook) => Promise<boolean>;
  note: (level: 'info' | 'warning', text: string) => void;
  now: () => Date;
}

export interface Dispatcher {
  /** Runs the hooks of one event, one after the other. For a blocking trigger, `blocked` says why it may not go on. */
  fire: (event: HookEvent, paths?: readonly string[], only?: Hook) => Promise<Fired>;
}

export interface Fired {
  blocked?: { hook: string; reason: string };
  /** Output that belongs into the context: of SessionStart and UserPromptSubmit commands. */
  context: string[];
  ran: number;
}

export interface DispatcherSetup {
  hooks: readonly Hook[];
  grants: readonly HookGrantEntry[];
  ledger: Ledger;
  ports: HookPorts;
}

const givesContext: ReadonlySet<Trigger> = new Set<Trigger>(['SessionStart', 'UserPromptSubmit']);

/** Exit code by which Kiro's hooks say «stop»; to us every other failure of a pre-hook says it too. */
const blockCode = 2;

function verdictOf(hook: Hook, scope: HookScope, result: HookResult): { reason: string; open: boolean } | undefined {
  if (result.status === 'done' && (result.exitCode ?? 0) === 0) return undefined;
  const said = (result.error || result.output).trim().slice(0, 2_000);
  if (result.exitCode === blockCode) return { reason: said || 'the hook said stop', open: false };
  const how =
    result.status === 'timeout'
      ? 'did not answer in time'
      : result.status === 'interrupted'
        ? 'was interrupted'
        : `failed${result.exitCode == null ? '' : ` with exit code ${result.exitCode}`}`;
  return { reason: `the hook \`${hook.name}\` ${how}${said ? `: ${said}` : ''}`, open: scope.failOpen !== undefined };
}

/** Longest words of a run that are kept and shown, in characters: a review is a page, a failure a few lines. */
const wordsMax = { agent: 4_000, command: 300 };

/** What a run says to a person: an agent's report, a command's failure. */
function noteOf(hook: Hook, status: LedgerLine['status'], result: HookResult): Pick<LedgerLine, 'note'> {
  const said = (result.error || result.output).trim();
  if (said === '' || (status === 'done' && hook.action.type === 'command')) return {};
  return { note: said.slice(0, wordsMax[hook.action.type]) };
}

/** Tells a person what an agent hook reported; a command's output goes into the context or nowhere. */
function report(setup: DispatcherSetup, hook: Hook, result: HookResult): void {
  if (hook.action.type !== 'agent') return;
  const words = result.output.trim().slice(0, wordsMax.agent);
  const proposal = result.changeSet ? ` [change set ${result.changeSet}]` : '';
  if (words || proposal) setup.ports.note('info', `hook \`${hook.name}\`${proposal}: ${words || 'done'}`);
}

async function runOne(
  setup: DispatcherSetup,
  hook: Hook,
  event: HookEvent,
  paths: readonly string[],
): Promise<HookResult> {
  const { ports, ledger } = setup;
  const scope = scopeOf(hook, setup.hooks, setup.grants);
  const started = ports.now();
  let result: HookResult;
  try {
    const run = hook.action.type === 'command' ? ports.runCommand : ports.runAgent;
    result = await run(hook, scope, event, paths);
  } catch (error) {
    result = { status: 'failed', output: '', error: messageOf(error) };
  }
  const blocks = triggers[hook.trigger].blocks && result.exitCode === blockCode;
  const status = blocks
    ? 'blocked'
    : result.status === 'done' && (result.exitCode ?? 0) !== 0
      ? 'failed'
      : result.status;
  const { dollars, tokens, changeSet, exitCode } = result;
  const kept: LedgerLine = {
    time: started.toISOString(),
    hook: hook.id,
    hash: hook.hash,
    kind: 'run',
    status,
    trigger: hook.trigger,
    paths: paths.length,
    milliseconds: ports.now().getTime() - started.getTime(),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(dollars === undefined ? {} : { dollars }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(changeSet === undefined ? {} : { changeSet }),
    ...noteOf(hook, status, result),
  };
  await ledger.append(kept);
  return result;
}

async function mayRun(setup: DispatcherSetup, hook: Hook): Promise<string | undefined> {
  const scope = scopeOf(hook, setup.hooks, setup.grants);
  const rest = restReason(hook, setup.ledger.lines(), scope.limits, setup.ports.now().getTime());
  if (rest) return rest;
  if (!hook.confirm) return undefined;
  // Nothing of a hook with `confirm` runs before the answer, its confirmCommand included.
  const yes = setup.ports.confirm ? await setup.ports.confirm(hook) : false;
  return yes ? undefined : 'was not confirmed';
}

/**
 * Fires hooks: matched, bounded in depth, rate and budget, recorded. A pre-hook that fails in any way stops what it
 * guards, unless its grant says why it may fail open; one that rests (paused, over budget) stops it too.
 */
export function createDispatcher(setup: DispatcherSetup): Dispatcher {
  const onHookWrites = new Set(
    setup.hooks.filter((hook) => scopeOf(hook, setup.hooks, setup.grants).onHookWrites).map((hook) => hook.id),
  );
  const running = new Map<string, Promise<HookResult>>();
  const once = async (hook: Hook, event: HookEvent, paths: readonly string[]) => {
    // One run of a hook at a time: a second event waits for the first.
    const before = running.get(hook.id);
    const run = (before ?? Promise.resolve()).then(() => runOne(setup, hook, event, paths));
    running.set(hook.id, run);
    try {
      return await run;
    } finally {
      if (running.get(hook.id) === run) running.delete(hook.id);
    }
  };
  return {
    fire: async (event, paths = event.path === undefined ? [] : [event.path], only) => {
      const fired: Fired = { context: [], ran: 0 };
      for (const hook of only ? [only] : matchHooks(setup.hooks, event, { onHookWrites })) {
        const { blocks } = triggers[hook.trigger];
        const scope = scopeOf(hook, setup.hooks, setup.grants);
        const rest = await mayRun(setup, hook);
        if (rest) {
          setup.ports.note('warning', `hook \`${hook.name}\` did not run: ${rest}`);
          if (blocks && !scope.failOpen)
            fired.blocked ??= { hook: hook.id, reason: `the hook \`${hook.name}\` could not run: ${rest}` };
          continue;
        }
        const result = await once(hook, event, paths);
        fired.ran += 1;
        const verdict = verdictOf(hook, scope, result);
        if (!verdict && givesContext.has(hook.trigger) && result.output.trim())
          fired.context.push(result.output.trim());
        if (verdict && blocks && !verdict.open) fired.blocked ??= { hook: hook.id, reason: verdict.reason };
        else if (verdict) setup.ports.note('warning', verdict.reason);
        if (!verdict) report(setup, hook, result);
      }
      return fired;
    },
  };
}
