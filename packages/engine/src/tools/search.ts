import picomatch from 'picomatch';
import { brief, decode, isBinary, objectSchema, string, stringOf } from './text.ts';
import { actionBase, type ToolContext, tool } from './tool.ts';

const maxHits = 200;
const maxFileBytes = 2_000_000;
/** One line of one hit; long ones are minified code. */
const lineLength = 300;

/** A pattern that is no regular expression is meant literally. */
export function toRegex(pattern: string, ignoreCase: boolean): RegExp {
  const flags = ignoreCase ? 'iu' : 'u';
  try {
    return new RegExp(pattern, flags);
  } catch {
    return new RegExp(pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`), flags);
  }
}

interface Hunt {
  regex: RegExp;
  hits: string[];
  files: number;
}

function searchText(name: string, text: string, hunt: Hunt): void {
  if (!hunt.regex.test(text) && !/[\^$]/.test(hunt.regex.source)) return;
  let found = false;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (!hunt.regex.test(line)) continue;
    found = true;
    if (hunt.hits.length < maxHits) hunt.hits.push(`${name}:${i + 1}: ${line.slice(0, lineLength)}`);
  }
  if (found) hunt.files += 1;
}

async function searchBelow(
  files: AsyncIterable<string>,
  glob: string,
  hunt: Hunt,
  context: ToolContext,
): Promise<void> {
  const matches = glob ? picomatch(glob.includes('/') ? glob : `**/${glob}`, { dot: true }) : () => true;
  for await (const name of files) {
    if (context.signal.aborted || hunt.hits.length >= maxHits) return;
    if (!matches(name)) continue;
    // A file that vanished or cannot be read while searching is not a hit.
    const bytes = await context.files.readFound(name).catch(() => undefined);
    if (!bytes || bytes.length > maxFileBytes || isBinary(bytes)) continue;
    searchText(name, decode(bytes), hunt);
  }
}

function report(hunt: Hunt): string {
  if (hunt.hits.length === 0) return 'no match';
  const more = hunt.hits.length >= maxHits ? `\n(the first ${maxHits}; narrow the pattern, path or glob)` : '';
  return `${hunt.hits.join('\n')}${more}`;
}

export const searchTool = () =>
  tool<'read'>({
    name: 'search',
    description: 'Search file contents by regular expression. Ignored files are left out.',
    schema: objectSchema(
      { pattern: string(), path: string('file or folder'), glob: string(), ignoreCase: { type: 'boolean' } },
      ['pattern'],
    ),
    readOnly: true,
    summary: (args) => `${brief(stringOf(args, 'pattern'), 60)} in ${stringOf(args, 'path') || '.'}`,
    toAction: (args, context) => ({
      ...actionBase(context, 'search'),
      kind: 'read',
      path: stringOf(args, 'path') || '.',
      mode: 'search',
    }),
    execute: async (grant, context, args) => {
      const { path } = grant.resolved;
      const hunt: Hunt = {
        regex: toRegex(stringOf(args, 'pattern'), args['ignoreCase'] === true),
        hits: [],
        files: 0,
      };
      if (path.type === 'file') {
        const bytes = await context.files.read(path);
        if (!isBinary(bytes)) searchText(path.relative ?? path.requested, decode(bytes), hunt);
      } else if (path.type === 'directory') {
        await searchBelow(context.files.walk(path), stringOf(args, 'glob'), hunt, context);
      } else return { status: 'failed', text: 'there is no such file or folder', labels: ['tool'] };
      return { status: 'done', text: report(hunt), labels: ['repository'] };
    },
  });
