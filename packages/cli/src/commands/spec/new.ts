import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type CriteriaCatalog, parseCriteria } from '@ambit/core/catalog';
import { AmbitError, messageOf } from '@ambit/core/errors';
import {
  continueSpec,
  type Draft,
  type DraftOptions,
  draftBugfix,
  draftSpec,
  likelyFiles,
  meaningOfDependencies,
  type Phase,
  type Question,
  type SpecFile,
  type Survey,
  survey,
  type Workflow,
  writeSpec,
} from '@ambit/engine/author';
import { isBuilt, readCatalog } from '../../catalog.ts';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { findWorkspace } from '../../workspace.ts';

const flags = {
  name: { type: 'string' },
  file: { type: 'string', short: 'f' },
  phase: { type: 'string' },
  workflow: { type: 'string' },
  quick: { type: 'boolean' },
  bugfix: { type: 'boolean' },
  model: { type: 'string', short: 'm' },
  'no-model': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof options<typeof flags>>['values'];

const help = `ambit spec new: write a spec in Kiro's format from a prompt

Writes requirements, design and tasks below .kiro/specs, with the security criteria that the prompt calls for. With a
model set up (see: ambit model) it does the writing and the linter repairs it; else the built-in author does, which
needs no model, key or network. An existing document is never overwritten.

Usage: ambit spec new "<prompt>" [options]
       ambit spec new <name> --phase PHASE             the next document of an existing spec

  --name NAME           folder below .kiro/specs; made from the prompt without it
  -f, --file FILE       read the prompt from a file
  --phase PHASE         stop after this phase: requirements, design or tasks
  --workflow WORKFLOW   requirements-first (default), design-first or fast-task
  --quick               a small change: few criteria, all three documents at once
  --bugfix              analysis of a bug, with a test that must fail first and tests that must keep passing
  -m, --model NAME      provider/model
  --no-model            the built-in author, whatever is set up
  --json                print what was written as JSON

Choices that nobody may guess (how people sign in, who owns data, how long it is kept, money, roles) are asked at a
terminal; elsewhere they are marked [NEEDS CLARIFICATION: …], which blocks approval.

Exit codes: 0 written, 2 wrong usage or the document exists, 5 the model that was asked for failed.

Example:
  ambit spec new "Users can create accounts and upload an avatar"
`;

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
  try {
    return await readFile(resolve(io.cwd, file), 'utf8');
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

interface Written {
  slug: string;
  title: string;
  files: SpecFile[];
  /** `provider/model`, or null for the built-in author. */
  model: string | null;
  draft?: Draft;
}

interface Task {
  prompt: string;
  catalog: CriteriaCatalog;
  project: Survey;
  chosen: DraftOptions;
  values: Values;
  io: Io;
}

/** The model's draft; undefined when no model is set up, or one that was not asked for by name has failed. */
async function byModel(task: Task): Promise<Written | undefined> {
  const { values, io, chosen } = task;
  if (values['no-model'] || chosen.quick || chosen.workflow === 'design-first') return undefined;
  const { openChosenModel } = await import('../../models.ts');
  const opened = await openChosenModel(io, { flag: values.model, role: 'author' });
  if (!opened) return undefined;
  const [{ modelDraft }, { lintRules }] = await Promise.all([
    import('@ambit/engine/author/model'),
    import('./place.ts'),
  ]);
  const author = {
    model: opened.client,
    rules: await lintRules(),
    catalog: task.catalog,
    signal: io.signal,
    survey: task.project,
    ...(io.interactive ? { progress: (line: string) => io.err(`${line} …\n`) } : {}),
  };
  try {
    const draft = await modelDraft(task.prompt, author, chosen);
    return { slug: draft.slug, title: draft.title, files: draft.files, draft, model: opened.client.id };
  } catch (error) {
    if (values.model !== undefined || io.signal.aborted) throw error;
    io.err(`ambit: ${messageOf(error)}\n  the built-in author writes this draft instead\n`);
    return undefined;
  }
}

async function byAmbit(task: Task): Promise<Written> {
  const { prompt, catalog, chosen, io, values } = task;
  let draft = draftSpec(prompt, catalog, chosen);
  const { questions } = draft.requirements;
  if (questions.length > 0 && io.interactive && !values.json)
    draft = draftSpec(prompt, catalog, { ...chosen, answers: await ask(questions, io) });
  return { slug: draft.slug, title: draft.title, files: draft.files, draft, model: null };
}

function report(written: Written, folder: string, io: Io): void {
  const shown = relative(io.cwd, folder) || folder;
  io.out(`${shown}\n${written.files.map((file) => `  ${file.name}\n`).join('')}`);
  const data = written.draft?.requirements;
  if (data) {
    const count = data.requirements.reduce((sum, one) => sum + one.criteria.length, 0);
    io.out(
      `${data.requirements.length} requirements with ${count} criteria; ${data.security.length} security criteria were raised by the catalogue.\n`,
    );
  }
  io.out(
    written.model === null
      ? 'No model was used: this draft was written by the built-in author. Review it before approval.\n'
      : `Written with ${written.model} and the catalogue. Review it before approval.\n`,
  );
  for (const question of data?.questions ?? []) io.out(`Open: ${question.topic}: ${question.text}\n`);
  io.out(`Next: ambit spec check ${written.slug}\n`);
}

function asJson(written: Written, folder: string, io: Io): string {
  const path = relative(io.cwd, folder) || folder;
  return `${JSON.stringify({
    version: 1,
    path,
    name: written.slug,
    title: written.title,
    model: written.model,
    files: written.files.map((file) => join(path, file.name)),
    requirements: written.draft?.requirements.requirements.length ?? 0,
    security: (written.draft?.requirements.security ?? []).map((one) => one.id),
    questions: written.draft?.requirements.questions ?? [],
  })}\n`;
}

async function continued(name: string, phase: Phase, root: string, io: Io, json: boolean): Promise<number> {
  const catalog = parseCriteria(await readCatalog('criteria'), { built: isBuilt() });
  const file = await continueSpec(root, name, phase, catalog);
  const path = relative(io.cwd, file) || file;
  if (json) io.out(`${JSON.stringify({ version: 1, name, model: null, files: [path] })}\n`);
  else
    io.out(`${path}\nNo model was used: this draft was written by the built-in author. Review it before approval.\n`);
  return exitCode.done;
}

async function write(prompt: string, root: string, values: Values, io: Io): Promise<Written> {
  const project = await survey(root);
  const specId = randomUUID();
  const slug = values.name === undefined ? {} : { slug: values.name };
  if (values.bugfix) {
    const files = likelyFiles(project.files, prompt);
    return { ...draftBugfix(prompt, { specId, files, test: project.layout.test, ...slug }), model: null };
  }
  const catalog = parseCriteria(await readCatalog('criteria'), { built: isBuilt() });
  const phase = oneOf<Phase>('phase', values.phase, ['requirements', 'design', 'tasks']);
  const workflow = oneOf<Workflow>('workflow', values.workflow, ['requirements-first', 'design-first', 'fast-task']);
  const known = meaningOfDependencies(project.dependencies, catalog);
  const chosen: DraftOptions = {
    specId,
    layout: { ...project.layout, stack: known.stack, files: likelyFiles(project.files, prompt, 3) },
    project: known.text,
    ...(phase ? { phase } : {}),
    ...(workflow ? { workflow } : {}),
    ...(values.quick ? { quick: true } : {}),
    ...slug,
  };
  const task = { prompt, catalog, project, chosen, values, io };
  return (await byModel(task)) ?? (await byAmbit(task));
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec new', args, flags);
  const root = findWorkspace(io.cwd, io.env);
  const [first] = positionals;
  const phase = oneOf<Phase>('phase', values.phase, ['requirements', 'design', 'tasks']);
  const named = positionals.length === 1 && first && /^[a-z0-9-]+$/.test(first) ? first : undefined;
  // One word is a prompt too: requirements are continued only where a design waits for them.
  const waiting = phase !== 'requirements' || existsSync(join(root, '.kiro', 'specs', named ?? '', 'design.md'));
  if (phase && named && waiting) return continued(named, phase, root, io, values.json === true);
  const written = await write(await promptOf(positionals, values.file, io), root, values, io);
  const folder = await writeSpec(root, written.slug, written.files);
  if (values.json) io.out(asJson(written, folder, io));
  else report(written, folder, io);
  return exitCode.done;
}

export const command: Command = { name: 'new', summary: 'write a spec from a prompt', help, run };
