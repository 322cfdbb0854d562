import type { Executed } from '@ambit/guard';
import { clip, decode, integer, isBinary, numberOf, objectSchema, resultBytes, string, stringOf } from './text.ts';
import { actionBase, type ToolContext, tool } from './tool.ts';

const linesAtOnce = 2_000;

const imageTypes: readonly { type: string; magic: number[] }[] = [
  { type: 'image/png', magic: [0x89, 0x50, 0x4e, 0x47] },
  { type: 'image/jpeg', magic: [0xff, 0xd8, 0xff] },
  { type: 'image/gif', magic: [0x47, 0x49, 0x46, 0x38] },
  { type: 'image/webp', magic: [0x52, 0x49, 0x46, 0x46] },
];
/** The smallest limit among providers for one image. */
const imageBytes = 3_750_000;

function imageType(bytes: Uint8Array): string | undefined {
  return imageTypes.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte))?.type;
}

function showLines(text: string, offset: number, limit: number): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) return '(the file is empty)';
  if (offset > lines.length) return `(the file has ${lines.length} lines; nothing at ${offset})`;
  const wanted = lines.slice(offset - 1, offset - 1 + limit);
  const shown = clip(wanted.join('\n'), resultBytes);
  const count = shown.clipped ? shown.text.split('\n').length - 1 : wanted.length;
  if (shown.clipped && count === 0) return `${shown.text}\n(line ${offset} is longer than can be shown)`;
  const last = offset + count - 1;
  const more =
    last < lines.length ? `\n(lines ${offset}-${last} of ${lines.length}; go on with offset ${last + 1})` : '';
  return `${shown.text}${more}`;
}

function show(bytes: Buffer, args: { offset: number; limit: number }, context: ToolContext): Executed {
  const image = imageType(bytes);
  if (image && bytes.length <= imageBytes) {
    context.attach({ data: bytes.toString('base64'), mediaType: image });
    return { status: 'done', text: `(${image}, ${bytes.length} bytes; the image follows)`, labels: ['repository'] };
  }
  if (isBinary(bytes))
    return { status: 'done', text: `(a binary file of ${bytes.length} bytes)`, labels: ['repository'] };
  return { status: 'done', text: showLines(decode(bytes), args.offset, args.limit), labels: ['repository'] };
}

export const readTool = () =>
  tool<'read'>({
    name: 'read',
    description: 'Read a text file or image.',
    schema: objectSchema({ path: string(), offset: integer('first line'), limit: integer('lines') }, ['path']),
    readOnly: true,
    summary: (args) => stringOf(args, 'path'),
    toAction: (args, context) => ({
      ...actionBase(context, 'read'),
      kind: 'read',
      path: stringOf(args, 'path'),
      mode: 'content',
    }),
    execute: async (grant, context, args) => {
      const { path } = grant.resolved;
      if (path.type === 'absent') return { status: 'failed', text: 'there is no such file', labels: ['tool'] };
      if (path.type === 'directory')
        return { status: 'done', text: (await context.files.list(path)).join('\n'), labels: ['repository'] };
      const range = { offset: numberOf(args, 'offset') ?? 1, limit: numberOf(args, 'limit') ?? linesAtOnce };
      return show(await context.files.read(path), range, context);
    },
  });
