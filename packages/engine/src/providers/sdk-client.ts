import type { LanguageModelV4, LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider';
import { modelError } from './errors.ts';
import type { FinishReason, ModelClient, ModelEvent, ModelRequest, ModelUsage, ProviderData } from './model.ts';
import { type Dialect, toCallOptions } from './prompt.ts';

export interface SdkClientOptions {
  id: string;
  /** Loads the provider package and makes the model; called at the first request, once. */
  load: () => Promise<LanguageModelV4>;
  dialect?: Dialect;
  contextTokens?: number;
  /** A server silent for so long counts as gone. Local servers may read a long prompt for minutes. */
  silenceMs?: number;
}

const aborted: ModelEvent = { type: 'error', error: { kind: 'aborted', message: 'stopped' } };

function cut(message: string): ModelEvent {
  return { type: 'error', error: { kind: 'transient', message } };
}

function usageOf(usage: LanguageModelV4Usage): ModelUsage {
  return {
    inputTokens: usage.inputTokens.total ?? 0,
    outputTokens: usage.outputTokens.total ?? 0,
    cachedTokens: usage.inputTokens.cacheRead ?? 0,
  };
}

const reasons: Record<string, FinishReason> = {
  stop: 'stop',
  'tool-calls': 'calls',
  length: 'length',
  'content-filter': 'refused',
};

/** Gathers deltas into whole parts; one per request. */
interface Gathering {
  texts: Map<string, { kind: 'text' | 'reasoning'; text: string; provider?: ProviderData }>;
}

function closeText(gathering: Gathering, key: string, metadata: unknown): ModelEvent[] {
  const open = gathering.texts.get(key);
  if (!open) return [];
  gathering.texts.delete(key);
  const provider = (metadata ?? open.provider) as ProviderData | undefined;
  return [{ type: 'part', part: { type: open.kind, text: open.text, ...(provider ? { provider } : {}) } }];
}

function finishEvents(part: Extract<LanguageModelV4StreamPart, { type: 'finish' }>): ModelEvent[] {
  const { unified, raw } = part.finishReason;
  // Provider packages end a stream that just stopped with an unnamed reason: the answer was cut.
  if (raw === undefined && unified === 'other') return [cut('the answer ended before it was finished')];
  if (unified === 'error') return [cut(`the provider gave up (${raw ?? 'no reason given'})`)];
  return [{ type: 'finish', reason: reasons[unified] ?? 'other', usage: usageOf(part.usage) }];
}

function toEvents(part: LanguageModelV4StreamPart, gathering: Gathering, signal: AbortSignal): ModelEvent[] {
  switch (part.type) {
    case 'text-start':
    case 'reasoning-start': {
      const kind = part.type === 'text-start' ? 'text' : 'reasoning';
      const provider = part.providerMetadata as ProviderData | undefined;
      gathering.texts.set(`${kind}:${part.id}`, { kind, text: '', ...(provider ? { provider } : {}) });
      return [];
    }
    case 'text-delta':
    case 'reasoning-delta': {
      const kind = part.type === 'text-delta' ? 'text' : 'reasoning';
      const open = gathering.texts.get(`${kind}:${part.id}`);
      if (open) open.text += part.delta;
      if (open && part.providerMetadata) open.provider = part.providerMetadata as ProviderData;
      return part.delta === '' ? [] : [{ type: kind, text: part.delta }];
    }
    case 'text-end':
      return closeText(gathering, `text:${part.id}`, part.providerMetadata);
    case 'reasoning-end':
      return closeText(gathering, `reasoning:${part.id}`, part.providerMetadata);
    case 'tool-call': {
      const provider = part.providerMetadata as ProviderData | undefined;
      const call = { type: 'call' as const, id: part.toolCallId, name: part.toolName, arguments: part.input };
      return [{ type: 'part', part: { ...call, ...(provider ? { provider } : {}) } }];
    }
    case 'finish':
      return finishEvents(part);
    case 'error':
      return [{ type: 'error', error: modelError(part.error, signal) }];
    default:
      return [];
  }
}

/** Settles with the promise, or as soon as the signal aborts or the time is over. */
function within<T>(promise: PromiseLike<T>, signal: AbortSignal, ms: number): Promise<T | 'aborted' | 'silent'> {
  return new Promise((resolve, reject) => {
    const done = (value: T | 'aborted' | 'silent') => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(value);
    };
    const onAbort = () => done('aborted');
    const timer = setTimeout(() => done('silent'), ms);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) done('aborted');
    promise.then(done, (error: unknown) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      reject(error);
    });
  });
}

interface Reading {
  signal: AbortSignal;
  silenceMs: number;
}

async function* readParts(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  reading: Reading,
): AsyncGenerator<ModelEvent> {
  const reader = stream.getReader();
  const gathering: Gathering = { texts: new Map() };
  try {
    for (;;) {
      const next = await within(reader.read(), reading.signal, reading.silenceMs);
      if (next === 'aborted') return yield aborted;
      if (next === 'silent') return yield cut(`no word for ${Math.round(reading.silenceMs / 1_000)} s`);
      if (next.done) return yield cut('the connection was closed in the middle of the answer');
      for (const event of toEvents(next.value, gathering, reading.signal)) {
        yield event;
        if (event.type === 'finish' || event.type === 'error') return;
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

/** A model behind one of the AI SDK's provider packages. */
export function sdkClient(options: SdkClientOptions): ModelClient {
  const { silenceMs = 300_000, dialect = {} } = options;
  let model: Promise<LanguageModelV4> | undefined;
  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    if (signal.aborted) return yield aborted;
    // Also ends the request when the consumer stops reading or the server falls silent.
    const leave = new AbortController();
    try {
      model ??= options.load();
      const both = AbortSignal.any([signal, leave.signal]);
      const call = (await model).doStream(toCallOptions(request, dialect, both));
      const started = await within(call, signal, silenceMs);
      if (started === 'aborted') return yield aborted;
      if (started === 'silent') return yield cut(`no answer for ${Math.round(silenceMs / 1_000)} s`);
      yield* readParts(started.stream, { signal, silenceMs });
    } catch (error) {
      yield { type: 'error', error: modelError(error, signal) };
    } finally {
      leave.abort();
    }
  }
  return {
    id: options.id,
    ...(options.contextTokens ? { contextTokens: options.contextTokens } : {}),
    stream,
  };
}
