import * as z from 'zod/mini';
import { label, runRef, sha256 } from './common.ts';

const base = {
  id: z.string(),
  run: runRef,
  /** Labels of everything the run had read when it wanted this. */
  labels: z.array(label),
  /** The tool or command through which the action was asked for; for people, never for decisions. */
  via: z.optional(z.string()),
};

export const readAction = z.object({
  ...base,
  kind: z.literal('read'),
  path: z.string(),
  /** `list` names entries, `search` reads many files below `path`, `content` is one file. */
  mode: z.enum(['content', 'list', 'search']),
});

/** `content` is the whole new file. Binary content travels as base64. */
export const writeAction = z.object({
  ...base,
  kind: z.literal('write'),
  path: z.string(),
  content: z.string(),
  encoding: z.enum(['utf8', 'base64']),
});

export const deleteAction = z.object({ ...base, kind: z.literal('delete'), path: z.string() });

export const moveAction = z.object({ ...base, kind: z.literal('move'), from: z.string(), to: z.string() });

/** A shell command as written; `cwd` relative to the workspace. */
export const executeAction = z.object({
  ...base,
  kind: z.literal('execute'),
  command: z.string(),
  cwd: z.optional(z.string()),
  timeoutSeconds: z.optional(z.number()),
  background: z.optional(z.boolean()),
});

export const fetchAction = z.object({
  ...base,
  kind: z.literal('fetch'),
  url: z.string(),
  method: z.string(),
  bodyBytes: z.optional(z.int()),
});

export const mcpAction = z.object({
  ...base,
  kind: z.literal('mcp'),
  server: z.string(),
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
});

/** The limits asked for a run. An absent list means «none», never «all». */
export const ambit = z.object({
  read: z.array(z.string()),
  write: z.array(z.string()),
  commands: z.array(z.string()),
  hosts: z.array(z.string()),
  mcp: z.array(z.string()),
  budget: z.object({
    turns: z.optional(z.int()),
    tokens: z.optional(z.int()),
    dollars: z.optional(z.number()),
    seconds: z.optional(z.number()),
    bytesWritten: z.optional(z.int()),
    filesTouched: z.optional(z.int()),
  }),
});
export type Ambit = z.infer<typeof ambit>;
export type Budget = Ambit['budget'];

export const spawnAction = z.object({ ...base, kind: z.literal('spawn'), prompt: z.string(), ambit });

/** A change to a control file, which only a human applies (C1). */
export const controlAction = z.object({
  ...base,
  kind: z.literal('control'),
  path: z.string(),
  content: z.nullable(z.string()),
  reason: z.string(),
});

/** A human's approval of a document, change set, grant or lock line, bound to the content's hash (C5). */
export const approveAction = z.object({
  ...base,
  kind: z.literal('approve'),
  subject: z.string(),
  hash: sha256,
});

export const action = z.discriminatedUnion('kind', [
  readAction,
  writeAction,
  deleteAction,
  moveAction,
  executeAction,
  fetchAction,
  mcpAction,
  spawnAction,
  controlAction,
  approveAction,
]);
export type Action = z.infer<typeof action>;
export type ActionKind = Action['kind'];
export type ActionOf<K extends ActionKind> = Extract<Action, { kind: K }>;
