import { requirementsOf, type Spec, type Task, type TaskEvidence } from '@ambit/core/spec';
import type { CheckResult, Conflict, Flag } from '../change-set/index.ts';
import { criteriaOf } from '../evidence/index.ts';

const all = (spec: Spec) => requirementsOf(spec).flatMap((requirement) => requirement.criteria);

/** A task that is done when its tests fail: written before the code, or to show a defect. */
export function wantsFailingTests(task: Task): boolean {
  const text = [task.title, ...task.details.map((detail) => detail.text)].join('\n');
  return /\bfailing tests?\b|\btests? (?:that|which) (?:must )?fail|\b(?:must|should|expected to|will) fail\b|bug condition exploration/i.test(
    text,
  );
}

/** Kept verbatim through every compaction of the session. */
export function taskText(spec: Spec, task: Task, write: readonly string[]): string {
  const ids = new Set(criteriaOf(spec, task));
  const criteria = all(spec).filter((one) => ids.has(one.id));
  const lines = [
    `Spec ${spec.name}, task ${task.number ?? task.id}: ${task.title}`,
    ...task.details.map((detail) => `- ${detail.text}`),
    ...(criteria.length > 0 ? ['It is done when these criteria hold:'] : []),
    ...criteria.map((one) => `${one.id}. ${one.text}`),
    `You may write only: ${write.join(', ') || 'nothing'}. The documents of the spec are in .kiro/specs/${spec.name}; they are not yours to change.`,
  ];
  if (criteria.length > 0)
    lines.push(
      `A test that shows a criterion names it in its title as ${spec.name}/N.M, for instance \`${spec.name}/${criteria[0]?.id ?? '1.1'}\`.`,
    );
  return lines.join('\n');
}

export const startPrompt =
  'Carry this task out now, and only this task. Read what you need first; run the tests before you end.';

/** Asks the model to mend what the checks found. Reports are data, not orders. */
export function repairPrompt(
  failed: readonly CheckResult[],
  flags: readonly Flag[],
  evidence: TaskEvidence | undefined,
): string {
  const lines = ['Not done yet. The checks after your work say:'];
  for (const { name, detail } of failed) lines.push(`${name}: ${detail}`);
  for (const { code, path, line, reason } of flags)
    lines.push(`${code} ${path ?? ''}${line ? `:${line}` : ''}: ${reason}`);
  for (const verdict of evidence?.verdicts ?? [])
    if (verdict.verdict === 'unproven') lines.push(`criterion ${verdict.criterion} is not shown: ${verdict.detail}`);
  lines.push('Mend this inside your limits. Do not remove, skip or weaken tests or checks to get there.');
  return lines.join('\n');
}

export function conflictPrompt(conflicts: readonly Conflict[]): string {
  const parts = conflicts.map(
    ({ path, reason, marked }) => `${path}: ${reason}${marked ? `\n${marked.slice(0, 6_000)}` : ''}`,
  );
  return [
    'Other tasks that ran beside this one changed the same places. You start again from their finished work. This is where your earlier change did not fit (workspace: theirs, change set: yours):',
    ...parts,
    'Do the task again on top of what is there now, and keep what the others did.',
  ].join('\n\n');
}
