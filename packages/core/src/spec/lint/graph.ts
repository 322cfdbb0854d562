import { type ReferenceIndex, referenceIndex, resolveReference } from '../references.ts';
import { requirementsOf } from '../spec.ts';
import type { DocumentTree, Requirement, RequirementRef, Task, TasksTree } from '../types.ts';
import { type LintContext, report } from './context.ts';

function dangling(
  context: LintContext,
  tree: DocumentTree,
  refs: readonly RequirementRef[],
  index: ReferenceIndex,
  message: string,
  about?: string,
): void {
  for (const ref of refs) {
    if (ref.kind === 'words' || ref.kind === 'all') continue;
    const { resolved, missing } = resolveReference(ref, index);
    if (resolved) continue;
    report(
      context,
      'E13',
      message,
      { tree, span: ref.span, ...(about ? { about } : {}) },
      { word: missing.join('`, `') || ref.text },
    );
  }
}

function numbering(context: LintContext, tree: DocumentTree, requirement: Requirement): void {
  const seen = new Map<string, string>();
  let previous = 0;
  for (const criterion of requirement.criteria) {
    const written = criterion.number;
    if (written === undefined) continue;
    const place = { tree, span: criterion.span, about: criterion.id };
    if (seen.has(written)) {
      // A list whose items are all `1.` is numbered by the renderer.
      if (requirement.criteria.some((entry) => entry.number !== written))
        report(context, 'S2', 'criterion', place, { word: written, requirement: requirement.id, id: criterion.id });
      continue;
    }
    seen.set(written, criterion.id);
    const number = Number(/(\d+)$/.exec(written)?.[1] ?? Number.NaN);
    if (Number.isNaN(number)) continue;
    if (previous > 0 && number > previous + 1) report(context, 'E13', 'gap', place, { from: previous, to: number });
    previous = number;
  }
}

/** Tasks that an open task waits for, through `_Depends:_`. */
function checkDepends(context: LintContext, tree: TasksTree): void {
  const byNumber = new Map(tree.tasks.map((task) => [task.number ?? task.id, task]));
  for (const task of tree.tasks)
    for (const slot of task.depends) {
      const number = slot.text.replace(/^(?:task\s*)?#?/i, '').trim();
      if (!/^[\w.-]+$/.test(number) || !/\d/.test(number) || byNumber.has(number)) continue;
      report(context, 'E13', 'depends', { tree, span: slot.span, about: task.id }, { word: number });
    }
  const done = new Set<Task>();
  for (const task of tree.tasks) {
    const path = cycleFrom(task, byNumber, [], done);
    if (path) report(context, 'E13', 'cycle', { tree, span: task.line, about: task.id }, { words: path.join(' → ') });
  }
}

function cycleFrom(
  task: Task,
  byNumber: ReadonlyMap<string, Task>,
  path: Task[],
  done: Set<Task>,
): string[] | undefined {
  if (path.includes(task)) return path[0] === task ? [...path, task].map((entry) => entry.id) : undefined;
  if (done.has(task)) return undefined;
  for (const slot of task.depends) {
    const next = byNumber.get(slot.text.replace(/^(?:task\s*)?#?/i, '').trim());
    const found = next && cycleFrom(next, byNumber, [...path, task], done);
    if (found) return found;
  }
  if (path.length === 0) done.add(task);
  return undefined;
}

function checkTaskStates(context: LintContext, tree: TasksTree): void {
  const byId = new Map(tree.tasks.map((task) => [task.id, task]));
  for (const task of tree.tasks) {
    const place = { tree, span: task.line, about: task.id };
    if (task.box?.state === 'unknown') report(context, 'S5', 'mark', place, { word: task.box.mark });
    if (task.number !== undefined && task.id !== task.number)
      report(context, 'S2', 'task', place, { word: task.number, id: task.id });
    if (task.box?.state !== 'done') continue;
    const open = task.children.filter((id) => {
      const child = byId.get(id);
      return child?.box && !child.optional && child.box.state !== 'done';
    });
    if (open.length > 0)
      report(context, 'S5', 'parent', place, { words: open.join(', '), are: open.length === 1 ? 'is' : 'are' });
  }
}

function checkWaves(context: LintContext, tree: TasksTree): void {
  if (!tree.waves) return;
  const known = new Set(tree.tasks.flatMap((task) => [task.id, task.number ?? task.id]));
  for (const wave of tree.waves.waves)
    for (const id of wave.tasks)
      if (!known.has(id)) report(context, 'E13', 'wave', { tree, span: tree.waves.span }, { word: id });
}

function checkCoverage(context: LintContext, index: ReferenceIndex): void {
  const { tasks } = context.spec;
  const tree = context.spec.requirements;
  // Without a single reference the plan does not trace at all; saying so once per criterion would be noise.
  if (!tasks || !tree || !tasks.tasks.some((task) => task.requirements.length > 0)) return;
  const covered = new Set(
    tasks.tasks.flatMap((task) => task.requirements.flatMap((ref) => resolveReference(ref, index).criteria)),
  );
  for (const criterion of tree.requirements.flatMap((entry) => entry.criteria))
    if (!covered.has(criterion.id))
      report(context, 'E13', 'no-task', { tree, span: criterion.span, about: criterion.id });
}

/** E13 and the S rules on numbers, references, dependencies and boxes. */
export function checkGraph(context: LintContext): void {
  const { spec } = context;
  const index = referenceIndex(requirementsOf(spec));
  const source = spec.requirements ?? spec.bugfix;
  for (const requirement of requirementsOf(spec)) {
    if (!source) break;
    numbering(context, source, requirement);
    if (requirement.criteria.length === 0)
      report(
        context,
        'S3',
        'requirement',
        { tree: source, span: requirement.heading, about: requirement.id },
        { id: requirement.id },
      );
  }
  if (spec.requirements && requirementsOf(spec).every((entry) => entry.criteria.length === 0)) {
    const span = { start: 0, end: 0, line: 1, column: 1 };
    report(context, 'S1', 'document', { tree: spec.requirements, span });
  }
  if (spec.design && source) {
    for (const property of spec.design.properties)
      dangling(context, spec.design, property.validates, index, 'dangling-design', `property ${property.id}`);
  }
  if (!spec.tasks) return;
  if (source)
    for (const task of spec.tasks.tasks) dangling(context, spec.tasks, task.requirements, index, 'dangling', task.id);
  checkDepends(context, spec.tasks);
  checkTaskStates(context, spec.tasks);
  checkWaves(context, spec.tasks);
  checkCoverage(context, index);
}
