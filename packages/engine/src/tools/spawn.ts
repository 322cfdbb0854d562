import { brief, objectSchema, string, stringOf } from './text.ts';
import { actionBase, tool } from './tool.ts';

const listOf = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);

export const spawnTool = () =>
  tool<'spawn'>({
    name: 'spawn',
    description:
      'Give a part of the job to a sub-run with fresh context; it may write only `write` globs (none: read-only).',
    schema: objectSchema({ prompt: string(), write: { type: 'array', items: string() } }, ['prompt']),
    readOnly: false,
    summary: (args) => brief(stringOf(args, 'prompt')),
    toAction: (args, context) => ({
      ...actionBase(context, 'spawn'),
      kind: 'spawn',
      prompt: stringOf(args, 'prompt'),
      ambit: { read: ['**'], write: listOf(args['write']), commands: ['*'], hosts: [], mcp: [], budget: {} },
    }),
    execute: async (grant, context) =>
      context.spawn?.(grant, context.signal) ?? {
        status: 'failed',
        text: 'a sub-run starts no further runs',
        labels: ['tool'],
      },
  });
