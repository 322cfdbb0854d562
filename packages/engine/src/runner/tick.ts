import { parseTasks, setTaskBox, type Task } from '@ambit/core/spec';

const isDone = (task: Task) => task.box === undefined || task.box.state === 'done';

/** Parents whose required children are all done, innermost first. */
function finishedParents(tasks: readonly Task[], id: string): string[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const finished: string[] = [];
  const done = new Set([id]);
  for (let parent = byId.get(byId.get(id)?.parent ?? ''); parent; parent = byId.get(parent.parent ?? '')) {
    const children = parent.children.map((child) => byId.get(child));
    const open = children.some((child) => child && !child.optional && !isDone(child) && !done.has(child.id));
    if (open) break;
    done.add(parent.id);
    if (parent.box) finished.push(parent.id);
  }
  return finished;
}

/** Text of tasks.md with the task ticked, and with it every parent that is thereby complete. Unchanged where it cannot be. */
export function tickTask(text: string, id: string): string {
  const ticked = setTaskBox(text, id, 'done');
  if (!ticked.ok) return text;
  let result = ticked.text;
  for (const parent of finishedParents(parseTasks(result).tasks, id)) {
    const next = setTaskBox(result, parent, 'done');
    if (next.ok) result = next.text;
  }
  return result;
}
