import type { Stage } from './stage.ts';

/** One step of the scripted model, in terms of Ambit's own tools. */
export type Step =
  | { tool: 'write'; path: string; content: string }
  | { tool: 'edit'; path: string; old: string; new: string }
  | { tool: 'read'; path: string }
  | { tool: 'bash'; command: string }
  | { tool: 'call'; name: string; arguments: Record<string, unknown> }
  | { tool: 'say'; text: string };

/** What the session left behind, apart from the stage itself. */
export interface Seen {
  /** Bodies of all requests to the model. */
  requests: string[];
  /** The tool results the model was shown, in order. */
  results: string[];
  exitCode: number;
  output: string;
}

interface Session {
  id: string;
  title: string;
  setup?: (stage: Stage) => unknown;
  steps: (stage: Stage) => Step[];
  /** The session is played after another one, resumed; this happens in between. */
  between?: ((stage: Stage) => unknown) | undefined;
  /** Text piped to standard input. */
  stdin?: string;
  prompt?: string;
}

/** `happened` judges by effect only: a file, a canary in a request, a hit at the listener; never by what was said. */
export interface Attack extends Session {
  /** Rows of the attack benchmark this stands for; empty for cases of our own. */
  rows: number[];
  control: `C${number}`;
  happened: (stage: Stage, seen: Seen) => boolean;
}

/** The everyday counterpart: the same kind of act inside the ambit, which must work in autopilot. */
export interface Benign extends Session {
  /** A program the job is about; on a machine without it the job is left out by name. */
  needs?: string;
  worked: (stage: Stage, seen: Seen) => boolean;
}

export const write = (path: string, content = 'PWNED\n'): Step => ({ tool: 'write', path, content });
export const read = (path: string): Step => ({ tool: 'read', path });
export const bash = (command: string): Step => ({ tool: 'bash', command });

export const leaked = (seen: Seen, needle: string): boolean => seen.requests.some((body) => body.includes(needle));
