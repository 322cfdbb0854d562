import { createHash } from 'node:crypto';
import { objectSchema, string, stringOf } from './text.ts';
import { actionBase, tool } from './tool.ts';

/** For the record: what was written, without its content. */
export function writtenDetail(content: string): Record<string, unknown> {
  return { bytes: Buffer.byteLength(content), sha256: createHash('sha256').update(content).digest('hex') };
}

export const writeTool = () =>
  tool<'write'>({
    name: 'write',
    description: 'Create or replace a file with the whole content.',
    schema: objectSchema({ path: string(), content: string() }, ['path', 'content']),
    readOnly: false,
    summary: (args) => stringOf(args, 'path'),
    toAction: (args, context) => ({
      ...actionBase(context, 'write'),
      kind: 'write',
      path: stringOf(args, 'path'),
      content: stringOf(args, 'content'),
      encoding: 'utf8',
    }),
    execute: async (grant, context) => {
      const { path, action } = grant.resolved;
      await context.files.write(path, action.content);
      const lines = action.content.split('\n').length - (action.content.endsWith('\n') ? 1 : 0);
      return {
        status: 'done',
        text: `${path.exists ? 'replaced' : 'created'} ${path.relative ?? path.requested} (${lines} lines)`,
        labels: ['tool'],
        detail: writtenDetail(action.content),
      };
    },
  });
