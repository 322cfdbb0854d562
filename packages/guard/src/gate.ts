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
import { type Confirmation, effectHash } from './effect.ts';
import { type Grant, makeGrant, type Resolved, type ResolvedOf } from './grant.ts';
import { outcomeLabels, present } from './taint/index.ts';

/** A human's answer to one question, bound to the effect that was shown. */
export interface Answer {
  allowed: boolean;
  /** `once` covers this action; `run` the same effect for this run; `always` writes a user rule. */
  scope: 'once' | 'run' | 'always';
  /** Terminal or UI channel that answered; never a pipe. */
  channel: string;
  reason?: string;
  /** `effect` of the question, from channels that answer later; a different one is a denial. */
  effect?: string;
  /** What the human typed, where the question asked for it. */
  typed?: string;
}

/** What a human is asked: the effect as it will be carried out, and why it is a question. */
export interface Question {
  resolved: Resolved;
  decision: Decision;
  /** Hash of the exact effect; the answer counts for this one only, once. */
  effect: string;
  /** Present for effects that cannot be undone: the answer must carry `type` as `typed`. */
  confirm?: Confirmation;
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
  /** What a human must type before an effect that cannot be undone; absent: plain questions. */
  confirm?: (resolved: Resolved, decision: Decision) => Confirmation | undefined;
  /** Writes one audit record durably before it resolves. A throw means the action does not happen. */
  record: (kind: RecordKind, run: RunRef | null, data: Record<string, unknown>) => Promise<AuditRecord>;
  /** Called before the first effect that changes something. */
  checkpoint: (resolved: Resolved) => Promise<void>;
  redact: (text: string) => { text: string; redactions: number };
  /** Told of each decision and outcome, for live display; must not throw. */
  notice?: (notice: { action: Action; decision: Decision; resolved?: Resolved; outcome?: Outcome }) => void;
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

const refusedChannels: ReadonlySet<string> = new Set(['', 'pipe', 'stdin']);

/** Why an answer does not count, or nothing. */
function answerProblem(answer: Answer, question: Question): string | undefined {
  if (refusedChannels.has(answer.channel)) return 'the answer did not come from a terminal or user interface';
  if (answer.effect !== undefined && answer.effect !== question.effect)
    return 'the answer was given for another effect';
  if (question.confirm && answer.typed !== question.confirm.type) {
    return `the name \`${question.confirm.type}\` was not typed`;
  }
  return undefined;
}

interface Settled {
  decision: Decision;
  resolved: Resolved;
}

function refuse(decision: Decision, reason: string): Decision {
  return { ...decision, effect: 'deny', because: { ...decision.because, effect: 'deny', reason } };
}

/** Asks where the decision is a question, and makes sure that what was shown is still what will be done. */
async function settle(resolved: Resolved, decision: Decision, ports: GatePorts): Promise<Settled> {
  if (decision.effect !== 'ask') return { decision, resolved };
  if (!ports.ask) {
    return { decision: refuse(decision, `${decision.because.reason}; nobody is here to answer`), resolved };
  }
  const confirm = ports.confirm?.(resolved, decision);
  const question: Question = { resolved, decision, effect: effectHash(resolved), ...(confirm ? { confirm } : {}) };
  const answer = await ports.ask(question);
  const { action } = resolved;
  await ports.record('answer', action.run, { action: action.id, ...answer, effect: question.effect });
  const problem = answer.allowed ? answerProblem(answer, question) : undefined;
  const said = `answered at the ${answer.channel}: ${answer.allowed ? 'yes' : 'no'}, ${answer.scope}`;
  if (!answer.allowed || problem) return { decision: refuse(decision, problem ?? answer.reason ?? said), resolved };
  // SECURITY: the world may have changed while the question stood; held by gate.test.ts («a link swapped …»).
  const again = await ports.resolve(action);
  const now = ports.decide(again, action.labels);
  if (effectHash(again) !== question.effect || now.effect === 'deny') {
    return {
      decision: denial('gate.changed', 'what was approved is no longer what would be done; ask again'),
      resolved,
    };
  }
  const because = { ...decision.because, effect: 'allow' as const, reason: answer.reason ?? said };
  return { decision: { ...decision, effect: 'allow', because }, resolved: again };
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
  let { decision, resolved } = decided;
  try {
    await ports.record('intent', action.run, { action: summarize(action), decision });
    if (resolved) ({ decision, resolved } = await settle(resolved, decision, ports));
  } catch (error) {
    decision = denial('gate.unrecorded', `the audit log or the question failed: ${messageOf(error)}`);
  }
  notice(ports, { action, decision });
  const executed =
    decision.effect === 'allow' && resolved
      ? await carryOut(resolved as ResolvedOf<K>, decision, execute, ports)
      : undefined;
  const outcome = conclude(action, decision, executed, ports);
  try {
    const { text: _text, decision: _decision, ...kept } = outcome;
    await ports.record('outcome', action.run, { ...kept, rule: outcome.decision.because.rule });
  } catch (error) {
    outcome.text += `\n(the audit log could not record this outcome: ${messageOf(error)})`;
    outcome.status = outcome.status === 'done' ? 'failed' : outcome.status;
  }
  notice(ports, { action, decision, outcome, ...(resolved ? { resolved } : {}) });
  return outcome;
}

function notice(ports: GatePorts, told: Parameters<NonNullable<GatePorts['notice']>>[0]): void {
  try {
    ports.notice?.(told);
  } catch {
    // Display must not decide: a broken listener changes nothing about the action.
  }
}

async function carryOut<K extends ActionKind>(
  resolved: ResolvedOf<K>,
  decision: Decision,
  execute: (grant: Grant<K>) => Promise<Executed>,
  ports: GatePorts,
): Promise<Executed> {
  try {
    if (changing.has(resolved.kind)) await ports.checkpoint(resolved);
    const executed = await execute(makeGrant(resolved, decision));
    const text = present(resolved, executed.text);
    return { ...executed, text, labels: outcomeLabels(resolved, executed.labels) };
  } catch (error) {
    const text = present(resolved, messageOf(error));
    return { status: 'failed', text, labels: outcomeLabels(resolved, ['tool']) };
  }
}

function conclude(action: Action, decision: Decision, executed: Executed | undefined, ports: GatePorts): Outcome {
  if (!executed) {
    const { rule, reason } = decision.because;
    return { action: action.id, status: 'denied', text: `denied by ${rule}: ${reason}`, labels: [], decision };
  }
  const clean = redactOutcome(executed, ports);
  return {
    action: action.id,
    status: executed.status,
    text: clean.text,
    labels: executed.labels,
    decision,
    ...(clean.detail ? { detail: clean.detail } : {}),
    ...(clean.redactions > 0 ? { redactions: clean.redactions } : {}),
  };
}

/** Redacts text and details; a redaction that fails keeps everything back. */
function redactOutcome(
  executed: Executed,
  ports: GatePorts,
): { text: string; redactions: number; detail?: Executed['detail'] } {
  try {
    const clean = ports.redact(executed.text);
    const detail = executed.detail && ports.redact(JSON.stringify(executed.detail));
    if (!detail) return clean;
    const kept = detail.redactions > 0 ? redactedDetail(detail.text) : executed.detail;
    return { ...clean, redactions: clean.redactions + detail.redactions, detail: kept };
  } catch (error) {
    return { text: `(kept back: redaction failed: ${messageOf(error)})`, redactions: 1 };
  }
}

function redactedDetail(text: string): Executed['detail'] {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { redacted: true };
  }
}
