import type {
  CallPart,
  FinishReason,
  ModelClient,
  ModelError,
  ModelEvent,
  ModelRequest,
  ModelUsage,
  ReasoningPart,
  TextPart,
} from './model.ts';

/** A whole answer. `error` is set when it did not come to its end; `parts` then holds what was complete. */
export interface Answer {
  parts: (TextPart | ReasoningPart | CallPart)[];
  text: string;
  calls: CallPart[];
  reason?: FinishReason;
  usage?: ModelUsage;
  error?: ModelError;
}

/** Reads one answer to its end; never throws. */
export async function collect(
  model: ModelClient,
  request: ModelRequest,
  signal: AbortSignal,
  onEvent: (event: ModelEvent) => void = () => undefined,
): Promise<Answer> {
  const answer: Answer = { parts: [], text: '', calls: [] };
  for await (const event of model.stream(request, signal)) {
    onEvent(event);
    if (event.type === 'retry') Object.assign(answer, { parts: [], text: '', calls: [] });
    if (event.type === 'part') {
      answer.parts.push(event.part);
      if (event.part.type === 'text') answer.text += event.part.text;
      if (event.part.type === 'call') answer.calls.push(event.part);
    }
    if (event.type === 'finish') {
      answer.reason = event.reason;
      if (event.usage) answer.usage = event.usage;
    }
    if (event.type === 'error') answer.error = event.error;
  }
  if (!answer.reason && !answer.error) answer.error = { kind: 'transient', message: 'the answer had no end' };
  return answer;
}
