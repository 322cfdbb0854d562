import * as z from 'zod/mini';
import { runRef, time } from './common.ts';
import { decision, outcomeStatus } from './decision.ts';

const base = { version: z.literal(1), time, run: z.nullable(runRef) };

export const usage = z.object({
  inputTokens: z.int(),
  outputTokens: z.int(),
  cachedTokens: z.optional(z.int()),
  /** US dollars, absent where the price is not known. */
  dollars: z.optional(z.number()),
});
export type Usage = z.infer<typeof usage>;

/** One line of `--json` output, and what hooks match on. Consumers ignore types and fields they do not know. */
export const event = z.discriminatedUnion('type', [
  z.object({ ...base, type: z.literal('run.started'), prompt: z.string(), model: z.optional(z.string()) }),
  z.object({ ...base, type: z.literal('turn.started'), turn: z.int() }),
  z.object({ ...base, type: z.literal('text.delta'), text: z.string() }),
  z.object({ ...base, type: z.literal('message.finished'), text: z.string(), usage: z.optional(usage) }),
  z.object({
    ...base,
    type: z.literal('action.requested'),
    action: z.string(),
    tool: z.string(),
    /** What the step is; an edit looks (`read`) before it changes (`write`). */
    kind: z.optional(z.string()),
    summary: z.string(),
  }),
  z.object({ ...base, type: z.literal('action.decided'), action: z.string(), decision }),
  z.object({
    ...base,
    type: z.literal('action.finished'),
    action: z.string(),
    tool: z.string(),
    status: outcomeStatus,
    text: z.string(),
    rule: z.optional(z.string()),
  }),
  z.object({ ...base, type: z.literal('turn.finished'), turn: z.int(), usage: z.optional(usage) }),
  z.object({
    ...base,
    type: z.literal('file.changed'),
    path: z.string(),
    change: z.enum(['created', 'saved', 'deleted']),
    origin: z.string(),
  }),
  z.object({
    ...base,
    type: z.literal('change-set.made'),
    id: z.string(),
    files: z.array(z.string()),
    flags: z.array(z.string()),
  }),
  z.object({ ...base, type: z.literal('change-set.applied'), id: z.string(), checkpoint: z.string() }),
  z.object({ ...base, type: z.literal('note'), level: z.enum(['info', 'warning', 'error']), text: z.string() }),
  z.object({
    ...base,
    type: z.literal('run.finished'),
    status: z.enum(['done', 'denied', 'needs-human', 'failed', 'interrupted', 'budget']),
    exitCode: z.int(),
    text: z.string(),
    usage: z.optional(usage),
  }),
]);
export type Event = z.infer<typeof event>;
export type EventType = Event['type'];
export type EventOf<T extends EventType> = Extract<Event, { type: T }>;
