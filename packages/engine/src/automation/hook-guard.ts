import type { NamedGrant } from '@ambit/core/policy-model';
import type { Action, Decision, RunRef } from '@ambit/core/schema';
import type { Resolved } from '@ambit/guard';
import { createGuard, defaultAmbit, type Guard, type GuardOptions, requestsOf } from '@ambit/guard/policy';
import type { Hook, HookScope } from '../hooks/index.ts';

/** What differs between a hook that runs and one that is only audited. */
export type HookGuardPorts = Pick<
  GuardOptions,
  'policy' | 'workspace' | 'view' | 'readText' | 'confined' | 'audit' | 'redact'
>;

/** Accepting a hook's file accepted its very command, and the hash ties this grant to it. */
function ownCommandGrant(hook: Hook, match: readonly string[]): NamedGrant {
  const { id, hash, file } = hook;
  return { id: `hook:${id}`, capability: 'shell', match: [...match], subject: { hook: id }, hash, source: file };
}

/** The guard of a run of this hook; `own` are the lines that are its very command. Run and audit ask the same one. */
export function hookGuard(
  hook: Hook,
  scope: HookScope,
  run: RunRef,
  own: readonly string[],
  ports: HookGuardPorts,
): Guard {
  return createGuard({
    ...ports,
    run,
    ambit: {
      ...defaultAmbit('hook'),
      write: [...scope.write],
      commands: [...own, ...scope.commands],
      hosts: [...scope.hosts],
    },
    mode: 'autopilot',
    grants: own.length > 0 ? [ownCommandGrant(hook, own)] : [],
    hashes: [hook.hash],
  });
}

type ShellPart = ReturnType<typeof requestsOf>[number];

/** The hook's own line as the door takes it apart. */
export interface OwnLine {
  /** Undefined where the line cannot be read. */
  resolved: Resolved | undefined;
  decision: Decision;
  parts: ShellPart[];
  /** Grants exactly the accepted line: it is judged part by part, so its parts are what is granted. */
  guard: Guard;
}

export async function ownLine(
  guardWith: (own: readonly string[]) => Guard,
  action: Extract<Action, { kind: 'execute' }>,
): Promise<OwnLine> {
  const { resolved, decision } = await guardWith(['*']).judge(action);
  const parts = resolved ? requestsOf(resolved).filter(({ capability }) => capability === 'shell') : [];
  return { resolved, decision, parts, guard: guardWith([action.command, ...parts.map(({ value }) => value)]) };
}
