import { homedir } from 'node:os';
import { messageOf } from '@ambit/core/errors';
import {
  compilePolicy,
  evaluate,
  type Facts,
  grantCovers,
  type Mode,
  type NamedGrant,
  type Policy,
  type Request,
  strictest,
} from '@ambit/core/policy-model';
import type { Action, Ambit, Decision, EffectClass, Label, RuleVerdict, RunRef } from '@ambit/core/schema';
import type { AuditLog } from '../audit/index.ts';
import { createSpending, type SharedSpending, type Spending, shareSpending } from '../budget/index.ts';
import type { Answer, GatePorts, Question } from '../gate.ts';
import type { Resolved, ResolvedPath } from '../grant.ts';
import type { FileView } from '../resolve/index.ts';
import { isUntrusted } from '../taint/index.ts';
import { blastRadius, confirmation, productionPath } from './blast-radius.ts';
import { type CedarVoice, cedarVoice } from './cedar.ts';
import { outsideAmbit } from './ceiling.ts';
import { floors } from './floors.ts';
import { askInstallGate, type InstallPort } from './install.ts';
import type { LoadedPolicy } from './load.ts';
import { requestsOf, workspaceName } from './requests.ts';
import { resolveAction } from './resolve-action.ts';

/** Everything one run's guard is made of. Data and ports; nothing is read behind its back. */
export interface GuardOptions {
  run: RunRef;
  ambit: Ambit;
  /** Ambits of the runs this one is part of: it stays inside every one of them. */
  within?: readonly Ambit[];
  /** Shipped sets, organisation's, user's and project's rules: `loadPolicy`. */
  policy: LoadedPolicy;
  /** Real path of the workspace. */
  workspace: string;
  view: FileView;
  /** Text of a file on that view, for scripts that a command starts; undefined when there is none. */
  readText: (path: ResolvedPath) => Promise<string | undefined>;
  mode: Mode;
  /** Whether commands run in an OS sandbox; without one no command runs unasked. */
  confined: boolean;
  /** Permissions that name effects, from approvals, the approved task's scope and configuration. */
  grants?: readonly NamedGrant[];
  /** Hashes of what this run works from; grants bound to content count only while theirs is among them. */
  hashes?: readonly string[];
  /** Absent when nobody can be asked. Only a terminal or user interface may stand behind it (C5). */
  ask?: (question: Question) => Promise<Answer>;
  /** Keeps an «always» answer as a user rule; absent where that is not offered. */
  remember?: (requests: readonly Request[], question: Question) => Promise<void>;
  audit: Pick<AuditLog, 'record'>;
  redact: GatePorts['redact'];
  checkpoint?: GatePorts['checkpoint'];
  notice?: GatePorts['notice'];
  /** The install gate: asked about every command that adds or installs packages. Absent: decided by rules alone. */
  install?: InstallPort;
  /** What stands changed in the working copy, for the budget: asked after commands, where there is a limit. */
  measure?: () => Promise<readonly { path: string; size: number }[]>;
  /** Budgets of the runs this one is part of: what it writes is theirs to count. */
  spendings?: readonly Spending[];
  /** Verdicts of further judges on a resolved action: install gate, secret content, budget. */
  judges?: readonly Judge[];
  /** Search path and home of the child's environment. */
  path?: string;
  home?: string;
}

/** A further voice at the policy point; it can only forbid or ask. */
export type Judge = (resolved: Resolved) => Promise<readonly RuleVerdict[]> | readonly RuleVerdict[];

/** The ports of the door for one run, and what others want to know of its limits. */
export interface Guard extends GatePorts {
  readonly ambit: Ambit;
  /** What the run has written so far. */
  readonly spending: Spending;
  /** Decides without asking, recording or doing: for `policy explain`, foreign agents' hooks and change sets. */
  judge: (action: Action) => Promise<{ decision: Decision; resolved?: Resolved }>;
  /** Whether a file may be read by content: for search and listing tools, which skip the others. */
  mayRead: (relative: string) => boolean;
  /** The decision on writing a path that a command has already changed in the working copy. */
  judgeChange: (relative: string, kind: 'write' | 'delete', labels?: readonly Label[]) => Promise<Decision>;
  /** Adds a permission given by a human during the run. */
  grant: (grant: NamedGrant) => void;
}

