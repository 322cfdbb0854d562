import { randomBytes } from 'node:crypto';
import type { RunRef } from '@ambit/core/schema';
import { type GatePorts, perform } from '@ambit/guard';
import type { WorkingCopy } from '@ambit/guard/working-copy';
import { openInputPipe } from '../mcp/index.ts';
import type { TypePorts } from '../types/index.ts';
import type { ConfinedCommands } from './commands.ts';

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

/**
 * What the type check may see and start. SECURITY: the project's compiler is the project's code: it starts through the
 * door, only where the policy allows that without a question, and in the sandbox (type-check.test.ts).
 */
export function typePorts(copy: WorkingCopy, commands: ConfinedCommands, guard: GatePorts, run: RunRef): TypePorts {
  const { ask: _ask, ...unasked } = guard;
  return {
    workspace: copy.workspace,
    exists: (path) => copy.exists(path),
    read: async (path) => ((await copy.exists(path)) ? textOf(await copy.read(path)) : undefined),
    base: async (path) => {
      const bytes = await copy.base(path);
      return bytes && textOf(bytes);
    },
    start: async (lineFor, onOutput, onEnd) => {
      const pipe = await openInputPipe(await commands.temporary(), `types-${randomBytes(6).toString('hex')}`);
      const line = lineFor(pipe.inside);
      let started: Awaited<ReturnType<TypePorts['start']>>;
      const action = {
        id: randomBytes(6).toString('hex'),
        kind: 'execute' as const,
        run,
        labels: [],
        via: 'type-check',
        command: line,
      };
      await perform<'execute'>(
        action,
        async (grant) => {
          const child = await commands.serve(grant.resolved.line, {}, ({ stream, data }) => {
            if (stream === 'stdout') onOutput(data);
          });
          void child.result.then(onEnd, onEnd);
          started = {
            write: pipe.write,
            stop: async () => {
              await child.kill().catch(() => undefined);
              await pipe.close().catch(() => undefined);
            },
          };
          return { status: 'done', text: 'started', labels: ['tool'] };
        },
        unasked,
      );
      if (!started) await pipe.close();
      return started;
    },
  };
}
