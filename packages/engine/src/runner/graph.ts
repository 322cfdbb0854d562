import type { Task, TasksTree } from '@ambit/core/spec';

/** A task that is carried out by itself: a box without boxes below it. */
export interface Step {
  task: Task;
  /** Ids of the steps that must be finished first. */
  after: string[];
}

export interface Graph {
  /** In document order. */
  steps: Step[];
  /** What is wrong with the plan; then nothing may run. */
  problems: { line: number; message: string }[];
}

const boxed = (task: Task) => task.box !== undefined;

/** A task is a step when no box stands below it. */
function stepsOf(tree: TasksTree): Task[] {
  const byId = new Map(tree.tasks.map((task) => [task.id, task]));
  const hasBoxBelow = (task: Task): boolean =>
    task.children.some((id) => {
      const child = byId.get(id);
      return child !== undefined && (boxed(child) || hasBoxBelow(child));
    });
  return tree.tasks.filter((task) => boxed(task) && !hasBoxBelow(task));
}

/** Steps meant by a number: itself, or every step below it. */
function meant(tree: TasksTree, steps: readonly Task[], number: string): string[] {
  const named = tree.tasks.find((task) => task.id === number || task.number === number);
  if (!named) return [];
  const below = new Set<string>();
  const visit = (id: string) => {
    below.add(id);
    for (const child of tree.tasks.find((task) => task.id === id)?.children ?? []) visit(child);
  };
  visit(named.id);
  return steps.filter((step) => below.has(step.id)).map((step) => step.id);
}

function declared(tree: TasksTree, steps: readonly Task[], problems: Graph['problems']): Map<string, Set<string>> {
  const after = new Map<string, Set<string>>();
  const byId = new Map(tree.tasks.map((task) => [task.id, task]));
  for (const step of steps) {
    const found = new Set<string>();
    // What a parent waits for, its steps wait for.
    for (let task: Task | undefined = step; task; task = task.parent ? byId.get(task.parent) : undefined)
      for (const { text, span } of task.depends) {
        const ids = meant(tree, steps, text);
        if (ids.length === 0)
          problems.push({
            line: span.line,
            message: `task ${step.id} depends on \`${text}\`, which is not in this plan`,
          });
        for (const id of ids) if (id !== step.id) found.add(id);
      }
    after.set(step.id, found);
  }
  return after;
}

/** Waves run one after the other: a step waits for every step of the waves before its own. */
function fromWaves(
  tree: TasksTree,
  steps: readonly Task[],
  after: Map<string, Set<string>>,
  problems: Graph['problems'],
): void {
  const earlier: string[] = [];
  for (const wave of tree.waves?.waves ?? []) {
    const here = wave.tasks.flatMap((number) => {
      const ids = meant(tree, steps, number);
      if (ids.length === 0)
        problems.push({
          line: tree.waves?.span.line ?? 1,
          message: `wave ${wave.id} names \`${number}\`, which is not in this plan`,
        });
      return ids;
    });
    for (const id of here) for (const before of earlier) if (before !== id) after.get(id)?.add(before);
    earlier.push(...here);
  }
}

/** Without any word on order, one after the other; `(P)` runs beside the steps before it that are parallel too. */
function inSequence(steps: readonly Task[], after: Map<string, Set<string>>): void {
  steps.forEach((step, i) => {
    for (const other of steps.slice(0, i)) {
      const beside = step.parallel && other.parallel && step.parent === other.parent;
      if (!beside) after.get(step.id)?.add(other.id);
    }
  });
}

function cycleIn(after: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (id: string): string[] | undefined => {
    if (done.has(id)) return undefined;
    const at = path.indexOf(id);
    if (at >= 0) return [...path.slice(at), id];
    path.push(id);
    for (const next of after.get(id) ?? []) {
      const found = visit(next);
      if (found) return found;
    }
    path.pop();
    done.add(id);
    return undefined;
  };
  for (const id of after.keys()) {
    const found = visit(id);
    if (found) return found;
  }
  return undefined;
}

/** The order in which a plan's tasks can run. Pure and total. */
export function taskGraph(tree: TasksTree): Graph {
  const steps = stepsOf(tree);
  const problems: Graph['problems'] = [];
  const after = declared(tree, steps, problems);
  const said = steps.some((step) => (after.get(step.id)?.size ?? 0) > 0);
  if (tree.waves) fromWaves(tree, steps, after, problems);
  else if (!said) inSequence(steps, after);
  // A checkpoint looks at everything that stands before it.
  steps.forEach((step, i) => {
    if (step.checkpoint) for (const other of steps.slice(0, i)) after.get(step.id)?.add(other.id);
  });
  const cycle = cycleIn(after);
  if (cycle) {
    const line = steps.find((step) => step.id === cycle[0])?.line.line ?? 1;
    problems.push({ line, message: `tasks wait for each other: ${cycle.join(' → ')}` });
  }
  return { steps: steps.map((task) => ({ task, after: [...(after.get(task.id) ?? [])].sort() })), problems };
}

/** Steps that can run now: not settled, and everything before them finished. */
export function readySteps(graph: Graph, finished: ReadonlySet<string>, settled: ReadonlySet<string>): Step[] {
  return graph.steps.filter(({ task, after }) => !settled.has(task.id) && after.every((id) => finished.has(id)));
}

/** Groups of steps that can run together, for people: the shape of the whole plan. */
export function wavesOf(graph: Graph): string[][] {
  const waves: string[][] = [];
  const finished = new Set<string>();
  for (;;) {
    const ready = readySteps(graph, finished, finished).map(({ task }) => task.id);
    if (ready.length === 0) return waves;
    waves.push(ready);
    for (const id of ready) finished.add(id);
  }
}
