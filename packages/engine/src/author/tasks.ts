import {
  type Component,
  criterionId,
  type DesignData,
  type RequirementsData,
  type SecurityDecision,
  type TaskData,
  type TasksData,
} from './document.ts';

interface Open {
  component: Component;
  number: number;
}

function criterionIds(data: RequirementsData, component: Component, security: boolean): string[] {
  return component.requirements.flatMap((index) =>
    (data.requirements[index - 1]?.criteria ?? []).flatMap((criterion, place) =>
      (criterion.security !== undefined) === security ? [criterionId(data, index - 1, place)] : [],
    ),
  );
}

function securityTests(data: RequirementsData, ids: readonly string[]): string[] {
  const byPlace = new Map<string, SecurityDecision>();
  for (const decision of data.security)
    if (decision.state.kind === 'accepted') byPlace.set(decision.state.as, decision);
  return ids.flatMap((id) => {
    const verify = byPlace.get(id)?.verify;
    if (!verify) return [];
    if (verify.kind === 'test') return [`${id}: ${verify.act}; expected: ${verify.expect}`];
    if (verify.kind === 'review') return [`${id}: answer in writing: ${verify.question}`];
    return [
      `${id}: check with ${verify.kind === 'scan' ? `the scanner rule ${verify.rule}` : `the policy «${verify.rule}»`}`,
    ];
  });
}

function componentTask(
  { component, number }: Open,
  data: RequirementsData,
  design: DesignData,
  model: string,
): TaskData {
  const functional = criterionIds(data, component, false);
  const security = criterionIds(data, component, true);
  const children: TaskData[] = [];
  const next = () => `${number}.${children.length + 1}`;
  const add = (task: Omit<TaskData, 'id' | 'children' | 'scope'>) => {
    const id = next();
    children.push({ id, children: [], scope: component.files, ...task });
    return id;
  };
  let before = model;
  if (functional.length > 0) {
    const tests = add({
      title: `Write failing tests for ${component.name.toLowerCase()}`,
      details: [`One test for each criterion; its title names the criterion as ${data.slug}/N.M`],
      requirements: functional,
      depends: [before],
    });
    before = add({
      title: `Implement ${component.name.toLowerCase()}`,
      details: component.requirements.flatMap((index) => {
        const requirement = data.requirements[index - 1];
        return requirement?.feature ? [`${requirement.title}, for the ${requirement.role}`] : [];
      }),
      requirements: functional,
      depends: [tests],
    });
  }
  if (security.length > 0)
    before = add({
      title:
        functional.length > 0
          ? `Secure ${component.name.toLowerCase()} and test each security criterion`
          : `Implement ${component.name.toLowerCase()} and test each security criterion`,
      details: securityTests(data, security),
      requirements: security,
      depends: [before],
    });
  const all = new Set([...functional, ...security]);
  for (const [index, property] of design.properties.entries()) {
    if (!property.validates.some((id) => all.has(id))) continue;
    if (
      property.validates.find((id) => component.requirements.includes(Number(id.split('.')[0]))) !==
      property.validates[0]
    )
      continue;
    add({
      title: `Write property test: ${property.title.toLowerCase()}`,
      details: [
        `**Property ${index + 1}: ${property.title}**`,
        `**Validates: Requirements ${property.validates.join(', ')}**`,
      ],
      requirements: property.validates,
      depends: [before],
      optional: true,
    });
  }
  return {
    id: String(number),
    title: `Build ${component.name.toLowerCase()}`,
    details: [],
    scope: [],
    requirements: [],
    depends: [],
    children,
  };
}

/**
 * Tasks in groups that can run together: every task stands after those it depends on, scopes in a wave are disjoint, and
 * the last task, the checkpoint, stands alone at the end.
 */
export function wavesOf(tasks: readonly TaskData[]): string[][] {
  const leaves = tasks.flatMap((task) => (task.children.length > 0 ? task.children : [task]));
  const placed = new Map<string, number>();
  const waves: TaskData[][] = [];
  for (const task of leaves) {
    let wave = Math.max(-1, ...task.depends.map((id) => placed.get(id) ?? -1)) + 1;
    const shared = (other: TaskData) => other.scope.some((glob) => task.scope.includes(glob));
    while (waves[wave]?.some(shared)) wave += 1;
    waves[wave] = [...(waves[wave] ?? []), task];
    placed.set(task.id, wave);
  }
  const ids = waves.map((wave) => wave.map((task) => task.id));
  const last = leaves.at(-1);
  if (!last || leaves.length < 2) return ids.filter((wave) => wave.length > 0);
  return [...ids.map((wave) => wave.filter((id) => id !== last.id)).filter((wave) => wave.length > 0), [last.id]];
}

/** Test, change, checkpoint: what a change of what is there needs. */
function smallTasks(data: RequirementsData, design: DesignData): TasksData {
  const scope = design.components[0]?.files ?? [];
  const tests = scope.slice(-1);
  const ids = data.requirements.flatMap((requirement, index) =>
    requirement.criteria.map((_, place) => criterionId(data, index, place)),
  );
  const secured = securityTests(data, ids);
  const task = (id: string, title: string, details: string[], depends: string[], where: string[]): TaskData => ({
    id,
    title,
    details,
    scope: where,
    requirements: id === '3' ? [] : ids,
    depends,
    children: [],
  });
  const tasks = [
    task(
      '1',
      'Write a test that fails without the change',
      [`Its title names the criterion as ${data.slug}/N.M`, ...secured],
      [],
      tests,
    ),
    task('2', data.title, [], ['1'], scope),
    task('3', 'Checkpoint - Ensure all tests pass', [], ['1', '2'], tests),
  ];
  const overview = 'A task may change only the files in its scope.';
  return { title: data.title, overview, tasks, notes: [], waves: [['1'], ['2'], ['3']] };
}

/** Requirements and design to tasks as data. Pure and total; every criterion has a task. */
export function writeTasks(data: RequirementsData, design: DesignData): TasksData {
  if (data.small) return smallTasks(data, design);
  const first = design.components.find((one) => one.requirements.includes(1)) ?? design.components[0];
  const source = first?.files[0]?.split('/')[0] ?? 'src';
  const testRoot = first?.files[1]?.split('/')[0] ?? 'test';
  const entities = design.entities.map((entity) => entity.name).join(', ');
  const tasks: TaskData[] = [
    {
      id: '1',
      title: entities ? `Set up the data model: ${entities}` : 'Set up the structure',
      details: [
        ...(entities ? ['Types, schemas and limits as in the data models of the design'] : []),
        'Test runner with one passing test',
      ],
      scope: [`${source}/data/**`, `${testRoot}/data/**`],
      requirements: data.requirements[0]?.criteria.length ? [criterionId(data, 0, 0)] : [],
      depends: [],
      children: [],
    },
  ];
  for (const component of design.components)
    tasks.push(componentTask({ component, number: tasks.length + 1 }, data, design, '1'));
  const leaves = tasks
    .flatMap((task) => (task.children.length > 0 ? task.children : [task]))
    .filter((task) => !task.optional);
  tasks.push({
    id: String(tasks.length + 1),
    title: 'Checkpoint - Ensure all tests pass',
    details: ['Every criterion has a passing test or a written answer'],
    scope: [`${testRoot}/**`],
    requirements: [],
    depends: leaves.map((task) => task.id).slice(-design.components.length * 3),
    children: [],
  });
  return {
    title: data.title,
    overview:
      'Tests come before the code they test. A task may change only the files in its scope. A task marked with * is optional.',
    tasks,
    notes: ['Tasks of one wave touch different files and may run together.'],
    waves: wavesOf(tasks),
  };
}
