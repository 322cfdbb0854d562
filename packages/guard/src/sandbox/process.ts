import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { keepOutput, type OutputKeeper } from './output.ts';
import type { SandboxProcess, SandboxRequest, SandboxResult } from './sandbox.ts';
import { watchMemory } from './watch.ts';

/** A confined command, ready to be started. */
export interface Launch {
  program: string;
  args: readonly string[];
  /** Also seen by the launcher's own programs: `innerEnvironment` refuses what those would obey. */
  env: Readonly<Record<string, string>>;
  /** Folder to start in; only for a launcher that does not enter one itself. */
  cwd?: string;
  /** Ends the whole process group: where no process namespace ends the rest. */
  group?: boolean;
  /** Further files to pass as descriptors from 3 on. */
  files?: readonly number[];
  /** The launcher tells on the descriptor after `files` how the command ended; silence means that it never started. */
  tells?: boolean;
  /** Hosts that the command was refused, known when it ended. */
  refusedHosts(): readonly string[];
  /** Ends helpers and removes what was made for this one command. */
  cleanup(): Promise<void>;
}

/** What the launcher's own steps print and exit with when the command could not be started. */
export const setupFailed = { code: 125, mark: 'ambit-sandbox:' };

/** Starts a launch and follows it to its end: output, limits, abort. */
export function follow(launch: Launch, request: SandboxRequest, signal?: AbortSignal): SandboxProcess {
  const id = randomBytes(6).toString('hex');
  const output = keepOutput(request.limits.outputBytes, join(request.view.state, `output-${id}.txt`));
  const started = performance.now();
  const state = { timedOut: false, killed: false };
  const extra = launch.files ?? [];
  const child = spawn(launch.program, [...launch.args], {
    cwd: launch.cwd ?? '/',
    detached: launch.group === true,
    env: launch.env,
    stdio: ['pipe', 'pipe', 'pipe', ...extra, ...(launch.tells ? (['pipe'] as const) : [])],
  });
  let told = '';
  const teller = launch.tells ? child.stdio[3 + extra.length] : undefined;
  teller?.on('data', (data: Buffer) => {
    told += data.toString();
  });
  teller?.on('error', () => undefined);
  const kill = () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    state.killed = true;
    endAll();
  };
  const endAll = () => {
    if (!launch.group || child.pid === undefined) child.kill('SIGKILL');
    else signalGroup(child.pid);
  };
  collect(child, request, output);
  const timer = setTimeout(() => {
    state.timedOut = true;
    kill();
  }, request.limits.wallSeconds * 1_000);
  const memory = watchMemory(child.pid, request.limits, () => {
    output.push(Buffer.from(`\n${setupFailed.mark} ended: it used more memory or processes than its limit\n`));
    kill();
  });
  signal?.addEventListener('abort', kill, { once: true });
  if (signal?.aborted) kill();
  const result = ended(child).then(async ({ code, error }) => {
    clearTimeout(timer);
    memory.stop();
    signal?.removeEventListener('abort', kill);
    if (launch.group && child.pid !== undefined) signalGroup(child.pid);
    await launch.cleanup();
    if (error)
      throw new AmbitError('environment', `the sandbox could not be started: ${error.message}`, { cause: error });
    const spill = await output.finish();
    const silent = launch.tells === true && !told.includes('exit-code');
    if (!state.killed && (silent || neverStarted(code, output.text()))) throw notSetUp(output.text());
    return conclude(output, state, code, spill, launch, performance.now() - started);
  });
  // A caller that only wants `kill` must not bring the process down with an unhandled rejection.
  result.catch(() => undefined);
  return {
    id,
    result,
    output: () => output.text(),
    kill: async () => {
      kill();
      await result.catch(() => undefined);
    },
  };
}

function signalGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of the group is left.
  }
}

function collect(child: ChildProcess, request: SandboxRequest, output: OutputKeeper): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.on('data', (data: Buffer) => {
      output.push(data);
      request.onOutput?.({ stream, data });
    });
    child[stream]?.on('error', () => undefined);
  }
  // A command that does not read its input closes the pipe: no error of ours.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(request.stdin ?? '');
}

function ended(child: ChildProcess): Promise<{ code: number | null; error?: Error }> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, error }));
    child.once('close', (code, signal) => resolve({ code: code ?? 128 + (signal ? constants.signals[signal] : 0) }));
  });
}

const neverStarted = (code: number | null, text: string) =>
  code === setupFailed.code && text.includes(setupFailed.mark);

function notSetUp(text: string): AmbitError {
  return new AmbitError('environment', `the sandbox could not be set up: ${text.trim().slice(-500)}`, {
    hint: 'nothing was run; `ambit doctor` says what is missing',
  });
}

function conclude(
  output: OutputKeeper,
  state: { timedOut: boolean; killed: boolean },
  code: number | null,
  spill: string | undefined,
  launch: Launch,
  milliseconds: number,
): SandboxResult {
  return {
    exitCode: state.killed ? null : code,
    signal: state.killed ? 'SIGKILL' : signalOf(code),
    ...state,
    output: output.text(),
    outputBytes: output.bytes,
    ...(spill ? { spill } : {}),
    refusedHosts: launch.refusedHosts(),
    milliseconds,
  };
}

/** Shells and init processes report a signal as 128 + n. */
function signalOf(code: number | null): string | null {
  if (code === null || code <= 128) return null;
  return Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0] ?? null;
}
