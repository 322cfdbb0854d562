import { messageOf } from '@ambit/core/errors';
import type { Grant, ResolvedOf } from '@ambit/guard';
import type { InstallPort } from '@ambit/guard/policy';
import type { Sandbox, SandboxLimits, SandboxProcess, SandboxRequest } from '@ambit/guard/sandbox';
import type { WorkingCopy } from '@ambit/guard/working-copy';
import type { CommandResult, RunCommand } from '../tools/tool.ts';

/** How commands of a run are confined. */
export interface Confinement {
  sandbox: Sandbox;
  /** The child's whole environment for one granted command. */
  environment: (
    resolved: Pick<ResolvedOf<'execute'>, 'classes' | 'commands' | 'unparsed'>,
  ) => Readonly<Record<string, string>>;
  limits: Omit<SandboxLimits, 'wallSeconds' | 'outputBytes'>;
  /** Control files, read-only in the sandbox, and secret files, there by name and not by content. One walk a run. */
  confine: (copy: WorkingCopy) => Promise<Pick<SandboxRequest, 'protect' | 'hide' | 'outward'>>;
  /** Starts what the first command would wait for; called when a session opens. */
  begin?: () => void;
  /** The user's PATH: programs of theirs that nobody described are found there, as a child finds them. */
  path?: string;
  /** The install gate for one run's files; absent: installing is decided by rules alone. */
  install?: (read: (path: string) => Promise<string | undefined>) => InstallPort;
  /** Paths whose changes are nobody's concern while a command runs (caches, dependencies). */
  skip?: (path: string) => boolean;
}

/** Commands of a run: one after the other in the foreground, any number in the background. */
export interface ConfinedCommands {
  run: RunCommand;
  /** Starts a granted command; the function answers with its output so far. It dies with the run. */
  start: (grant: Grant<'execute'>) => Promise<() => string>;
  /** Starts a program of accepted settings that serves the run, such as an MCP server; it has only these variables more. */
  serve: (
    line: string,
    env: Readonly<Record<string, string>>,
    onOutput: NonNullable<SandboxRequest['onOutput']>,
  ) => Promise<SandboxProcess>;
  /** The run's private temporary folder, `/tmp` inside. */
  temporary: () => Promise<string>;
  /** Ends what is still running. */
  stop: () => Promise<void>;
}

const backgroundSeconds = 12 * 3_600;
const backgroundBytes = 1_000_000;

/** Runs granted commands in the sandbox, on the working copy. */
export function confinedCommands(copy: WorkingCopy, confinement: Confinement): ConfinedCommands {
  const { sandbox, limits } = confinement;
  const skip = confinement.skip ? { skip: confinement.skip } : {};
  const running = new Set<SandboxProcess>();
  let confined: ReturnType<Confinement['confine']> | undefined;
  const confining = async (
    asked: Pick<SandboxRequest, 'cwd' | 'env' | 'hosts'> & { line: string },
    wallSeconds: number,
    outputBytes: number,
  ): Promise<SandboxRequest> => {
    const { line, ...place } = asked;
    confined ??= confinement.confine(copy);
    const [view, shown] = [await copy.view(), await confined];
    return {
      ...place,
      ...shown,
      command: { shell: line },
      view,
      limits: { ...limits, wallSeconds, outputBytes },
    };
  };
  const request = ({ resolved }: Grant<'execute'>, wallSeconds: number, outputBytes: number) => {
    // SECURITY: only hosts that the granted decision was about, by exact name; mostly none. Held by sandbox.contract.ts.
    const hosts = [...new Set(resolved.commands.flatMap((command) => command.hosts))];
    const env = confinement.environment(resolved);
    return confining({ line: resolved.line, cwd: resolved.cwd.absolute, env, hosts }, wallSeconds, outputBytes);
  };
  return {
    run: async (grant, options): Promise<CommandResult> => {
      const decoder = new TextDecoder();
      const onOutput: SandboxRequest['onOutput'] = ({ data }) => options.onOutput?.(decoder.decode(data));
      const seconds = Math.ceil(options.timeoutMs / 1_000);
      let ran: CommandResult | undefined;
      try {
        const asked = await request(grant, seconds, options.maxBytes);
        const result = await sandbox.run({ ...asked, ...(options.onOutput ? { onOutput } : {}) }, options.signal);
        const { exitCode, signal, timedOut, refusedHosts } = result;
        const refused = refusedHosts.length > 0 ? `\n(no network: ${refusedHosts.join(', ')})` : '';
        ran = { exitCode, signal, timedOut, output: `${result.output}${refused}` };
      } finally {
        const taken = await copy.settled(skip);
        if (ran && taken) ran.output += `\n(${taken})`;
      }
      return ran;
    },
    start: async (grant) => {
      const child = await sandbox.start(await request(grant, backgroundSeconds, backgroundBytes));
      running.add(child);
      let ended = '';
      const finish = (text: string) => {
        ended = text;
        running.delete(child);
        return copy.settled(skip).catch(() => undefined);
      };
      void child.result.then(
        ({ exitCode, signal }) => finish(`\n(ended: ${signal ?? `exit code ${exitCode}`})`),
        (error: unknown) => finish(`\n(failed: ${messageOf(error)})`),
      );
      return () => `${child.output()}${ended || '\n(still running)'}`;
    },
    serve: async (line, env, onOutput) => {
      const plain = confinement.environment({ classes: [], commands: [] });
      const place = { line, cwd: copy.workspace, env: { ...env, ...plain }, hosts: [] };
      const asked = await confining(place, backgroundSeconds, backgroundBytes);
      const child = await sandbox.start({ ...asked, onOutput });
      running.add(child);
      const gone = () => void running.delete(child);
      void child.result.then(gone, gone);
      return child;
    },
    temporary: async () => (await copy.view()).temporary,
    stop: async () => {
      await Promise.all([...running].map((child) => child.kill().catch(() => undefined)));
    },
  };
}