const irreversible: ReadonlySet<string> = new Set(['destructive', 'cloud', 'publish']);

interface Circumstances {
  policy: Policy;
  ambits: readonly Ambit[];
  facts: (labels: readonly Label[]) => Facts;
}

/** Folds the verdicts of floors, ambit, rules and judges over all requests of an action: the strictest decides. */
function decideRequests(
  requests: readonly Request[],
  first: readonly RuleVerdict[],
  classes: Decision['classes'],
  labels: readonly Label[],
  { policy, ambits, facts }: Circumstances,
): Decision {
  const known = facts(labels);
  const rules: RuleVerdict[] = [...first];
  let effect = first.reduce((sum, one) => strictest(sum, one.effect), 'allow' as Decision['effect']);
  for (const request of requests) {
    const named = known.grants.some((grant) => grantCovers(grant, request, known));
    for (const ambit of isPrivate(request) ? [] : ambits) {
      const ceiling = outsideAmbit(request, ambit);
      if (!ceiling || (ceiling.effect === 'ask' && named)) continue;
      rules.push(ceiling);
      effect = strictest(effect, ceiling.effect);
    }
    const verdict = evaluate(policy, request, known);
    const granted = named && verdict.because.rule === 'policy.unmatched';
    rules.push(...(granted ? [] : verdict.rules));
    effect = strictest(effect, granted ? 'allow' : verdict.effect);
  }
  const because = rules.find((one) => one.effect === effect) ?? nothing;
  return { effect, because, rules: [because, ...rules.filter((one) => one !== because)], classes: [...classes] };
}

const nothing: RuleVerdict = {
  rule: 'policy.nothing',
  effect: 'allow',
  source: 'built-in',
  reason: 'nothing is asked for',
};

/** Paths in the sandbox's private home or temporary folder are beyond the ambit's globs, not beyond the rules. */
const isPrivate = (request: Request) =>
  /^(~|\/(var\/)?tmp)(\/|$)/.test(request.value) && request.capability.startsWith('fs_');

