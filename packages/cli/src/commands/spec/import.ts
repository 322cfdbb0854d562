import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import { draftRequirements, draftTasks, importOpenSpec, importSpecKit, type SpecDraft } from '@ambit/core/spec';
import { isSpecName, readDocument } from '@ambit/engine/specs';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { findWorkspace } from '../../workspace.ts';

const help = `ambit spec import: a spec from spec-kit or OpenSpec

Reads a spec-kit folder (spec.md, plan.md, tasks.md) or an OpenSpec capability or change, and writes requirements.md,
design.md and tasks.md below .kiro/specs. The source stays as it is; an existing spec is never overwritten.

Usage: ambit spec import <folder> [--name NAME]

Example:
  ambit spec import specs/001-photo-albums
  ambit spec import openspec/changes/add-albums --name albums
`;

const text = async (folder: string, file: string) => (await readDocument(join(folder, file), file))?.text;

/** Every spec.md below a change's \`specs\` folder. */
async function deltas(folder: string): Promise<string[]> {
  const entries = await readdir(join(folder, 'specs'), { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile() && entry.name === 'spec.md')
    .map((entry) => join(entry.parentPath, entry.name));
  const found: string[] = [];
  for (const file of files.sort()) {
    const document = await readDocument(file, file);
    if (document) found.push(document.text);
  }
  return found;
}

async function read(folder: string): Promise<SpecDraft> {
  const [spec, plan, proposal, design, tasks, changed] = await Promise.all([
    text(folder, 'spec.md'),
    text(folder, 'plan.md'),
    text(folder, 'proposal.md'),
    text(folder, 'design.md'),
    text(folder, 'tasks.md'),
    deltas(folder),
  ]);
  const title = basename(folder).replace(/^\d+-/, '');
  const more = {
    ...(design === undefined ? {} : { design }),
    ...(tasks === undefined ? {} : { tasks }),
    ...(proposal === undefined ? {} : { proposal }),
  };
  if (changed.length > 0) return importOpenSpec({ title, specs: changed, ...more });
  if (spec === undefined)
    throw new AmbitError('input.missing', 'there is neither spec-kit nor OpenSpec', {
      where: folder,
      hint: 'looked for spec.md and specs/*/spec.md',
    });
  if (/^###\s+Requirement:/m.test(spec)) return importOpenSpec({ title, specs: [spec], ...more });
  return importSpecKit({ spec, ...(plan === undefined ? {} : { plan }), ...(tasks === undefined ? {} : { tasks }) });
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec import', args, { name: { type: 'string' } });
  const [asked] = positionals;
  if (asked === undefined) throw new AmbitError('usage', 'which folder', { hint: 'ambit spec import <folder>' });
  const folder = resolve(io.cwd, asked);
  const name = values.name ?? basename(folder).replace(/^\d+-/, '').toLowerCase();
  if (!isSpecName(name)) throw new AmbitError('usage', `\`${name}\` is no spec name`, { hint: '--name NAME' });
  const draft = await read(folder);
  if (draft.requirements.length === 0)
    throw new AmbitError('input.broken', 'no requirement was recognised', { where: asked });
  const target = join(findWorkspace(io.cwd, io.env), '.kiro', 'specs', name);
  if (await stat(target).catch(() => undefined))
    throw new AmbitError('usage', `spec \`${name}\` exists already`, { hint: '--name ANOTHER' });
  await mkdir(target, { recursive: true });
  await writeFile(
    join(target, '.config.kiro'),
    `${JSON.stringify({ specId: name, workflowType: 'requirements-first', specType: 'feature' })}\n`,
    { flag: 'wx' },
  );
  await writeFile(join(target, 'requirements.md'), draftRequirements(draft), { flag: 'wx' });
  if (draft.design !== undefined) await writeFile(join(target, 'design.md'), draft.design, { flag: 'wx' });
  if (draft.tasks.length > 0) await writeFile(join(target, 'tasks.md'), draftTasks(draft), { flag: 'wx' });
  const criteria = draft.requirements.reduce((sum, entry) => sum + entry.criteria.length, 0);
  io.out(
    `.kiro/specs/${name}: ${draft.requirements.length} requirements, ${criteria} criteria, ${draft.tasks.length} tasks\nNext: ambit spec check ${name}\n`,
  );
  return exitCode.done;
}

export const command: Command = { name: 'import', summary: 'from spec-kit or OpenSpec', help, run };
