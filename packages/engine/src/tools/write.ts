import { createHash } from 'node:crypto';
import type { ResolvedPath } from '@ambit/guard';
import { objectSchema, string, stringOf } from './text.ts';
import { actionBase, type ToolContext, tool } from './tool.ts';

/** For the record: what was written, without its content. */
export function writtenDetail(content: string): Record<string, unknown> {
  return { bytes: Buffer.byteLength(content), sha256: createHash('sha256').update(content).digest('hex') };
}

/** What a parser says of the new text, for the model. */
export async function problemsIn(path: ResolvedPath, content: string, context: ToolContext): Promise<string> {
  const problems = (await context.diagnose?.(path.relative ?? path.requested, content)) ?? [];
  return problems.length > 0 ? `\nproblems in it now:\n${problems.join('\n')}` : '';
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
        text: `${path.exists ? 'replaced' : 'created'} ${path.relative ?? path.requested} (${lines} lines)${await problemsIn(path, action.content, context)}`,
        labels: ['tool'],
        detail: writtenDetail(action.content),
      };
    },
  });
