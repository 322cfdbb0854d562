import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import { syncPlan } from '@ambit/core/spec';
import { readSpec } from '@ambit/engine/specs';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { askedSpecs } from './place.ts';

const help = `ambit spec sync: bring tasks in line with edited requirements

Appends a task for every requirement with criteria that no task covers. What stands in tasks.md, ticked or not, stays
as it is. References to criteria that are gone, and criteria the design does not name, are listed for you.

Usage: ambit spec sync <name> [--write] [--json]

Without --write nothing is changed. tasks.md must be approved again afterwards.

Example:
  ambit spec sync user-accounts --write
`;

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec sync', args, {
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const [name] = positionals;
  if (name === undefined) throw new AmbitError('usage', 'which spec', { hint: 'ambit spec sync <name>' });
  const [place] = await askedSpecs([name], io);
  if (!place) throw new AmbitError('input.missing', `there is no spec \`${name}\``);
  const plan = syncPlan(await readSpec(place));
  const { tasks, ...rest } = plan;
  if (values.write && plan.added.length > 0)
    await writeFile(join(place.folder, 'tasks.md'), tasks).catch((error: unknown) => {
      throw new AmbitError('environment', `could not write: ${messageOf(error)}`, {
        where: `${place.shown}/tasks.md`,
        cause: error,
      });
    });
  if (values.json)
    io.out(
      `${JSON.stringify({ version: 1, written: values.write === true && plan.added.length > 0, ...rest }, null, 2)}\n`,
    );
  else {
    for (const task of plan.added) io.out(`  ${values.write ? 'added' : 'would add'} ${task.id}. ${task.title}\n`);
    for (const entry of plan.dangling)
      io.out(`  ${entry.about} refers to ${entry.reference}, which is gone  (${entry.file}:${entry.line})\n`);
    if (plan.undesigned.length > 0) io.out(`  the design does not name ${plan.undesigned.join(', ')}\n`);
    if (plan.added.length + plan.dangling.length === 0) io.out('In line: every criterion has a task.\n');
    else if (plan.added.length > 0 && !values.write) io.out('\nTo add them: --write\n');
  }
  return exitCode.done;
}

export const command: Command = { name: 'sync', summary: 'bring tasks in line with edited requirements', help, run };
