import type { Action, ActionKind, ActionOf, Decision, EffectClass } from '@ambit/core/schema';

/** A path after resolution (C2). Executors use `absolute` or `relative` and never resolve again. */
export interface ResolvedPath {
  /** As the model or human wrote it. */
  requested: string;
  /** Relative to the workspace, `/` between segments, `.` for the workspace itself; undefined when outside. */
  relative?: string;
  /** Real path: no link, `..` or Unicode variant left. For a path that does not exist: its real parent plus names. */
  absolute: string;
  exists: boolean;
  type: 'file' | 'directory' | 'absent' | 'special';
  /** What was there when it was checked; an executor compares it with what it opened. */
  identity?: { dev: number; ino: number; links: number };
  /** Outside the workspace, but in the sandbox's own private folder of that name, which dies with the run. */
  private?: 'home' | 'temporary';
  /** Links that were followed on the way, for the question a human is asked. */
  links?: string[];
}

/** One simple command of a parsed shell line, after resolution. */
export interface ResolvedCommand {
  argv: string[];
  /** Absolute path of the program, outside the workspace; undefined when it was not found there. */
  program?: string;
  classes: EffectClass[];
  /** Paths the command is known to read or write, as far as per-program knowledge goes. */
  reads: ResolvedPath[];
  writes: ResolvedPath[];
  /** Hosts it needs; a granted command may reach these and no others. */
  hosts: string[];
  /** The install gate has checked what is fetched from `hosts`; they are not asked about one by one. */
  vouched?: boolean;
}

interface ResolvedShapes {
  read: { path: ResolvedPath; mode: 'content' | 'list' | 'search' };
  write: { path: ResolvedPath };
  delete: { path: ResolvedPath };
  move: { from: ResolvedPath; to: ResolvedPath };
  execute: { line: string; cwd: ResolvedPath; commands: ResolvedCommand[]; classes: EffectClass[]; unparsed?: string };
  fetch: { url: string; host: string };
  mcp: { server: string; tool: string };
  spawn: { prompt: string };
  control: { path: ResolvedPath };
  approve: { subject: string };
}

/** What an action comes to after resolution; plain data, one shape a kind. */
export type Resolved = { [K in ActionKind]: { kind: K; action: ActionOf<K> } & ResolvedShapes[K] }[ActionKind];
export type ResolvedOf<K extends ActionKind> = Extract<Resolved, { kind: K }>;

declare const granted: unique symbol;

/**
 * Permission to carry out exactly one resolved action, once. Only the gate makes one: the symbol is not exported, so a
 * tool that skips the door does not compile, and a lint test refuses casts to `Grant`.
 */
export interface Grant<K extends ActionKind = ActionKind> {
  readonly [granted]: true;
  readonly resolved: ResolvedOf<K>;
  readonly decision: Decision;
}

const used = new WeakSet<object>();
const made = new WeakSet<object>();

/** For the gate alone (a test walks the imports). */
export function makeGrant<K extends ActionKind>(resolved: ResolvedOf<K>, decision: Decision): Grant<K> {
  const grant = Object.freeze({ resolved, decision }) as unknown as Grant<K>;
  made.add(grant);
  return grant;
}

/** Marks a grant as used; false when it was used before or not made by the gate (C5: an approval is used once). */
export function spendGrant<K extends ActionKind>(grant: Grant<K>): boolean {
  if (!made.has(grant) || used.has(grant)) return false;
  used.add(grant);
  return true;
}

export type { Action };
