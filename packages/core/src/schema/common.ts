import * as z from 'zod/mini';

/** Where text came from. Labels are joined, never dropped (design, C6). */
export const label = z.enum(['human', 'repository', 'tool', 'web', 'model']);
export type Label = z.infer<typeof label>;

export const runKind = z.enum(['chat', 'task', 'hook', 'agent', 'foreign', 'command']);
export type RunKind = z.infer<typeof runKind>;

/** The bounded piece of work an action belongs to. `depth` counts nested runs; `origin` names what started it. */
export const runRef = z.object({
  id: z.string(),
  kind: runKind,
  depth: z.int().check(z.nonnegative()),
  origin: z.optional(z.string()),
  spec: z.optional(z.string()),
  task: z.optional(z.string()),
  hook: z.optional(z.string()),
  parent: z.optional(z.string()),
});
export type RunRef = z.infer<typeof runRef>;

/** Milliseconds since the epoch are never stored: times are ISO 8601 in UTC. */
export const time = z.string();

/** Lower-case SHA-256, 64 hexadecimal digits. */
export const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
