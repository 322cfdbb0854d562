import type { ResolvedOf } from '@ambit/guard';
import type { Sandbox, SandboxLimits, SandboxRequest } from '@ambit/guard/sandbox';
import type { WorkingCopy } from '@ambit/guard/working-copy';
import type { CommandResult, RunCommand } from '../tools/tool.ts';

/** How commands of a run are confined. */
export interface Confinement {
  sandbox: Sandbox;
  /** The child's whole environment for one granted command. */
  environment: (resolved: ResolvedOf<'execute'>) => Readonly<Record<string, string>>;
  limits: Omit<SandboxLimits, 'wallSeconds' | 'outputBytes'>;
  /** Control files, read-only in the sandbox, and secret files, there by name and not by content. One walk a run. */
  confine: (copy: WorkingCopy) => Promise<Pick<SandboxRequest, 'protect' | 'hide'>>;
  /** Paths whose changes are nobody's concern while a command runs (caches, dependencies). */
  skip?: (path: string) => boolean;
}

/** Runs granted commands in the sandbox, on the working copy, one at a time. */
export function confinedCommands(copy: WorkingCopy, confinement: Confinement): RunCommand {
  const { sandbox, limits } = confinement;
  let confined: ReturnType<Confinement['confine']> | undefined;
  return async (grant, options): Promise<CommandResult> => {
    const { resolved } = grant;
    const decoder = new TextDecoder();
    confined ??= confinement.confine(copy);
    const [view, { protect, hide }] = [await copy.view(), await confined];
    try {
      const result = await sandbox.run(
        {
          command: { shell: resolved.line },
          cwd: resolved.cwd.absolute,
          env: confinement.environment(resolved),
          view,
          // SECURITY: hosts of a command are those the policy granted by name; test: session.test.ts «no network».
          hosts: [],
          limits: { ...limits, wallSeconds: Math.ceil(options.timeoutMs / 1_000), outputBytes: options.maxBytes },
          protect,
          hide,
          ...(options.onOutput ? { onOutput: ({ data }) => options.onOutput?.(decoder.decode(data)) } : {}),
        },
        options.signal,
      );
      const refused = result.refusedHosts.length > 0 ? `\n(no network: ${result.refusedHosts.join(', ')})` : '';
      return {
        exitCode: result.exitCode,
        signal: result.signal,
        output: `${result.output}${refused}`,
        timedOut: result.timedOut,
      };
    } finally {
      await copy.settled(confinement.skip ? { skip: confinement.skip } : {});
    }
  };
}
