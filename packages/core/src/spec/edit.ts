import { parseRequirements } from './requirements.ts';
import { parseTasks } from './tasks.ts';
import type { BoxState, DocumentTree, Edited, Requirement, Task, TextEdit } from './types.ts';

/** The document as text: the source, byte for byte. */
export const printDocument = (tree: Pick<DocumentTree, 'source'>): string => tree.source;

/** Applies edits that do not overlap; what lies between them stays as it is. */
export function applyEdits(source: string, edits: readonly TextEdit[]): string {
  const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  let out = '';
  let at = 0;
  for (const edit of ordered) {
    if (edit.start < at) continue;
    out += source.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + source.slice(at);
}

const marks: Record<Exclude<BoxState, 'unknown'>, string> = { open: ' ', done: 'x', 'in-progress': '-', queued: '~' };

/** The line end that prevails in a text. */
const lineEnd = (text: string) => (/\r\n/.test(text) ? '\r\n' : '\n');

function findTask(text: string, taskId: string): Task | undefined {
  const { tasks } = parseTasks(text);
  return tasks.find((task) => task.id === taskId);
}

/** Sets one task's box; changes one character (or a mark such as ✅ that stands for a box). Sub-tasks stay as they are. */
export function setTaskBox(text: string, taskId: string, state: Exclude<BoxState, 'unknown'>): Edited {
  const task = findTask(text, taskId);
  if (!task) return { ok: false, problem: `there is no task \`${taskId}\`` };
  if (!task.box) return { ok: false, problem: `task \`${taskId}\` has no box` };
  if (task.box.state === state) return { ok: true, text };
  const { start, end } = task.box.span;
  const bracketed = text[start - 1] === '[' && text[end] === ']';
  const mark = bracketed ? marks[state] : `[${marks[state]}]`;
  return { ok: true, text: applyEdits(text, [{ start, end, text: mark }]) };
}

export interface NewTask {
  title: string;
  details?: readonly string[];
  requirements?: readonly string[];
  scope?: readonly string[];
  depends?: readonly string[];
  optional?: boolean;
  /** Put it below this task; else at the end of the list. */
  under?: string;
}

function nextNumber(tasks: readonly Task[], parent: Task | undefined): string {
  const siblings = parent ? parent.children : tasks.filter((task) => task.depth === 0).map((task) => task.id);
  const last = siblings.map((id) =>
    Number(/(\d+)(?:~\d+)?$/.exec(tasks.find((task) => task.id === id)?.number ?? '')?.[1] ?? 0),
  );
  const next = Math.max(0, ...last) + 1;
  return parent ? `${parent.number ?? parent.id}.${next}` : String(next);
}

const field = (name: string, values: readonly string[] | undefined) =>
  values && values.length > 0 ? [`_${name}: ${values.join(', ')}_`] : [];

/** Adds a task behind the last of its siblings; no other line changes. Returns its number in `id`. */
export function appendTask(text: string, task: NewTask): Edited & { id?: string } {
  const tree = parseTasks(text);
  const parent = task.under === undefined ? undefined : tree.tasks.find((entry) => entry.id === task.under);
  if (task.under !== undefined && !parent) return { ok: false, problem: `there is no task \`${task.under}\`` };
  const eol = lineEnd(text);
  const number = nextNumber(tree.tasks, parent);
  const sibling = parent
    ? tree.tasks.findLast((entry) => entry.parent === parent.id)
    : tree.tasks.findLast((entry) => entry.depth === 0);
  const column = (sibling ?? parent)?.line.column ?? 1;
  const pad = ' '.repeat(Math.max(0, column - 1 + (parent && !sibling ? 2 : 0)));
  const lines = [
    `${pad}- [ ]${task.optional ? '*' : ''} ${number}${parent ? '' : '.'} ${task.title}`,
    ...[
      ...(task.details ?? []),
      ...field('Requirements', task.requirements),
      ...field('Scope', task.scope),
      ...field('Depends', task.depends),
    ].map((detail) => `${pad}  - ${detail}`),
  ];
  const after = sibling ?? parent;
  if (!after) {
    const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
    return { ok: true, id: number, text: `${text}${gap}${lines.join(eol)}${eol}` };
  }
  const block = parent ? `${eol}${lines.join(eol)}` : `${eol}${eol}${lines.join(eol)}`;
  return {
    ok: true,
    id: number,
    text: applyEdits(text, [{ start: after.span.end, end: after.span.end, text: block }]),
  };
}

function ordinalMarker(text: string, requirement: Requirement): (n: number) => string {
  const last = requirement.criteria.at(-1);
  const line = last ? text.slice(last.span.start, last.body.start) : '';
  if (/^[-*+•]\s/.test(line)) return () => line.replace(/[\d.]+/, '').replace(/\*\*.*\*\*/, '');
  if (/^\d+\.\d/.test(line)) return (n) => `${requirement.id}.${n}${line.replace(/^[\d.]*\d/, '')}`;
  return (n) => `${n}. `;
}

/** Adds one criterion behind a requirement's last; returns its id. Numbers of the others stay. */
export function addCriterion(text: string, requirementId: string, criterion: string): Edited & { id?: string } {
  const tree = parseRequirements(text);
  const requirement = tree.requirements.find((entry) => entry.id === requirementId);
  if (!requirement) return { ok: false, problem: `there is no requirement \`${requirementId}\`` };
  if (/[\r\n]/.test(criterion)) return { ok: false, problem: 'a criterion is one line' };
  const eol = lineEnd(text);
  const last = requirement.criteria.at(-1);
  if (!last) {
    const at = requirement.span.start + text.slice(requirement.span.start, requirement.span.end).trimEnd().length;
    const block = `${eol}${eol}#### Acceptance Criteria${eol}${eol}1. ${criterion}`;
    return { ok: true, id: `${requirementId}.1`, text: applyEdits(text, [{ start: at, end: at, text: block }]) };
  }
  const numbers = requirement.criteria.map((entry) => Number(/(\d+)[a-z]?$/.exec(entry.id)?.[1] ?? 0));
  const next = Math.max(...numbers) + 1;
  const pad = ' '.repeat(last.span.column - 1);
  const line = `${pad}${ordinalMarker(text, requirement)(next)}${criterion}`;
  const loose = /\n[ \t]*\r?\n/.test(
    text.slice(requirement.criteria.at(-2)?.span.end ?? last.span.start, last.span.start),
  );
  const at = last.span.start + text.slice(last.span.start, last.span.end).trimEnd().length;
  return {
    ok: true,
    id: `${requirementId}.${next}`,
    text: applyEdits(text, [{ start: at, end: at, text: `${eol}${loose ? eol : ''}${line}` }]),
  };
}

/** New numbers for the requirements' criteria (1, 2, 3 …) where they have gaps or repeat; what changed, old id → new. */
export function renumber(text: string): Edited & { changed: Record<string, string> } {
  const tree = parseRequirements(text);
  const edits: TextEdit[] = [];
  const changed: Record<string, string> = {};
  for (const requirement of tree.requirements) {
    requirement.criteria.forEach((criterion, i) => {
      const written = criterion.number;
      if (written === undefined || !/^(?:\d+|\d+(?:\.\d+)+)$/.test(written)) return;
      const wanted = written.includes('.') ? `${requirement.id}.${i + 1}` : String(i + 1);
      if (written === wanted) return;
      const start = criterion.span.start + text.slice(criterion.span.start, criterion.body.start).indexOf(written);
      edits.push({ start, end: start + written.length, text: wanted });
      changed[criterion.id] = `${requirement.id}.${i + 1}`;
    });
  }
  return { ok: true, text: applyEdits(text, edits), changed };
}
