import { appendTask } from './edit.ts';
import { referenceIndex, resolveReference } from './references.ts';
import { requirementsOf } from './spec.ts';
import type { Requirement, Spec } from './types.ts';

/** What an edit of the requirements asks of design and tasks. */
export interface SyncPlan {
  /** tasks.md with the new tasks; the old text where nothing is missing. Nothing that stands there is changed. */
  tasks: string;
  added: { id: string; title: string; criteria: string[] }[];
  /** References in tasks and properties that point at criteria which are gone. */
  dangling: { about: string; reference: string; file: string; line: number }[];
  /** Criteria that design.md names nowhere. */
  undesigned: string[];
}

function missingOf(requirement: Requirement, covered: ReadonlySet<string>): string[] {
  return requirement.criteria.map((criterion) => criterion.id).filter((id) => !covered.has(id));
}

/** The scope that the requirement's other tasks have, so that the new one may go where they went. */
function scopeFor(spec: Spec, requirement: Requirement): string[] {
  const index = referenceIndex(requirementsOf(spec));
  const siblings = (spec.tasks?.tasks ?? []).filter((task) =>
    task.requirements.some((ref) => resolveReference(ref, index).requirements.includes(requirement.id)),
  );
  return [...new Set(siblings.flatMap((task) => task.scope.map((slot) => slot.text)))];
}

/** Adds a task for each requirement with criteria that no task covers. Done tasks, boxes and order stay. */
export function syncPlan(spec: Spec): SyncPlan {
  const index = referenceIndex(requirementsOf(spec));
  const all = spec.tasks?.tasks ?? [];
  const covered = new Set(
    all.flatMap((task) => task.requirements.flatMap((ref) => resolveReference(ref, index).criteria)),
  );
  const plan: SyncPlan = {
    tasks: spec.tasks?.source ?? '# Implementation Plan\n',
    added: [],
    dangling: [],
    undesigned: [],
  };
  for (const requirement of requirementsOf(spec)) {
    const missing = missingOf(requirement, covered);
    if (missing.length === 0 || ('part' in requirement && requirement.part === 'current')) continue;
    const whole = missing.length === requirement.criteria.length;
    const title = `${whole ? 'Build' : 'Complete'} ${requirement.title || `requirement ${requirement.id}`}${whole ? '' : ` (${missing.join(', ')})`}`;
    const edited = appendTask(plan.tasks, {
      title,
      details: [`tests cite ${missing.map((id) => `${spec.name}/${id}`).join(', ')}`],
      requirements: missing,
      scope: scopeFor(spec, requirement),
    });
    if (!edited.ok) continue;
    plan.tasks = edited.text;
    plan.added.push({ id: edited.id ?? '', title, criteria: missing });
  }
  for (const task of all)
    for (const ref of task.requirements)
      if (ref.kind !== 'words' && !resolveReference(ref, index).resolved)
        plan.dangling.push({
          about: `task ${task.id}`,
          reference: ref.text,
          file: spec.tasks?.file ?? '',
          line: ref.span.line,
        });
  const designed = new Set(
    [
      ...(spec.design?.mentions ?? []),
      ...(spec.design?.properties.flatMap((property) => property.validates) ?? []),
    ].flatMap((ref) => resolveReference(ref, index).criteria),
  );
  if (spec.design && designed.size > 0) plan.undesigned = [...index.criteria].filter((id) => !designed.has(id));
  return plan;
}
