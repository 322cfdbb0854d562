import type { SandboxView } from '../working-copy/working-copy.ts';

/** What runs: a program by absolute path, or one line for `/bin/sh -c` (already parsed and decided by the guard). */
export type SandboxCommand = { program: string; args: readonly string[] } | { shell: string };

/** Limits of one run. All are enforced; a reached wall or memory limit ends every process of the run. */
export interface SandboxLimits {
  wallSeconds: number;
  processes: number;
  memoryMegabytes: number;
  /** Bytes of output kept in the result (half head, half tail); the rest is only in the spill file. */
  outputBytes: number;
  /** Largest single file a process may write. */
  fileMegabytes: number;
}

/** A path that a command may see by name but not by content, such as `.env`. */
export interface HiddenPath {
  path: string;
  /** Shown instead of the content; empty when absent. Use `maskEnv` for names without values. */
  shows?: string;
}

export interface SandboxRequest {
  command: SandboxCommand;
  /** Absolute, inside the working copy's target. */
  cwd: string;
  /** The whole environment of the child: nothing is inherited. See `childEnvironment`. */
  env: Readonly<Record<string, string>>;
  /** The file view: `await workingCopy.view()`. */
  view: SandboxView;
  /** Exact hosts that may be reached, `host` (ports 80 and 443) or `host:port`. Empty means no network at all. */
  hosts: readonly string[];
  limits: SandboxLimits;
  /** Control files and folders, relative to the workspace: read-only in the sandbox, existing or not. */
  protect: readonly string[];
  /** Secret files and folders, relative to the workspace, masked in the sandbox when they exist. */
  hide: readonly HiddenPath[];
  /**
   * Where links of the workspace lead that leave it. What is there is not shown; an empty folder stands in its place, because
   * tools that walk a project give up on links that lead nowhere.
   */
  outward?: readonly string[];
  /** Text for standard input; absent means an empty one. Never a terminal. */
  stdin?: string;
  /** Called with each chunk as it comes. Not redacted: the caller does that. */
  onOutput?: (chunk: { stream: 'stdout' | 'stderr'; data: Uint8Array }) => void;
}

export interface SandboxResult {
  /** Exit code of the command; null when it was ended by a signal or never started. */
  exitCode: number | null;
  signal: string | null;
  timedOut: boolean;
  /** Ended by us: abort, time limit or `kill`. */
  killed: boolean;
  /** Bounded output of both streams in order of arrival: head, a line saying what was left out, tail. */
  output: string;
  /** Bytes the command really wrote. */
  outputBytes: number;
  /** File with the whole output when it did not fit (bounded too, in the state directory, mode 600). */
  spill?: string;
  /** Hosts that the command tried to reach and were refused. */
  refusedHosts: readonly string[];
  milliseconds: number;
}

/** A process that goes on in the background. It dies with the run, with `kill`, and with Ambit. */
export interface SandboxProcess {
  readonly id: string;
  readonly result: Promise<SandboxResult>;
  /** What it has written so far, bounded as in the result. */
  output(): string;
  kill(): Promise<void>;
}

export type Availability =
  | { ok: true }
  /** `reason`: what is missing; `cost`: what that means for the user, as one sentence. */
  | { ok: false; reason: string; cost: string };

/**
 * One way to confine a command. A backend that cannot keep a promise of the request (network, protection, hiding)
 * rejects with `environment` and runs nothing: never less confined than asked.
 */
export interface Sandbox {
  readonly name: 'bubblewrap' | 'namespaces' | 'sandbox-runtime' | 'none';
  available(): Promise<Availability>;
  /** Runs to the end. The abort signal kills every process of the run. Rejects only when nothing was started. */
  run(request: SandboxRequest, signal?: AbortSignal): Promise<SandboxResult>;
  /** Starts in the background; resolves as soon as the command was started. */
  start(request: SandboxRequest, signal?: AbortSignal): Promise<SandboxProcess>;
}
