import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { detect, type Raised, rank } from '@ambit/core/capability';
import { criterionText, parseCriteria } from '@ambit/core/catalog';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { readCatalog } from '../../catalog.ts';
import { type Command, exitCode, type Io, options } from '../../command.ts';

const flags = {
  text: { type: 'string' },
  level: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
} as const;

async function read(path: string, io: Io): Promise<string> {
  try {
    return await readFile(resolve(io.cwd, path), 'utf8');
  } catch (error) {
    throw new AmbitError('input.missing', `the text cannot be read: ${messageOf(error)}`, {
      where: path,
      cause: error,
    });
  }
}

/** The documents of a spec as one text; the design names tokens, stores and tools that requirements do not. */
async function textOf(name: string | undefined, file: string | undefined, io: Io): Promise<string> {
  if (file !== undefined) return file === '-' ? await stdin(io) : read(file, io);
  if (name === undefined)
    throw new AmbitError('usage', 'there is neither a spec name nor a text', {
      hint: 'ambit spec criteria user-accounts, or ambit spec criteria --text FILE',
    });
  if (!/^[\w.-]+$/.test(name) || name.startsWith('.'))
    throw new AmbitError('usage', `\`${name}\` is not a spec name`, {
      hint: 'names are the folders below .kiro/specs',
    });
  const folder = `.kiro/specs/${name}`;
  const parts = ['requirements.md', 'bugfix.md', 'design.md'].map((part) =>
    read(`${folder}/${part}`, io).catch(() => ''),
  );
  const text = (await Promise.all(parts)).join('\n\n');
  if (text.trim() === '')
    throw new AmbitError('input.missing', `the spec \`${name}\` has no requirements, bugfix analysis or design`, {
      where: folder,
      hint: 'see: ambit spec list',
    });
  return text;
}

async function stdin(io: Io): Promise<string> {
  let text = '';
  for await (const chunk of io.stdin) text += String(chunk);
  return text;
}

function number(name: string, value: string | undefined, max: number): number | undefined {
  if (value === undefined) return undefined;
  const parsed = Number(value);
  if (Number.isInteger(parsed) && parsed >= 1 && parsed <= max) return parsed;
  throw new AmbitError('usage', `\`${value}\` is no value of --${name}`, { hint: `a whole number from 1 to ${max}` });
}

function asJson(one: Raised) {
  const { id, cwe, asvs, level, verify } = one.criterion;
  return { id, text: criterionText(one.criterion), cwe, asvs, level, rank: one.rank, cue: one.cue, verify };
}

function asText(one: Raised): string {
  const { id, cwe, asvs, why } = one.criterion;
  return `${String(one.rank).padStart(2)}. ${criterionText(one.criterion)}
    ${id} · ${cwe.join(', ')} · ASVS ${asvs.join(', ')}
    why: ${why}
    raised by line ${one.cue.line}: “${one.cue.quote}”
`;
}

export const command: Command = {
  name: 'spec criteria',
  summary: 'security criteria that a text or spec calls for, ranked',
  help: `Reads a spec or any text and lists the security criteria it calls for, the most important first, each with the
words that raised it.

Usage: ambit spec criteria <name> [options]
       ambit spec criteria --text FILE [options]     (- reads standard input)

  --level N   leave out criteria above this ASVS level (1 to 3)
  --limit N   at most this many (30)
  --json      [{id, text, cwe, asvs, level, rank, cue: {quote, line}, verify}]

Example: echo "Users can create accounts" | ambit spec criteria --text -
`,
  run: async (args, io) => {
    const { values, positionals } = options('spec criteria', args, flags);
    const level = number('level', values.level, 3);
    const limit = number('limit', values.limit, 1_000);
    const text = await textOf(positionals[0], values.text, io);
    const catalog = parseCriteria(await readCatalog('criteria'));
    const raised = rank(detect(text, catalog), catalog, {
      ...(level === undefined ? {} : { level }),
      ...(limit === undefined ? {} : { limit }),
    });
    if (values.json) io.out(`${JSON.stringify(raised.map(asJson), null, 2)}\n`);
    else if (raised.length === 0) io.out('no security criteria: the text names nothing that the catalogue knows\n');
    else io.out(raised.map(asText).join('\n'));
    return exitCode.done;
  },
};
