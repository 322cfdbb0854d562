import type { Usage } from '@ambit/core/schema';
import { type Answer, collect } from '../providers/collect.ts';
import type { Message, ModelEvent, ModelUsage } from '../providers/model.ts';
import { runCalls } from './calls.ts';
import { estimateTokens } from './estimate.ts';
import { type RepetitionWatch, repetitionWarning, watchRepetition } from './repeat.ts';
import { type AgentInput, type AgentPorts, type AgentResult, describe, type RunStatus, userMessage } from './types.ts';

/** Where the provider does not say how much it takes. */
const assumedContext = 128_000;
/** Share of the context at which the history is compacted, leaving room for an answer. */
const fullShare = 0.8;
const nudges = 2;

interface State {
  input: AgentInput;
  ports: AgentPorts;
  signal: AbortSignal;
  messages: Message[];
  usage: Usage;
  turns: number;
  started: number;
  /** Tokens of the last request, as the provider counted them, and how many messages it had. */
  counted: { tokens: number; messages: number };
  nudged: number;
  repetition: RepetitionWatch;
}

type Step = { next: true } | { status: RunStatus; text: string; modelFailed?: boolean };
const goOn: Step = { next: true };

async function append(state: State, message: Message): Promise<void> {
  await state.ports.append(message);
  state.messages.push(message);
}

function forward(state: State, event: ModelEvent): void {
  if (event.type === 'text') state.ports.emit({ type: 'text.delta', text: event.text });
  if (event.type === 'retry') {
    const wait = `${(event.delayMs / 1_000).toFixed(1)} s`;
    const text = `the model did not answer (${event.error.message}); asking again in ${wait}`;
    state.ports.emit({ type: 'note', level: 'warning', text });
  }
}

function addUsage(state: State, usage: ModelUsage | undefined): Usage | undefined {
  if (!usage) return undefined;
  const dollars = state.ports.dollars(usage);
  const { usage: sum } = state;
  sum.inputTokens += usage.inputTokens;
  sum.outputTokens += usage.outputTokens;
  sum.cachedTokens = (sum.cachedTokens ?? 0) + usage.cachedTokens;
  if (dollars !== undefined) sum.dollars = (sum.dollars ?? 0) + dollars;
  state.counted = { tokens: usage.inputTokens + usage.outputTokens, messages: state.messages.length + 1 };
  return { ...usage, ...(dollars === undefined ? {} : { dollars }) };
}

/** What the provider counted last, plus an estimate of what came since. */
function contextSize(state: State): number {
  const { tokens, messages } = state.counted;
  return tokens + estimateTokens(state.messages.slice(messages));
}

function spent(state: State): string | undefined {
  const { limits } = state.input;
  const { inputTokens, outputTokens, dollars } = state.usage;
  if (state.turns >= limits.turns) return `${limits.turns} turns`;
  if (limits.tokens && inputTokens + outputTokens >= limits.tokens) return `${limits.tokens} tokens`;
  if (limits.dollars && dollars !== undefined && dollars >= limits.dollars) return `${limits.dollars} dollars`;
  if (limits.seconds && state.ports.now() - state.started >= limits.seconds * 1_000) return `${limits.seconds} s`;
  return undefined;
}

async function compact(state: State): Promise<boolean> {
  const shorter = await state.ports.compact(state.messages, state.signal);
  if (!shorter) return false;
  await state.ports.compacted(shorter);
  state.messages = [...shorter];
  state.counted = { tokens: estimateTokens(shorter), messages: shorter.length };
  state.ports.emit({ type: 'note', level: 'info', text: 'the conversation was compacted' });
  return true;
}

async function ask(state: State, compactedBefore = false): Promise<Answer> {
  const { model, system, tools, effort } = state.input;
  const request = { system, messages: state.messages, tools: describe(tools), ...(effort ? { effort } : {}) };
  const answer = await collect(model, request, state.signal, (event) => forward(state, event));
  if (answer.error?.kind !== 'overflow' || compactedBefore || !(await compact(state))) return answer;
  return ask(state, true);
}

