// A ModelClient that answers from a script, in the process: for tests of what stands above the port.
import type {
  CallPart,
  FinishReason,
  ModelClient,
  ModelError,
  ModelEvent,
  ModelRequest,
} from '../../packages/engine/src/providers/model.ts';

export type ClientStep =
  | { text: string; reason?: FinishReason }
  | { calls: { name: string; arguments: unknown }[]; text?: string }
  | { error: ModelError };

export interface ScriptedClient extends ModelClient {
  requests: ModelRequest[];
}

function eventsOf(step: ClientStep, request: ModelRequest, turn: number): ModelEvent[] {
  if ('error' in step) return [{ type: 'error', error: step.error }];
  const characters = JSON.stringify(request.messages).length;
  const usage = { inputTokens: Math.ceil(characters / 4), outputTokens: 10, cachedTokens: 0 };
  const events: ModelEvent[] = [];
  if (step.text) {
    events.push({ type: 'text', text: step.text });
    events.push({ type: 'part', part: { type: 'text', text: step.text } });
  }
  if ('calls' in step) {
    for (const [i, call] of step.calls.entries()) {
      const text = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments);
      const part: CallPart = { type: 'call', id: `c${turn}-${i}`, name: call.name, arguments: text };
      events.push({ type: 'part', part });
    }
    events.push({ type: 'finish', reason: 'calls', usage });
  } else events.push({ type: 'finish', reason: step.reason ?? 'stop', usage });
  return events;
}

/** Steps in order, or chosen per request; after the last the text `done`. */
export function scriptedClient(
  steps: readonly ClientStep[] | ((request: ModelRequest, turn: number) => ClientStep),
  contextTokens?: number,
  /** Only the newest so many requests are kept. */
  keepRequests = Number.POSITIVE_INFINITY,
): ScriptedClient {
  const requests: ModelRequest[] = [];
  let count = 0;
  return {
    id: 'scripted/client',
    requests,
    ...(contextTokens ? { contextTokens } : {}),
    async *stream(request, signal) {
      const turn = count;
      count += 1;
      requests.push({ ...request, messages: [...request.messages] });
      if (requests.length > keepRequests) requests.shift();
      await Promise.resolve();
      if (signal.aborted) return yield { type: 'error', error: { kind: 'aborted', message: 'stopped' } };
      const step = typeof steps === 'function' ? steps(request, turn) : steps[turn];
      yield* eventsOf(step ?? { text: 'done' }, request, turn);
    },
  };
}
