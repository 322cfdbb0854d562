import type { Action, ActionKind, ActionOf, Label, Outcome, RunRef } from '@ambit/core/schema';
import type { Executed, Grant, ResolvedPath } from '@ambit/guard';

/** What a tool can see of the files of a run; the working copy implements it. Paths come from grants only. */
export interface RunFiles {
  read: (path: ResolvedPath) => Promise<Buffer>;
  /** Names of a folder's entries, sorted; folders end with `/`. */
  list: (path: ResolvedPath) => Promise<string[]>;
  /**
   * Files below a folder that the run may read, relative to the workspace: no secret files, no ignored ones, no links
   * followed. For search, whose grant covers the folder.
   */
  walk: (path: ResolvedPath) => AsyncIterable<string>;
  /** One file that `walk` named. */
  readFound: (relative: string) => Promise<Buffer>;
  write: (path: ResolvedPath, content: string | Buffer) => Promise<void>;
  remove: (path: ResolvedPath) => Promise<void>;
  move: (from: ResolvedPath, to: ResolvedPath) => Promise<void>;
}

export interface CommandResult {
  exitCode: number | null;
  signal: string | null;
  /** Both streams in the order they came. */
  output: string;
  timedOut: boolean;
}

/** Runs a granted command in the sandbox; implemented by the guard, wired by the session. */
export type RunCommand = (
  grant: Grant<'execute'>,
  options: { signal: AbortSignal; timeoutMs: number; onOutput?: (chunk: string) => void; maxBytes: number },
) => Promise<CommandResult>;

/** An image that goes to the model beside a tool's text. */
export interface Attachment {
  data: string;
  mediaType: string;
}

/** What `toAction` and `execute` may use. Everything that touches the world needs a grant. */
export interface ToolContext {
  run: RunRef;
  signal: AbortSignal;
  files: RunFiles;
  command: RunCommand;
  /** Labels of everything the run has read so far. */
  labels: () => Label[];
  /** A fresh action id. */
  nextId: () => string;
  /** One more action through the door, for tools that need to look before they act (edit reads, then writes). */
  perform: <K extends ActionKind>(
    action: ActionOf<K>,
    execute: (grant: Grant<K>) => Promise<Executed>,
  ) => Promise<Outcome>;
  attach: (image: Attachment) => void;
  /** Live output of a command, for display only. */
  progress: (text: string) => void;
  /** Keeps a text too long for a result, redacted; the `output` tool shows it by the number returned. */
  keepOutput: (text: string) => number;
  /** Asks the person at the terminal; absent when nobody is there. */
  human?: (question: string, choices: readonly string[]) => Promise<string>;
  /** Makes a text outlive every compaction, under a name; an empty text removes it. */
  keep: (name: string, text: string) => Promise<void>;
  kept: (name: string) => string;
  /** Carries a granted sub-run out, to its end. */
  spawn?: (grant: Grant<'spawn'>, signal: AbortSignal) => Promise<Executed>;
  /** Starts a granted command in the background; the number is for `output`. */
  background?: (grant: Grant<'execute'>) => Promise<number>;
  /** Problems a parser finds in a file's new text, by line; empty when it knows none. */
  diagnose?: (relative: string, text: string) => Promise<string[]>;
  /** A kept text or a background command's output so far; undefined when there is none of that number. */
  output: (id: number) => string | undefined;
}

/** The call cannot become an action; the text goes back to the model. */
export interface Unusable {
  unusable: string;
}

/** What the model is told of a call. */
export interface Told {
  text: string;
  failed: boolean;
}

/**
 * A tool turns arguments into one action and carries that action out once the door granted it. `toAction` sees
 * arguments already checked against `schema`. Neither half may touch the world without a grant.
 */
export interface Tool<K extends ActionKind = ActionKind> {
  name: string;
  description: string;
  schema: Readonly<Record<string, unknown>>;
  /** Changes nothing: calls of one turn may run side by side. */
  readOnly: boolean;
  /** The server's own names for a tool of an MCP server. */
  mcp?: { server: string; tool: string };
  /** One line for people: what this call is about. */
  summary: (args: Record<string, unknown>) => string;
  toAction: (
    args: Record<string, unknown>,
    context: ToolContext,
  ) => ActionOf<K> | Unusable | Promise<ActionOf<K> | Unusable>;
  /** `args` may say how to show the result (a range, a pattern), never what is touched: that is in the grant. */
  execute: (grant: Grant<K>, context: ToolContext, args: Record<string, unknown>) => Promise<Executed>;
}

/** A tool of any kind, as lists hold it; made by `tool()`, which checks the kind once. */
export interface AnyTool extends Omit<Tool, 'toAction' | 'execute'> {
  use: (args: Record<string, unknown>, context: ToolContext) => Promise<Told>;
}

/** Closes a tool over its action kind: the only way from arguments to effect is through `context.perform`. */
export function tool<K extends ActionKind>(definition: Tool<K>): AnyTool {
  const { name, description, schema, readOnly, summary } = definition;
  return {
    name,
    description,
    schema,
    readOnly,
    summary,
    use: async (args, context) => {
      const action = await definition.toAction(args, context);
      if ('unusable' in action) return { text: action.unusable, failed: true };
      const outcome = await context.perform<K>(action, (grant) => definition.execute(grant, context, args));
      return { text: outcome.text, failed: outcome.status !== 'done' };
    },
  };
}

/** The fields every action of this run shares. */
export function actionBase(context: ToolContext, via: string): Pick<Action, 'id' | 'run' | 'labels'> & { via: string } {
  return { id: context.nextId(), run: context.run, labels: context.labels(), via };
}
