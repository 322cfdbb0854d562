import { parseArgs } from 'node:util';
import { AmbitError, messageOf } from '@ambit/core/errors';

/** Everything a command may touch of the process it runs in; tests pass their own. */
export interface Io {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Writes text as it is; callers add line ends. */
  out: (text: string) => void;
  err: (text: string) => void;
  stdin: NodeJS.ReadStream;
  /** A human can read `err` live and answer: both stdin and stderr are terminals. */
  interactive: boolean;
  /** Colours are wanted on `out` (a terminal, and NO_COLOR is not set). */
  colour: boolean;
  /** Columns of the terminal, 80 without one. */
  columns: number;
  signal: AbortSignal;
  now: () => Date;
  /** Hands Ctrl-C to the handler instead of ending the process, until the returned function is called. */
  onInterrupt?: (handler: () => void) => () => void;
  /** Another command line of Ambit in this process, for the interactive session; set by `main`. */
  command?: (argv: string[], io: Io) => Promise<number>;
}

export interface Command {
  name: string;
  /** One line for `ambit --help`. */
  summary: string;
  /** Whole help text, with at least one example. */
  help: string;
  /** Has commands of its own that answer `--help`. */
  ownHelp?: boolean;
  /** Resolves to the exit code; throws AmbitError for broken input or environment. */
  run: (args: string[], io: Io) => Promise<number>;
}

export const exitCode = {
  done: 0,
  findings: 1,
  usage: 2,
  denied: 3,
  needsHuman: 4,
  model: 5,
  interrupted: 130,
} as const;

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** `parseArgs` of Node with our error: names the option and the command to ask for help. */
export function options<T extends Options>(command: string, args: string[], spec: T) {
  try {
    return parseArgs({ args, options: spec, allowPositionals: true, strict: true });
  } catch (error) {
    throw new AmbitError('usage', messageOf(error), { hint: `see: ambit ${command} --help`, cause: error });
  }
}