function failure(state: State, answer: Answer): Step {
  const { error } = answer;
  if (state.signal.aborted || error?.kind === 'aborted') return { status: 'interrupted', text: 'stopped' };
  if (error?.kind === 'overflow')
    return {
      status: 'failed',
      modelFailed: true,
      text: `the conversation is too long for the model: ${error.message}`,
    };
  return { status: 'failed', modelFailed: true, text: `the model failed: ${error?.message ?? 'no reason given'}` };
}

/** An answer that ends nothing: cut at the output limit, or with nothing in it. */
async function nudge(state: State, text: string, failed: string): Promise<Step> {
  if (state.nudged >= nudges) return { status: 'failed', modelFailed: true, text: failed };
  state.nudged += 1;
  await append(state, userMessage(text));
  return goOn;
}

async function conclude(state: State, answer: Answer): Promise<Step> {
  if (answer.reason === 'refused')
    return { status: 'failed', modelFailed: true, text: answer.text || 'the model refused to answer' };
  if (answer.reason === 'length')
    return nudge(state, '(cut at the output limit; go on)', 'the answer is cut each time');
  if (answer.text.trim() === '')
    return nudge(state, '(the answer was empty; go on, or say that it is done)', 'the model answers with nothing');
  return { status: 'done', text: answer.text };
}

async function act(state: State, answer: Answer): Promise<Step> {
  const results = await runCalls(answer.calls, state.input.tools, state.ports, state.signal);
  const repetition = state.repetition.see(answer.calls, results);
  const last = results.at(-1);
  if (repetition !== 'none' && last) last.text += `\n${repetitionWarning}`;
  await append(state, { role: 'tool', parts: results });
  if (state.signal.aborted) return { status: 'interrupted', text: 'stopped' };
  if (repetition === 'stop') return { status: 'failed', text: 'the model repeats itself; the run was ended' };
  return goOn;
}

async function turn(state: State): Promise<Step> {
  const { ports } = state;
  for (const message of ports.queued()) await append(state, message);
  const limit = (state.input.model.contextTokens ?? assumedContext) * fullShare;
  if (contextSize(state) > limit) await compact(state);
  state.turns += 1;
  ports.emit({ type: 'turn.started', turn: state.turns });
  const answer = await ask(state);
  const usage = addUsage(state, answer.usage);
  if (answer.error) return failure(state, answer);
  const said = answer.parts.some((part) => part.type === 'call' || part.text !== '');
  if (said) await append(state, { role: 'assistant', parts: answer.parts });
  ports.emit({ type: 'message.finished', text: answer.text, ...(usage ? { usage } : {}) });
  if (answer.calls.length > 0) state.nudged = 0;
  const step = answer.calls.length > 0 ? await act(state, answer) : await conclude(state, answer);
  ports.emit({ type: 'turn.finished', turn: state.turns, ...(usage ? { usage } : {}) });
  return step;
}

/**
 * Prompt to answer: asks the model, carries its tool calls out through the door, until it answers without a call, a
 * limit is reached, or the signal aborts. Throws only what `ports.append` throws.
 */
export async function runAgent(input: AgentInput, ports: AgentPorts, signal: AbortSignal): Promise<AgentResult> {
  const state: State = {
    input,
    ports,
    signal,
    messages: [...input.messages],
    usage: { inputTokens: 0, outputTokens: 0 },
    turns: 0,
    started: ports.now(),
    counted: { tokens: 0, messages: 0 },
    nudged: 0,
    repetition: watchRepetition(),
  };
  const end = (status: RunStatus, text: string, modelFailed = false): AgentResult => ({
    status,
    text,
    modelFailed,
    turns: state.turns,
    usage: state.usage,
    messages: state.messages,
  });
  for (;;) {
    if (signal.aborted) return end('interrupted', 'stopped');
    const limit = spent(state);
    if (limit) return end('budget', `the budget of ${limit} is used up`);
    const step = await turn(state);
    if ('next' in step) continue;
    // What people said while the model gave its last answer is still to be heard.
    const late = step.status === 'done' ? ports.queued() : [];
    if (late.length === 0) return end(step.status, step.text, step.modelFailed);
    for (const message of late) await append(state, message);
  }
}
