/** A JSON Schema as data; the loop checks arguments against it, providers send it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a provider needs back with a part it produced (signatures, item ids); opaque to everybody else. */
export type ProviderData = Record<string, Record<string, unknown>>;

export interface TextPart {
  type: 'text';
  text: string;
  provider?: ProviderData;
}

export interface ReasoningPart {
  type: 'reasoning';
  text: string;
  provider?: ProviderData;
}

/** `arguments` is the model's text as it came: it may be no JSON at all. */
export interface CallPart {
  type: 'call';
  id: string;
  name: string;
  arguments: string;
  provider?: ProviderData;
}

/** `data` is base64. */
export interface ImagePart {
  type: 'image';
  data: string;
  mediaType: string;
}

export interface ResultPart {
  type: 'result';
  id: string;
  name: string;
  text: string;
  failed: boolean;
  images?: ImagePart[];
}

export type Message =
  | { role: 'user'; parts: (TextPart | ImagePart)[] }
  | { role: 'assistant'; parts: (TextPart | ReasoningPart | CallPart)[] }
  | { role: 'tool'; parts: ResultPart[] };

export interface ToolDescription {
  name: string;
  description: string;
  schema: JsonSchema;
}

export type Effort = 'none' | 'low' | 'medium' | 'high';

export interface ModelRequest {
  system: string;
  messages: readonly Message[];
  tools: readonly ToolDescription[];
  effort?: Effort;
  maxOutputTokens?: number;
  /** The answer must be JSON of this schema; only for requests without tools. */
  output?: JsonSchema;
}

export interface ModelUsage {
  inputTokens: number;
  outputTokens: number;
  /** Part of `inputTokens` that was read from the provider's cache. */
  cachedTokens: number;
}

export type FinishReason = 'stop' | 'calls' | 'length' | 'refused' | 'other';

export type ModelErrorKind =
  /** Worth another try: 408, 429, 5xx, a cut connection or stream. */
  | 'transient'
  /** The request is larger than the model takes: compact, then try again. */
  | 'overflow'
  /** Wrong key or no right to the model. */
  | 'access'
  /** Anything that would fail again. */
  | 'rejected'
  | 'aborted';

export interface ModelError {
  kind: ModelErrorKind;
  /** For a human; never contains a key. */
  message: string;
  status?: number;
  /** From `retry-after`, where the server sent one. */
  retryAfterMs?: number;
}

export type ModelEvent =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  /** A part is complete; text and reasoning deltas came before. */
  | { type: 'part'; part: TextPart | ReasoningPart | CallPart }
  /** The answer so far is void: the same request is sent again after a pause. */
  | { type: 'retry'; attempt: number; delayMs: number; error: ModelError }
  | { type: 'finish'; reason: FinishReason; usage?: ModelUsage }
  | { type: 'error'; error: ModelError };

/**
 * The one thing a provider must be. The stream never throws and ends with exactly one `finish` or `error`. After
 * `signal` aborts it ends at once with an `aborted` error, whatever the server does.
 */
export interface ModelClient {
  /** `provider/model`, as chosen with `--model`. */
  readonly id: string;
  /** Tokens the model takes at most, where known. */
  readonly contextTokens?: number;
  stream: (request: ModelRequest, signal: AbortSignal) => AsyncIterable<ModelEvent>;
}
