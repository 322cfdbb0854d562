import type { Executed } from '@ambit/guard';
import { brief, clip, integer, numberOf, objectSchema, resultBytes, string, stringOf } from './text.ts';
import { actionBase, type CommandResult, type ToolContext, tool } from './tool.ts';

const defaultSeconds = 120;
const longestSeconds = 1_800;
/** Output kept in memory and in the spilled file. */
const keptBytes = 5_000_000;

/** Head and tail: the first lines say what ran, the last ones how it ended. */
function bounded(output: string, context: ToolContext): string {
  if (Buffer.byteLength(output) <= resultBytes) return output;
  const id = context.keepOutput(output);
  const head = clip(output, resultBytes / 3).text;
  const tail = Buffer.from(output)
    .subarray(-Math.round((resultBytes * 2) / 3))
    .toString()
    .replace(/^\uFFFD+/, '');
  const whole = `${Buffer.byteLength(output)} bytes; all of it: output ${id}`;
  return `${head}\n(… ${whole} …)\n${tail}`;
}

function ending(result: CommandResult, seconds: number): string {
  if (result.timedOut) return `(ended after ${seconds} s; set timeoutSeconds, or background)`;
  if (result.signal) return `(ended by ${result.signal})`;
  return result.exitCode === 0 ? '' : `(exit code ${result.exitCode})`;
}

export const bashTool = () =>
  tool<'execute'>({
    name: 'bash',
    description:
      'Run a shell command in the sandbox: no network, no terminal, no input. Write plain commands; `$(…)` and variables may be refused.',
    schema: objectSchema(
      {
        command: string(),
        cwd: string(),
        timeoutSeconds: integer(`default ${defaultSeconds}`),
        background: { type: 'boolean' },
      },
      ['command'],
    ),
    readOnly: false,
    summary: (args) => brief(stringOf(args, 'command')),
    toAction: (args, context) => {
      const timeoutSeconds = Math.min(numberOf(args, 'timeoutSeconds') ?? defaultSeconds, longestSeconds);
      const cwd = stringOf(args, 'cwd');
      const command = stringOf(args, 'command');
      if (command.trim() === '') return { unusable: '`command` is empty' };
      const background = args['background'] === true ? { background: true } : {};
      const place = cwd ? { cwd } : {};
      return { ...actionBase(context, 'bash'), kind: 'execute', command, timeoutSeconds, ...place, ...background };
    },
    execute: async (grant, context): Promise<Executed> => {
      if (grant.resolved.action.background && context.background) {
        const id = await context.background(grant);
        return { status: 'done', text: `started; see: output ${id}`, labels: ['tool'] };
      }
      const seconds = grant.resolved.action.timeoutSeconds ?? defaultSeconds;
      const result = await context.command(grant, {
        signal: context.signal,
        timeoutMs: seconds * 1_000,
        onOutput: context.progress,
        maxBytes: keptBytes,
      });
      const text = [bounded(result.output, context), ending(result, seconds)].filter(Boolean).join('\n');
      const cancelled = context.signal.aborted;
      return {
        status: cancelled ? 'cancelled' : result.exitCode === 0 && !result.timedOut ? 'done' : 'failed',
        text: text || '(no output)',
        labels: ['tool'],
        detail: { exitCode: result.exitCode, signal: result.signal, timedOut: result.timedOut },
      };
    },
  });
