import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseCriteria } from '@ambit/core/catalog';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { type Draft, draftSpec, type Phase, type Question, type Workflow, writeSpec } from '@ambit/engine/author';
import { readCatalog } from '../../catalog.ts';
import { type Command, exitCode, type Io, options } from '../../command.ts';

const flags = {
  name: { type: 'string' },
  file: { type: 'string', short: 'f' },
  phase: { type: 'string' },
  workflow: { type: 'string' },
  quick: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

function oneOf<T extends string>(name: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((entry) => entry === value);
  if (found) return found;
  throw new AmbitError('usage', `\`${value}\` is no value of --${name}`, { hint: `one of: ${allowed.join(', ')}` });
}

async function promptOf(words: readonly string[], file: string | undefined, io: Io): Promise<string> {
  if (file === undefined) {
    const text = words.join(' ');
    if (text.trim() !== '') return text;
    throw new AmbitError('usage', 'there is no prompt', { hint: 'ambit spec new "Users can create accounts"' });
  }
  const path = resolve(io.cwd, file);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AmbitError('input.missing', `the prompt cannot be read: ${messageOf(error)}`, {
      where: file,
      cause: error,
    });
  }
}

async function ask(questions: readonly Question[], io: Io): Promise<Record<string, string>> {
  const reader = createInterface({ input: io.stdin, output: process.stderr, signal: io.signal });
  const answers: Record<string, string> = {};
  try {
    for (const question of questions) {
      const answer = (await reader.question(`${question.text}\n(empty: leave it open) > `)).trim();
      if (answer) answers[question.topic] = answer;
    }
  } finally {
    reader.close();
  }
  return answers;
}

function report(draft: Draft, folder: string, io: Io): void {
  const count = draft.requirements.requirements.reduce((sum, one) => sum + one.criteria.length, 0);
  io.out(`${relative(io.cwd, folder) || folder}\n`);
  for (const file of draft.files) io.out(`  ${file.name}\n`);
  io.out(
    `${draft.requirements.requirements.length} requirements with ${count} criteria, ${draft.requirements.security.length} of them security criteria from the catalogue.\n`,
  );
  io.out('No model was used: this draft was written by the built-in author. Review it before approval.\n');
  for (const question of draft.requirements.questions) io.out(`Open: ${question.topic}: ${question.text}\n`);
  io.out(`Next: ambit spec check ${draft.slug}\n`);
}

export const command: Command = {
  name: 'spec new',
  summary: 'write requirements, design and tasks for a prompt',
  help: `Writes a new spec in Kiro's format from a prompt, with the security criteria that the prompt calls for.

Usage: ambit spec new "<prompt>" [options]

  --name NAME           folder below .kiro/specs; made from the prompt without it
  -f, --file FILE       read the prompt from a file
  --phase PHASE         stop after this phase: requirements, design or tasks
  --workflow WORKFLOW   requirements-first (default) or design-first
  --quick               a small change: few criteria, all three documents at once
  --json                print what was written as JSON

An existing spec is never overwritten.

Example: ambit spec new "Users can create accounts and upload an avatar"
`,
  run: async (args, io) => {
    const { values, positionals } = options('spec new', args, flags);
    const phase = oneOf<Phase>('phase', values.phase, ['requirements', 'design', 'tasks']);
    const workflow = oneOf<Workflow>('workflow', values.workflow, ['requirements-first', 'design-first', 'fast-task']);
    const prompt = await promptOf(positionals, values.file, io);
    const catalog = parseCriteria(await readCatalog('criteria'));
    const chosen = {
      specId: randomUUID(),
      ...(phase ? { phase } : {}),
      ...(workflow ? { workflow } : {}),
      ...(values.quick ? { quick: true } : {}),
      ...(values.name === undefined ? {} : { slug: values.name }),
    };
    let draft = draftSpec(prompt, catalog, chosen);
    if (draft.requirements.questions.length > 0 && io.interactive && !values.json)
      draft = draftSpec(prompt, catalog, { ...chosen, answers: await ask(draft.requirements.questions, io) });
    const folder = await writeSpec(io.cwd, draft.slug, draft.files);
    if (values.json)
      io.out(
        `${JSON.stringify({
          path: relative(io.cwd, folder),
          name: draft.slug,
          title: draft.title,
          model: null,
          files: draft.files.map((file) => join(relative(io.cwd, folder), file.name)),
          requirements: draft.requirements.requirements.length,
          security: draft.requirements.security.map((one) => one.id),
          questions: draft.requirements.questions,
        })}\n`,
      );
    else report(draft, folder, io);
    return exitCode.done;
  },
};
