import type { ModelClient, ModelEvent, ModelRequest } from '@ambit/engine/providers';

/** One answer of the recording: words, and what it calls. */
export interface RecordedTurn {
  text: string;
  calls: { tool: string; arguments: Record<string, unknown> }[];
}

/** Which answer comes next is told from the request alone, so one recording serves several runs at a time. */
export type Recording = (request: ModelRequest) => readonly RecordedTurn[];

function turnNumber(request: ModelRequest): number {
  const lastPrompt = request.messages.findLastIndex((message) => message.role === 'user');
  return request.messages.slice(lastPrompt + 1).filter((message) => message.role === 'assistant').length;
}

async function* answer(turn: RecordedTurn, number: number): AsyncIterable<ModelEvent> {
  if (turn.text) {
    yield { type: 'text', text: turn.text };
    yield { type: 'part', part: { type: 'text', text: turn.text } };
  }
  for (const [i, { tool, arguments: given }] of turn.calls.entries())
    yield {
      type: 'part',
      part: { type: 'call', id: `call-${number}-${i}`, name: tool, arguments: JSON.stringify(given) },
    };
  const usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0 };
  yield { type: 'finish', reason: turn.calls.length > 0 ? 'calls' : 'stop', usage };
}

/** A model that says what was recorded. It is no model: it never reads what it is told. */
export function recordedModel(recording: Recording): ModelClient {
  return {
    id: 'recorded/demo',
    stream: (request) => {
      const number = turnNumber(request);
      return answer(recording(request)[number] ?? { text: 'Done.', calls: [] }, number);
    },
  };
}
