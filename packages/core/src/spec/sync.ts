import { appendTask, applyEdits } from './edit.ts';
import { referenceIndex, resolveReference } from './references.ts';
import { requirementsOf } from './spec.ts';
import { type CriteriaChange, criteriaChange, moveReferences, syncDesign } from './sync-design.ts';
import type { Criterion, Requirement, Spec, Task } from './types.ts';

/** What an edit of the requirements asks of design and tasks. */
export interface SyncPlan {
  /** tasks.md with the new tasks and moved references; the old text where nothing is missing. No box changes. */
  tasks: string;
  /** design.md in line with the requirements; absent where the spec has none. */
  design?: string;
  /** What changed in design.md, one line each. */
  designed: string[];
  /** What a person has to look at in design.md. */
  review: string[];
  /** What happened to the criteria since they were last in line. */
  edited: { renumbered: [string, string][]; reworded: string[]; added: string[]; removed: string[] };
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

const noChange: CriteriaChange = { renumbered: new Map(), reworded: new Map(), added: [], removed: new Set() };

/** A criterion whose words changed after every task for it was done needs work again. */
function reworkTasks(spec: Spec, plan: SyncPlan, change: CriteriaChange, isDone: (task: Task) => boolean): void {
  const index = referenceIndex(requirementsOf(spec));
  for (const requirement of requirementsOf(spec)) {
    const again = requirement.criteria.filter(({ id }) => {
      if (!change.reworded.has(id)) return false;
      const own = (spec.tasks?.tasks ?? []).filter(
        (task) =>
          task.children.length === 0 &&
          task.requirements.some((ref) => resolveReference(ref, index).criteria.includes(id)),
      );
      return own.length > 0 && own.every(isDone);
    });
    if (again.length === 0) continue;
    const ids = again.map((criterion) => criterion.id);
    const title = `Bring ${requirement.title || `requirement ${requirement.id}`} in line with ${ids.join(', ')}`;
    addTask(spec, plan, requirement, title, ids);
  }
}

function addTask(spec: Spec, plan: SyncPlan, requirement: Requirement, title: string, criteria: string[]): void {
  const edited = appendTask(plan.tasks, {
    title,
    details: [`tests cite ${criteria.map((id) => `${spec.name}/${id}`).join(', ')}`],
    requirements: criteria,
    scope: scopeFor(spec, requirement),
  });
  if (!edited.ok) return;
  plan.tasks = edited.text;
  plan.added.push({ id: edited.id ?? '', title, criteria });
}

/**
 * What design and tasks need to be in line with the requirements. `before`: the criteria as they were when all three
 * were last in line; without them only numbers can be judged. Done tasks, boxes and order stay.
 */
export function syncPlan(spec: Spec, before?: readonly Criterion[]): SyncPlan {
  const index = referenceIndex(requirementsOf(spec));
  const now = requirementsOf(spec).flatMap((entry) => entry.criteria);
  const change = before ? criteriaChange(before, now) : noChange;
  const all = spec.tasks?.tasks ?? [];
  const named = all.flatMap((task) => task.requirements);
  const moved = moveReferences(spec.tasks?.source ?? '', named, change).edits;
  const meant = (ref: (typeof named)[number]) => {
    const to = ref.kind === 'id' && ref.from !== undefined ? change.renumbered.get(ref.from) : undefined;
    return resolveReference(to === undefined ? ref : { ...ref, from: to }, index);
  };
  const covered = new Set(named.flatMap((ref) => meant(ref).criteria));
  const plan: SyncPlan = {
    tasks: spec.tasks ? applyEdits(spec.tasks.source, moved) : '# Implementation Plan\n',
    designed: [],
    review: [],
    edited: {
      renumbered: [...change.renumbered],
      reworded: [...change.reworded.keys()],
      added: [...change.added],
      removed: [...change.removed],
    },
    added: [],
    dangling: [],
    undesigned: [],
  };
  for (const requirement of requirementsOf(spec)) {
    const missing = missingOf(requirement, covered);
    if (missing.length === 0 || ('part' in requirement && requirement.part === 'current')) continue;
    const whole = missing.length === requirement.criteria.length;
    const title = `${whole ? 'Build' : 'Complete'} ${requirement.title || `requirement ${requirement.id}`}${whole ? '' : ` (${missing.join(', ')})`}`;
    addTask(spec, plan, requirement, title, missing);
  }
  reworkTasks(spec, plan, change, (task) => task.box?.state === 'done');
  if (spec.design) {
    const { text, changed, open } = syncDesign(spec.design, change, now, index);
    plan.design = text;
    plan.designed = changed;
    plan.review = open;
  }
  for (const task of all)
    for (const ref of task.requirements)
      if (ref.kind !== 'words' && !meant(ref).resolved && !change.removed.has(ref.from ?? ''))
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
