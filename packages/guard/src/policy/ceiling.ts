import { exactMatcher, type Request } from '@ambit/core/policy-model';
import type { Ambit, RuleVerdict, RunKind } from '@ambit/core/schema';

const everything: Ambit = { read: ['**'], write: ['**'], commands: ['*'], hosts: [], mcp: [], budget: {} };

/** What a kind of run may do before a spec or grant narrows it: hooks and foreign agents write nothing by themselves. */
export function defaultAmbit(kind: RunKind): Ambit {
  if (kind === 'hook') return { ...everything, write: [], commands: [] };
  return { ...everything };
}

const lists = {
  fs_read: { key: 'read', verb: 'read' },
  fs_write: { key: 'write', verb: 'write' },
  shell: { key: 'commands', verb: 'run' },
  web_fetch: { key: 'hosts', verb: 'reach' },
  mcp: { key: 'mcp', verb: 'call' },
} as const;

function covers(list: readonly string[], request: Request): boolean {
  return list.some((pattern) => {
    try {
      return exactMatcher(pattern, request.capability)(request.value);
    } catch {
      return false;
    }
  });
}

/**
 * The ambit's word on a request: a denial when it is not inside. Hosts and MCP tools outside are a question instead,
 * because nobody can list them beforehand; a named grant answers it.
 */
export function outsideAmbit(request: Request, ambit: Ambit): RuleVerdict | undefined {
  const list = lists[request.capability as keyof typeof lists];
  if (!list) return undefined;
  const limits = ambit[list.key];
  if (covers(limits, request)) return undefined;
  const inside = limits.length > 0 ? limits.slice(0, 5).join(', ') : 'nothing';
  const open = list.key === 'hosts' || list.key === 'mcp';
  return {
    rule: `ambit.${list.key}`,
    effect: open ? 'ask' : 'deny',
    source: 'run',
    reason: `outside the ambit of this run, which may ${list.verb} ${inside}`,
  };
}
