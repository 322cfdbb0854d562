import { clip, integer, numberOf, objectSchema, resultBytes } from './text.ts';
import type { AnyTool } from './tool.ts';

/** Shows what this run has already been given: no action, no effect, the text is redacted when it is kept. */
export const outputTool = (): AnyTool => ({
  name: 'output',
  description: 'Show a kept or background output by its number.',
  schema: objectSchema({ id: integer(), offset: integer('first line') }, ['id']),
  readOnly: true,
  summary: (args) => String(args['id']),
  use: async (args, context) => {
    const text = context.output(numberOf(args, 'id') ?? 0);
    if (text === undefined) return { text: 'there is no such output', failed: true };
    const lines = text.split('\n');
    const offset = numberOf(args, 'offset') ?? 1;
    const shown = clip(lines.slice(offset - 1).join('\n'), resultBytes);
    const last = offset - 1 + shown.text.split('\n').length - (shown.clipped ? 1 : 0);
    const more = last < lines.length ? `\n(lines ${offset}-${last} of ${lines.length})` : '';
    return { text: `${shown.text}${more}` || '(nothing yet)', failed: false };
  },
});
