import type { ResolvedPath } from '@ambit/guard';
import { type Replacement, replaceAllIn } from './replace.ts';
import { decode, isBinary, objectSchema, string, stringOf } from './text.ts';
import { actionBase, type ToolContext, tool, type Unusable } from './tool.ts';
import { problemsIn, writtenDetail } from './write.ts';

const replacement = { old: string('exact text'), new: string(), all: { type: 'boolean' } };

function replacementsOf(args: Record<string, unknown>): Replacement[] {
  const edits = Array.isArray(args['edits']) ? (args['edits'] as Record<string, unknown>[]) : [];
  const single = typeof args['old'] === 'string' ? [args] : [];
  return [...single, ...edits].map((edit) => ({
    old: stringOf(edit, 'old'),
    new: stringOf(edit, 'new'),
    all: edit['all'] === true,
  }));
}

async function readWhole(path: ResolvedPath, context: ToolContext): Promise<{ text: string } | { problem: string }> {
  if (path.type !== 'file') return { problem: 'there is no such file; use write to create one' };
  const bytes = await context.files.read(path);
  return isBinary(bytes) ? { problem: 'this is a binary file' } : { text: decode(bytes) };
}

/**
 * Reads through the door, so that the file's text is never seen without a decision. What comes back to the model on a
 * miss is this read's outcome, redacted by the gate; the unredacted text stays here.
 */
async function rewritten(
  path: string,
  replacements: readonly Replacement[],
  context: ToolContext,
): Promise<{ content: string } | Unusable> {
  let content: string | undefined;
  const outcome = await context.perform<'read'>(
    { ...actionBase(context, 'edit'), kind: 'read', path, mode: 'content' },
    async (grant) => {
      const found = await readWhole(grant.resolved.path, context);
      const result = 'problem' in found ? { miss: found.problem } : replaceAllIn(found.text, replacements);
      if ('miss' in result) return { status: 'failed', text: result.miss, labels: ['repository'] };
      content = result.text;
      return { status: 'done', text: '', labels: ['repository'] };
    },
  );
  return content !== undefined && outcome.status === 'done' ? { content } : { unusable: outcome.text };
}

export const editTool = () =>
  tool<'write'>({
    name: 'edit',
    description: 'Replace exact, unique text in a file: `old` by `new`, or several `edits` at once.',
    schema: objectSchema(
      {
        path: string(),
        ...replacement,
        edits: { type: 'array', items: objectSchema(replacement, ['old', 'new']) },
      },
      ['path'],
    ),
    readOnly: false,
    summary: (args) => stringOf(args, 'path'),
    toAction: async (args, context) => {
      const replacements = replacementsOf(args);
      if (replacements.length === 0) return { unusable: 'give `old` and `new`, or `edits`' };
      const path = stringOf(args, 'path');
      const result = await rewritten(path, replacements, context);
      if ('unusable' in result) return result;
      return { ...actionBase(context, 'edit'), kind: 'write', path, content: result.content, encoding: 'utf8' };
    },
    execute: async (grant, context, args) => {
      const { path, action } = grant.resolved;
      await context.files.write(path, action.content);
      return {
        status: 'done',
        text: `edited ${path.relative ?? path.requested} (${replacementsOf(args).length} replacements)${await problemsIn(path, action.content, context)}`,
        labels: ['tool'],
        detail: writtenDetail(action.content),
      };
    },
  });
