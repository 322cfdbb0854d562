import { type ApprovalStatus, approvalStatus } from '@ambit/engine/approvals';
import { readSpec } from '@ambit/engine/specs';
import { statePaths } from '@ambit/guard/state';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { findWorkspace } from '../../workspace.ts';
import { askedSpecs } from './place.ts';

const help = `ambit spec list: specs of this workspace, their progress and approvals

Usage: ambit spec list [--json]

Example:
  ambit spec list
`;

interface Row {
  name: string;
  folder: string;
  type: string;
  requirements: number;
  criteria: number;
  tasks: { required: number; done: number; optional: number };
  approvals: Record<string, string>;
  runnable: boolean;
}

const letters: Record<string, string> = { approved: '✓', stale: '!', pending: '·', missing: ' ' };

async function rowOf(place: Awaited<ReturnType<typeof askedSpecs>>[number], io: Io, workspace: string): Promise<Row> {
  const spec = await readSpec(place);
  const requirements = (spec.requirements ?? spec.bugfix)?.requirements ?? [];
  const leaves = (spec.tasks?.tasks ?? []).filter((task) => task.box && task.children.length === 0);
  const required = leaves.filter((task) => !task.optional);
  const status: ApprovalStatus = await approvalStatus(statePaths(workspace, io.env), spec);
  return {
    name: spec.name,
    folder: place.shown,
    type: spec.bugfix ? 'bugfix' : (spec.config?.specType ?? 'feature'),
    requirements: requirements.length,
    criteria: requirements.reduce((sum, entry) => sum + entry.criteria.length, 0),
    tasks: {
      required: required.length,
      done: required.filter((task) => task.box?.state === 'done').length,
      optional: leaves.length - required.length,
    },
    approvals: Object.fromEntries(status.phases.map((phase) => [phase.phase, phase.state])),
    runnable: status.runnable,
  };
}

async function run(args: string[], io: Io): Promise<number> {
  const { values } = options('spec list', args, { json: { type: 'boolean', default: false } });
  const workspace = findWorkspace(io.cwd, io.env);
  const rows: Row[] = [];
  for (const place of await askedSpecs([], io)) rows.push(await rowOf(place, io, workspace));
  if (values.json) {
    io.out(`${JSON.stringify({ version: 1, specs: rows }, null, 2)}\n`);
    return exitCode.done;
  }
  if (rows.length === 0) {
    io.out('There is no spec here. Write one: ambit spec new "what it should do"\n');
    return exitCode.done;
  }
  const width = Math.max(...rows.map((row) => row.name.length));
  io.out(`${'spec'.padEnd(width)}  criteria  tasks done  approved (requirements design tasks)\n`);
  for (const row of rows) {
    const marks = ['requirements', 'design', 'tasks']
      .map((phase) => letters[row.approvals[phase] ?? 'missing'])
      .join(' ');
    const done = `${row.tasks.done}/${row.tasks.required}`;
    io.out(
      `${row.name.padEnd(width)}  ${String(row.criteria).padStart(8)}  ${done.padStart(10)}  ${marks}${row.runnable ? '  can run' : ''}\n`,
    );
  }
  io.out('\n✓ approved as it stands  ! changed since  · not approved\n');
  return exitCode.done;
}

export const command: Command = { name: 'list', summary: 'specs here, their progress and approvals', help, run };
