import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { type Criterion, parseSpec, requirementsOf, type Spec, type SyncPlan, syncPlan } from '@ambit/core/spec';
import { keepBaseline, readBaseline } from '@ambit/engine/approvals';
import { readSpec, type SpecFolder } from '@ambit/engine/specs';
import { statePaths } from '@ambit/guard/state';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { findWorkspace } from '../../workspace.ts';
import { askedSpecs } from './place.ts';

const help = `ambit spec sync: bring design and tasks in line with edited requirements

Compares the requirements with what they were when their tasks were last approved (or synced). In design.md references
move with the criteria they mean, numbers that are gone leave their lists, quoted old words become the new ones, and the
components that carry a changed requirement say what it demands now. In tasks.md references move alike, and a task is
appended for every criterion that none covers, or whose words changed after its tasks were done. Done tasks, boxes and
every other line stay as they are. What cannot be decided from the words is listed for you.

Usage: ambit spec sync <name> [--write] [--json]

Without --write nothing is changed. What changed must be approved again afterwards.

Example:
  ambit spec sync user-accounts --write
`;

async function write(place: SpecFolder, file: string, text: string): Promise<void> {
  await writeFile(join(place.folder, file), text).catch((error: unknown) => {
    throw new AmbitError('environment', `could not write: ${messageOf(error)}`, {
      where: `${place.shown}/${file}`,
      cause: error,
    });
  });
}

/** The criteria as they were when the spec was last in line. */
async function criteriaBefore(spec: Spec, workspace: string, io: Io): Promise<Criterion[] | undefined> {
  const text = await readBaseline(statePaths(workspace, io.env), spec.name);
  if (text === undefined) return undefined;
  const kind = spec.requirements ? 'requirements' : 'bugfix';
  const old = parseSpec({ name: spec.name, [kind]: { file: `${kind}.md`, text } });
  return requirementsOf(old).flatMap((entry) => entry.criteria);
}

function print(spec: Spec, plan: SyncPlan, known: boolean, written: boolean, io: Io): void {
  const { edited } = plan;
  const would = written ? '' : 'would ';
  for (const [from, to] of edited.renumbered) io.out(`  ${from} is ${to} now\n`);
  if (edited.reworded.length > 0) io.out(`  reworded: ${edited.reworded.join(', ')}\n`);
  if (edited.removed.length > 0) io.out(`  gone: ${edited.removed.join(', ')}\n`);
  for (const line of plan.designed) io.out(`  design.md ${would}change: ${line}\n`);
  for (const task of plan.added) io.out(`  ${written ? 'added' : 'would add'} ${task.id}. ${task.title}\n`);
  for (const line of plan.review) io.out(`  look at design.md: ${line}\n`);
  for (const entry of plan.dangling)
    io.out(`  ${entry.about} refers to ${entry.reference}, which is gone  (${entry.file}:${entry.line})\n`);
  if (plan.undesigned.length > 0) io.out(`  the design does not name ${plan.undesigned.join(', ')}\n`);
  if (!known) io.out('  tasks were never approved here, so only numbers were compared, not words\n');
  const changes = isChanged(spec, plan);
  if (!changes && plan.dangling.length + plan.review.length === 0) io.out('In line: every criterion has a task.\n');
  else if (changes && !written) io.out('\nTo change the files: --write\n');
}

const isChanged = (spec: Spec, plan: SyncPlan) =>
  (spec.tasks !== undefined || plan.added.length > 0 ? plan.tasks !== spec.tasks?.source : false) ||
  (plan.design !== undefined && plan.design !== spec.design?.source);

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec sync', args, {
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const [name] = positionals;
  if (name === undefined) throw new AmbitError('usage', 'which spec', { hint: 'ambit spec sync <name>' });
  const [place] = await askedSpecs([name], io);
  if (!place) throw new AmbitError('input.missing', `there is no spec \`${name}\``);
  const workspace = findWorkspace(io.cwd, io.env);
  const spec = await readSpec(place);
  const before = await criteriaBefore(spec, workspace, io);
  const plan = syncPlan(spec, before);
  const written = values.write === true && isChanged(spec, plan);
  if (written) {
    if (plan.design !== undefined && plan.design !== spec.design?.source) await write(place, 'design.md', plan.design);
    if (plan.tasks !== spec.tasks?.source) await write(place, 'tasks.md', plan.tasks);
  }
  const requirements = spec.requirements ?? spec.bugfix;
  if (values.write && before && requirements)
    await keepBaseline(statePaths(workspace, io.env), spec.name, requirements.source);
  const { tasks, design, ...rest } = plan;
  if (values.json) io.out(`${JSON.stringify({ version: 1, written, ...rest }, null, 2)}\n`);
  else print(spec, plan, before !== undefined, written, io);
  return exitCode.done;
}

export const command: Command = {
  name: 'sync',
  summary: 'bring design and tasks in line with edited requirements',
  help,
  run,
};
