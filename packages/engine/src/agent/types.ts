import type { Event, RunRef, Usage } from '@ambit/core/schema';
import type { Effort, ImagePart, Message, ModelClient, ModelUsage, ToolDescription } from '../providers/model.ts';
import type { AnyTool, ToolContext } from '../tools/tool.ts';

/** What a run may spend. A reached limit ends the run after the current step, with what was done so far kept. */
export interface RunLimits {
  turns: number;
  tokens?: number;
  dollars?: number;
  seconds?: number;
}

/** One tool call's surroundings, made by the session. */
export interface CallContext {
  context: ToolContext;
  /** Images the tool attached, read after it ended. */
  images: () => ImagePart[];
}

/** An event without what every event carries. */
export type EventBody = Event extends infer E ? (E extends Event ? Omit<E, 'version' | 'time' | 'run'> : never) : never;

/** Makes a shorter history that keeps what must not be lost; undefined when nothing can be left out. */
export type Compact = (messages: readonly Message[], signal: AbortSignal) => Promise<Message[] | undefined>;

/** Everything the loop reaches beyond its arguments. None may throw, except `append`. */
export interface AgentPorts {
  emit: (event: EventBody) => void;
  /** Keeps a message durably before the loop goes on. A throw ends the run: a session that is not kept is not run. */
  append: (message: Message) => Promise<void>;
  callContext: (signal: AbortSignal, tool: AnyTool, args: Record<string, unknown>) => CallContext;
  /** What people said since the last look. */
  queued: () => Message[];
  compact: Compact;
  /** Told after a compaction, so that a resumed session starts from it. */
  compacted: (messages: readonly Message[]) => Promise<void>;
  dollars: (usage: ModelUsage) => number | undefined;
  now: () => number;
}

export interface AgentInput {
  model: ModelClient;
  system: string;
  tools: readonly AnyTool[];
  /** The history, the newest message last; the loop adds to its own copy. */
  messages: readonly Message[];
  run: RunRef;
  limits: RunLimits;
  effort?: Effort;
}

export type RunStatus = 'done' | 'failed' | 'interrupted' | 'budget';

export interface AgentResult {
  status: RunStatus;
  /** The model's last words, or why the run ended. */
  text: string;
  /** The model or its provider is what failed. */
  modelFailed: boolean;
  turns: number;
  usage: Usage;
  messages: readonly Message[];
}

export function describe(tools: readonly AnyTool[]): ToolDescription[] {
  return tools.map(({ name, description, schema }) => ({ name, description, schema }));
}

export function userMessage(text: string): Message {
  return { role: 'user', parts: [{ type: 'text', text }] };
}
