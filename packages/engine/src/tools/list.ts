import { clip, objectSchema, resultBytes, string, stringOf } from './text.ts';
import { actionBase, tool } from './tool.ts';

export const listTool = () =>
  tool<'read'>({
    name: 'list',
    description: 'List a folder.',
    schema: objectSchema({ path: string() }, []),
    readOnly: true,
    summary: (args) => stringOf(args, 'path') || '.',
    toAction: (args, context) => ({
      ...actionBase(context, 'list'),
      kind: 'read',
      path: stringOf(args, 'path') || '.',
      mode: 'list',
    }),
    execute: async (grant, context) => {
      const { path } = grant.resolved;
      if (path.type !== 'directory') return { status: 'failed', text: 'this is not a folder', labels: ['tool'] };
      const names = await context.files.list(path);
      const shown = clip(names.join('\n'), resultBytes);
      const more = shown.clipped ? `\n(${names.length} entries in all; search narrows them)` : '';
      return { status: 'done', text: `${shown.text}${more}` || '(the folder is empty)', labels: ['repository'] };
    },
  });
