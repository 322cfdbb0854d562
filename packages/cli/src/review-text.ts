import type { Conflict, StoredChangeSet } from '@ambit/engine/change-set';
import type { Paint } from '@ambit/engine/review';
import type { Io } from './command.ts';

export async function paintFor(io: Pick<Io, 'colour'>): Promise<Paint> {
  const { ansiPaint, noPaint } = await import('@ambit/engine/review');
  return io.colour ? ansiPaint : noPaint;
}

export function printConflicts(io: Pick<Io, 'err'>, conflicts: readonly Conflict[], consequence: string): void {
  for (const { path, reason } of conflicts) io.err(`conflict: ${JSON.stringify(path)}: ${reason}\n`);
  io.err(`ambit: ${conflicts.length} ${conflicts.length === 1 ? 'conflict' : 'conflicts'}; ${consequence}\n`);
}

/** The head of a change set: what it is, its files in risk order, its flags and checks. */
export async function overview(set: StoredChangeSet, io: Pick<Io, 'colour'>): Promise<string> {
  const { describeAccess, describeFile, describeFlag, describeHeld, foldHeld, inRiskOrder, shown } = await import(
    '@ambit/engine/review'
  );
  const { named, counted } = foldHeld(inRiskOrder(set));
  const paint = await paintFor(io);
  const from = set.spec ? shown(`task ${set.task ?? '?'} of ${set.spec}`) : `${set.run.kind} run ${set.run.id}`;
  const lines = [
    `${paint.strong(`change set ${set.id}`)}  ${set.state.status}  ${set.made}  ${from}`,
    ...named.map((file) => `  ${describeFile(file)}`),
    ...counted.map((one) => `  ${describeHeld(one)}`),
  ];
  if (set.flags.length > 0) lines.push(paint.strong('flags, worst first:'));
  lines.push(...set.flags.map((flag) => `  ${paint.removed('!')} ${describeFlag(flag)}`));
  if (set.access?.length) lines.push(paint.strong('who may do what:'));
  lines.push(...(set.access ?? []).map((one) => `  ${describeAccess(one)}`));
  if (set.checks.length > 0) lines.push(paint.strong('checks:'));
  lines.push(
    ...set.checks.map(
      ({ name, status, detail }) =>
        `  ${status.padEnd(7)} ${name}${detail ? `: ${shown(detail.split('\n')[0] ?? '')}` : ''}`,
    ),
  );
  return `${lines.join('\n')}\n`;
}
