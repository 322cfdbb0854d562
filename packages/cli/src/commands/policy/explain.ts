import { readFile } from 'node:fs/promises';
import { messageOf } from '@ambit/core/errors';
import type { Decision, RuleVerdict } from '@ambit/core/schema';
import { showInvisible } from '@ambit/core/text';
import type { Resolved } from '@ambit/guard';
import { createGuard, defaultAmbit, requestsOf } from '@ambit/guard/policy';
import { diskView } from '@ambit/guard/resolve';
import { exitCode, type Io } from '../../command.ts';
import { typedAction, typedKind, typedLabels } from './action.ts';
import { type PolicyPlace, policyPlace } from './place.ts';

export interface ExplainOptions {
  as?: string;
  scope?: string;
  hosts?: string;
  taint?: string;
  autopilot?: boolean;
  unconfined?: boolean;
  json: boolean;
}

interface Explained {
  decision: Decision;
  resolved?: Resolved;
}

const list = (text: string | undefined) => text?.split(',').map((word) => word.trim()) ?? [];

async function decide(words: readonly string[], given: ExplainOptions, place: PolicyPlace): Promise<Explained> {
  const kind = typedKind(given.as ?? 'chat');
  const run = { id: 'explain', kind, depth: 0 };
  const ambit = defaultAmbit(kind);
  const guard = createGuard({
    run,
    ambit: { ...ambit, write: given.scope === undefined ? ambit.write : list(given.scope), hosts: list(given.hosts) },
    policy: place.policy,
    workspace: place.workspace,
    view: diskView(),
    readText: async (path) => readFile(path.absolute, 'utf8').catch(() => undefined),
    mode: given.autopilot ? 'autopilot' : 'supervised',
    confined: !given.unconfined,
    home: place.home,
    path: place.path,
    audit: { record: () => Promise.reject(new Error('an explanation records nothing')) },
    redact: (text) => ({ text, redactions: 0 }),
  });
  const action = typedAction(words, run, typedLabels(given.taint));
  try {
    return await guard.judge(action);
  } catch (error) {
    const because: RuleVerdict = {
      rule: 'gate.unresolved',
      effect: 'deny',
      source: 'built-in',
      reason: messageOf(error),
    };
    return { decision: { effect: 'deny', because, rules: [because], classes: [] } };
  }
}

function linesOf({ decision, resolved }: Explained): string[] {
  const { effect, because, rules, classes } = decision;
  const show = ({ rule, effect: said, source, reason }: RuleVerdict) =>
    `  ${said.padEnd(5)}  ${rule}  ${showInvisible(reason)}${source === 'built-in' ? '' : `  (${source})`}`;
  const seen = new Set<string>();
  const once = rules.filter((one) => !seen.has(show(one)) && seen.add(show(one)));
  const parts = resolved
    ? requestsOf(resolved).map((one) => `  ${one.capability}  ${showInvisible(one.value)}  [${one.classes.join(', ')}]`)
    : [];
  return [
    `${effect}: ${because.rule}: ${showInvisible(because.reason)}`,
    ...(classes.length > 0 ? [`classes: ${classes.join(', ')}`] : []),
    ...(parts.length > 0 ? ['what it comes to:', ...parts] : []),
    'rules that spoke, the deciding one first:',
    ...once.map(show),
  ];
}

/** Decides one action as a run would be told, and shows why. */
export async function explain(words: readonly string[], given: ExplainOptions, io: Io): Promise<number> {
  const place = await policyPlace(io);
  const explained = await decide(words, given, place);
  if (given.json)
    io.out(
      `${JSON.stringify({ version: 1, ...explained.decision, requests: explained.resolved ? requestsOf(explained.resolved) : [] })}\n`,
    );
  else io.out(`${linesOf(explained).join('\n')}\n`);
  return { allow: exitCode.done, ask: exitCode.needsHuman, deny: exitCode.denied }[explained.decision.effect];
}
