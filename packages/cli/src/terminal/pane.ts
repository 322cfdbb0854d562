import type { Spec, Task } from '@ambit/core/spec';
import type { ApprovalStatus } from '@ambit/engine/approvals';
import type { TaskState } from '@ambit/engine/runner';
import type { Workbench } from '../workbench.ts';

/** What the pane shows of one spec: how far it is, and what is in the way. */
export interface PaneContent {
  name: string;
  approvals: ApprovalStatus;
  tasks: PaneTask[];
}

export interface PaneTask {
  id: string;
  title: string;
  depth: number;
  state: 'open' | 'done' | 'running' | 'waiting' | 'blocked';
  optional: boolean;
  leaf: boolean;
}

const marks: Record<PaneTask['state'], string> = {
  open: '[ ]',
  done: '[x]',
  running: '[~]',
  waiting: '[?]',
  blocked: '[!]',
};
const phaseMarks: Record<string, string> = { approved: '✓', stale: '!', pending: '·', missing: '–' };

function stateOf(task: Task, run: Readonly<Record<string, TaskState>>): PaneTask['state'] {
  if (task.box?.state === 'done') return 'done';
  const status = run[task.id]?.status;
  if (status === 'waiting' || status === 'blocked') return status;
  return status === 'running' || status === 'finished' ? 'running' : 'open';
}

export function paneContent(
  spec: Spec,
  approvals: ApprovalStatus,
  run: Readonly<Record<string, TaskState>>,
): PaneContent {
  const tasks = (spec.tasks?.tasks ?? [])
    .filter((task) => task.box)
    .map((task): PaneTask => {
      const { id, title, depth, optional } = task;
      return { id, title, depth, optional, state: stateOf(task, run), leaf: task.children.length === 0 };
    });
  return { name: spec.name, approvals, tasks };
}

function cut(text: string, columns: number): string {
  const characters = [...text];
  return characters.length > columns ? `${characters.slice(0, Math.max(1, columns - 1)).join('')}…` : text;
}

/** Where the eye should be: around the first task that is not done. */
function shownTasks(tasks: readonly PaneTask[], rows: number): { tasks: readonly PaneTask[]; above: number } {
  if (tasks.length <= rows) return { tasks, above: 0 };
  const first = tasks.findIndex(({ state }) => state !== 'done');
  const above = Math.max(0, Math.min((first < 0 ? tasks.length : first) - (rows > 1 ? 1 : 0), tasks.length - rows));
  return { tasks: tasks.slice(above, above + rows), above };
}

/** The pane as lines that fit: never wider than the terminal, never more rows than given. */
export function paneLines({ name, approvals, tasks }: PaneContent, columns: number, rows: number): string[] {
  const narrow = columns < 60;
  const phases = approvals.phases
    .map(({ phase, state }) => `${phaseMarks[state] ?? state}${narrow ? phase.slice(0, 1).toUpperCase() : ` ${phase}`}`)
    .join(narrow ? ' ' : '  ');
  const leaves = tasks.filter(({ leaf, optional }) => leaf && !optional);
  const done = leaves.filter(({ state }) => state === 'done').length;
  const count = `${done}/${leaves.length}`;
  const head = narrow ? `── ${count} ${phases} ${name}` : `── ${name}  ${phases}  ${count} tasks`;
  const shown = shownTasks(tasks, Math.max(1, rows - 2));
  const lines = shown.tasks.map(
    ({ id, title, depth, state, optional }) =>
      `${'  '.repeat(narrow ? 0 : depth)}${marks[state]} ${id} ${title}${optional ? ' (optional)' : ''}`,
  );
  const below = tasks.length - shown.above - shown.tasks.length;
  const more = [shown.above > 0 ? `${shown.above} above` : '', below > 0 ? `${below} below` : ''].filter(Boolean);
  return [head, ...lines, ...(more.length > 0 ? [`    (${more.join(', ')})`] : [])].map((text) => cut(text, columns));
}

/** Reads one spec as it stands now, with the state of an unfinished run. */
export async function readPane(bench: Workbench, cwd: string, wanted: string): Promise<PaneContent> {
  const [{ findSpec, readSpec }, { approvalStatus }, { newestRun }] = await Promise.all([
    import('@ambit/engine/specs'),
    import('@ambit/engine/approvals'),
    import('@ambit/engine/runner'),
  ]);
  const spec = await readSpec(await findSpec(bench.workspace, cwd, wanted));
  const approvals = await approvalStatus(bench.state, spec);
  const hashes = approvals.phases.flatMap(({ sha256 }) => (sha256 ? [sha256] : []));
  const run = await newestRun(bench.state, spec.name, hashes);
  return paneContent(spec, approvals, run?.tasks ?? {});
}

/** Names of the specs here, for completion and for a pane without a wish. */
export async function specNames(bench: Pick<Workbench, 'workspace'>): Promise<string[]> {
  const { listSpecs } = await import('@ambit/engine/specs');
  return (await listSpecs(bench.workspace)).map(({ name }) => name);
}