/** Classes an action's decision carries. */
function classesOf(resolved: Resolved): Decision['classes'] {
  if (resolved.kind === 'execute') return resolved.classes;
  const classes = requestsOf(resolved).flatMap((request) => request.classes);
  return [...new Set(classes)];
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The user's folders stand before the system's; an empty path is one on which nothing is found. */
function searchPath(own: string | undefined): string {
  if (own === undefined || own === '') return own ?? defaultPath;
  return `${own}:${defaultPath}`;
}

/** Resolves an action and hears the judges, whose verdicts are kept beside what was resolved. */
function resolver(options: GuardOptions, judges: readonly Judge[], judged: WeakMap<Resolved, readonly RuleVerdict[]>) {
  return async (action: Action): Promise<Resolved> => {
    const resolved = await resolveAction(action, {
      workspace: options.workspace,
      view: options.view,
      readText: options.readText,
      knowledge: options.policy.knowledge,
      confined: options.confined,
      path: searchPath(options.path),
      home: options.home ?? homedir(),
    });
    const verdicts: RuleVerdict[] = options.install ? await askInstallGate(resolved, options.install) : [];
    for (const judge of judges) verdicts.push(...(await judge(resolved)).filter((one) => one.effect !== 'allow'));
    judged.set(resolved, verdicts);
    return resolved;
  };
}

/** Turns an answer into the permissions it gives: for exactly the parts that were asked about. */
function rememberer(options: GuardOptions, circumstances: Circumstances, given: NamedGrant[]) {
  return async (answer: Answer, question: Question): Promise<void> => {
    if (!answer.allowed || answer.scope === 'once') return;
    // Blanket answers never cover what cannot be undone (C11).
    if (question.decision.classes.some((one) => irreversible.has(one))) return;
    const { labels } = question.resolved.action;
    const requests = requestsOf(question.resolved).filter(
      (request) => decideRequests([request], [], [], labels, circumstances).effect === 'ask',
    );
    const fresh = isUntrusted(labels);
    given.push(...requests.map((request, i) => answerGrant(request, question, i, fresh, options.run)));
    if (answer.scope === 'always') await options.remember?.(requests, question);
  };
}

/** Makes the guard of one run. */
export function createGuard(options: GuardOptions): Guard {
  const given: NamedGrant[] = [];
  const judged = new WeakMap<Resolved, readonly RuleVerdict[]>();
  const { run, ambit, ask, policy } = options;
  const circumstances: Circumstances = {
    policy: compilePolicy(policy.rules, policy.broken),
    ambits: [ambit, ...(options.within ?? [])],
    facts: (labels) => ({
      run,
      labels,
      interactive: ask !== undefined,
      mode: options.mode,
      confined: options.confined,
      grants: [...policy.grants, ...(options.grants ?? []), ...given],
      hashes: options.hashes ?? [],
    }),
  };
  const spending = createSpending(ambit.budget);
  const shared = shareSpending([spending, ...(options.spendings ?? [])], options.measure);
  const cedar = cedarVoice(policy.cedar ?? []);
  const stakes = () => policy.knowledge.stakes;
  const judges = [shared.judge, blastRadius(policy.production, stakes), cedar.judge, ...(options.judges ?? [])];
  const resolve = resolver(options, judges, judged);
  const remember = rememberer(options, circumstances, given);
  const decide = (resolved: Resolved, labels: readonly Label[]): Decision => {
    const first = [...floors(resolved, { interactive: ask !== undefined }), ...(judged.get(resolved) ?? [])];
    return decideRequests(requestsOf(resolved), first, classesOf(resolved), labels, circumstances);
  };
  const judgePath: JudgePath = (capability, relative, kind, labels, first = []) => {
    const request: Request = { capability, value: workspaceName(relative), classes: [kind] };
    return decideRequests([request], first, [kind], labels, circumstances);
  };
  const asked = async (question: Question, put: NonNullable<GuardOptions['ask']>) => {
    const answer = await put(question);
    await remember(answer, question);
    return answer;
  };
  return {
    ambit,
    spending,
    resolve,
    decide,
    record: options.audit.record,
    redact: options.redact,
    checkpoint: options.checkpoint ?? (async () => undefined),
    confirm: (resolved, decision) => confirmation(resolved, decision, stakes()),
    notice: (told) => {
      if (told.outcome && told.resolved) shared.count(told.resolved, told.outcome);
      options.notice?.(told);
    },
    ...(ask ? { ask: (question: Question) => asked(question, ask) } : {}),
    judge: async (action) => {
      const resolved = await resolve(action);
      return { resolved, decision: decide(resolved, action.labels) };
    },
    mayRead: (relative) => judgePath('fs_read', relative, 'read', []).effect === 'allow',
    judgeChange: changeJudge(options, judgePath, { cedar, shared }),
    grant: (grant) => void given.push(grant),
  };
}

type JudgePath = (
  capability: 'fs_read' | 'fs_write',
  relative: string,
  kind: EffectClass,
  labels: readonly Label[],
  first?: readonly RuleVerdict[],
) => Decision;

/** What a command has written was confined but not decided: budget, production names, Cedar and rules speak now. */
function changeJudge(
  { run, policy }: GuardOptions,
  judgePath: JudgePath,
  { cedar, shared }: { cedar: CedarVoice; shared: SharedSpending },
): Guard['judgeChange'] {
  return async (relative, kind, labels = []) => {
    const request: Request = { capability: 'fs_write', value: workspaceName(relative), classes: [kind] };
    const production = productionPath(relative, policy.production);
    const first = [
      ...(await shared.exceeded()),
      ...(production ? [production] : []),
      ...(await cedar.judgeRequests({ run, labels, requests: [request] }).catch(cedarFailed)),
    ];
    return judgePath('fs_write', relative, kind, labels, first);
  };
}

const cedarFailed = (error: unknown): RuleVerdict[] => [
  { rule: 'cedar.failed', effect: 'deny', source: 'policy.cedar', reason: messageOf(error) },
];

function answerGrant(request: Request, { resolved }: Question, i: number, fresh: boolean, run: RunRef): NamedGrant {
  return {
    id: `answer:${resolved.action.id}:${i}`,
    capability: request.capability,
    // A value that reads as a pattern would cover more than was shown: such an answer counts once only.
    match: /[*?[\]{}]/.test(request.value) ? [] : [request.value],
    subject: { run: run.id },
    source: 'answer',
    ...(fresh ? { fresh } : {}),
  };
}
