import { messageOf } from '@ambit/core/errors';
import type {
  Action,
  ActionKind,
  ActionOf,
  AuditRecord,
  Decision,
  Label,
  Outcome,
  RecordKind,
  RunRef,
} from '@ambit/core/schema';
import { type Grant, makeGrant, type Resolved, type ResolvedOf } from './grant.ts';

/** A human's answer to one question, bound to the effect that was shown. */
export interface Answer {
  allowed: boolean;
  /** `once` covers this action; `run` the same effect for this run; `always` writes a user rule. */
  scope: 'once' | 'run' | 'always';
  /** Terminal or UI channel that answered; never a pipe. */
  channel: string;
  reason?: string;
}

/** What a human is asked: the effect as it will be carried out, and why it is a question. */
export interface Question {
  resolved: Resolved;
  decision: Decision;
}

/** What an executor reports; the gate redacts and labels it before anybody else sees it. */
export interface Executed {
  status: 'done' | 'failed' | 'cancelled';
  text: string;
  labels: Label[];
  detail?: Record<string, unknown>;
}

export interface GatePorts {
  /** Resolves paths, command lines and hosts. A throw means the action is denied. */
  resolve: (action: Action) => Promise<Resolved>;
  /** The policy point: pure, total over resolved actions. */
  decide: (resolved: Resolved, labels: readonly Label[]) => Decision;
  /** Absent when nobody can be asked: every `ask` is then a denial. */
  ask?: (question: Question) => Promise<Answer>;
  /** Writes one audit record durably before it resolves. A throw means the action does not happen. */
  record: (kind: RecordKind, run: RunRef | null, data: Record<string, unknown>) => Promise<AuditRecord>;
  /** Called before the first effect that changes something. */
  checkpoint: (resolved: Resolved) => Promise<void>;
  redact: (text: string) => { text: string; redactions: number };
  /** Told of each decision and outcome, for live display; must not throw. */
  notice?: (notice: { action: Action; decision: Decision; outcome?: Outcome }) => void;
}

const changing: ReadonlySet<ActionKind> = new Set(['write', 'delete', 'move', 'execute']);

function denial(rule: string, reason: string): Decision {
  const because = { rule, effect: 'deny' as const, source: 'built-in', reason };
  return { effect: 'deny', because, rules: [because], classes: [] };
}

/** What the log keeps of an action: never file contents, only their length. */
function summarize(action: Action): Record<string, unknown> {
  const { run: _run, ...rest } = action;
  if ('content' in rest && typeof rest.content === 'string') {
    const { content, ...shape } = rest;
    return { ...shape, contentBytes: Buffer.byteLength(content) };
  }
  return rest;
}

async function decideAction(action: Action, ports: GatePorts): Promise<{ resolved?: Resolved; decision: Decision }> {
  try {
    const resolved = await ports.resolve(action);
    return { resolved, decision: ports.decide(resolved, action.labels) };
  } catch (error) {
    return { decision: denial('gate.unresolved', `could not be resolved and decided: ${messageOf(error)}`) };
  }
}

async function settle(resolved: Resolved, decision: Decision, ports: GatePorts): Promise<Decision> {
  if (decision.effect !== 'ask') return decision;
  if (!ports.ask) {
    const reason = `${decision.because.reason}; nobody is here to answer`;
    return { ...decision, effect: 'deny', because: { ...decision.because, effect: 'deny', reason } };
  }
  const answer = await ports.ask({ resolved, decision });
  await ports.record('answer', resolved.action.run, { action: resolved.action.id, ...answer });
  const effect = answer.allowed ? ('allow' as const) : ('deny' as const);
  const reason =
    answer.reason ?? `answered at the ${answer.channel}: ${answer.allowed ? 'yes' : 'no'}, ${answer.scope}`;
  return { ...decision, effect, because: { ...decision.because, effect, reason } };
}

/**
 * The one door. Order never varies: resolve, label, decide, record intent, ask, checkpoint, execute, redact and label,
 * record outcome. Never throws: whatever goes wrong before execution is a denial, during execution a failed outcome.
 */
export async function perform<K extends ActionKind>(
  action: ActionOf<K>,
  execute: (grant: Grant<K>) => Promise<Executed>,
  ports: GatePorts,
): Promise<Outcome> {
  const decided = await decideAction(action, ports);
  let decision = decided.decision;
  try {
    await ports.record('intent', action.run, { action: summarize(action), decision });
    if (decided.resolved) decision = await settle(decided.resolved, decision, ports);
  } catch (error) {
    decision = denial('gate.unrecorded', `the audit log or the question failed: ${messageOf(error)}`);
  }
  ports.notice?.({ action, decision });
  const executed =
    decision.effect === 'allow' && decided.resolved
      ? await carryOut(decided.resolved as ResolvedOf<K>, decision, execute, ports)
      : undefined;
  const outcome = conclude(action, decision, executed, ports);
  try {
    const { text: _text, decision: _decision, ...kept } = outcome;
    await ports.record('outcome', action.run, { ...kept, rule: outcome.decision.because.rule });
  } catch (error) {
    outcome.text += `\n(the audit log could not record this outcome: ${messageOf(error)})`;
    outcome.status = outcome.status === 'done' ? 'failed' : outcome.status;
  }
  ports.notice?.({ action, decision, outcome });
  return outcome;
}

async function carryOut<K extends ActionKind>(
  resolved: ResolvedOf<K>,
  decision: Decision,
  execute: (grant: Grant<K>) => Promise<Executed>,
  ports: GatePorts,
): Promise<Executed> {
  try {
    if (changing.has(resolved.kind)) await ports.checkpoint(resolved);
    return await execute(makeGrant(resolved, decision));
  } catch (error) {
    return { status: 'failed', text: messageOf(error), labels: ['tool'] };
  }
}

function conclude(action: Action, decision: Decision, executed: Executed | undefined, ports: GatePorts): Outcome {
  if (!executed) {
    const { rule, reason } = decision.because;
    return { action: action.id, status: 'denied', text: `denied by ${rule}: ${reason}`, labels: [], decision };
  }
  const clean = ports.redact(executed.text);
  return {
    action: action.id,
    status: executed.status,
    text: clean.text,
    labels: executed.labels,
    decision,
    ...(executed.detail ? { detail: executed.detail } : {}),
    ...(clean.redactions > 0 ? { redactions: clean.redactions } : {}),
  };
}
