import { referenceIndex, resolveReference } from '../references.ts';
import { requirementsOf } from '../spec.ts';
import type { Criterion, Requirement, Spec, Task } from '../types.ts';

/** Text of a file by its path in the target's layout. */
export type Exported = Map<string, string>;

interface Parts {
  given: string[];
  when: string[];
  then: string;
}

/** A criterion as Given, When, Then; one that is no EARS sentence is its own Then. */
function partsOf(criterion: Criterion): Parts {
  const { clauses, actor, modal, response } = criterion.ears;
  if (!modal || !response) return { given: [], when: [], then: criterion.text };
  const own = (kinds: readonly string[]) =>
    clauses.filter((clause) => kinds.includes(clause.kind)).map((clause) => clause.text);
  const verb = `shall ${modal.negated ? 'not ' : ''}${modal.continues ? 'continue to ' : ''}`;
  return {
    given: own(['where', 'while', 'for-all']),
    when: own(['when', 'if']),
    then: `${(actor?.text ?? 'the system').replace(/^THE\s/, 'the ')} ${verb}${response.text.replace(/\.$/, '')}`,
  };
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

function gherkinSteps(criterion: Criterion): string[] {
  const { given, when, then } = partsOf(criterion);
  const step = (word: string, texts: readonly string[]) =>
    texts.map((text, i) => `    ${i === 0 ? word : 'And'} ${oneLine(text)}`);
  return [...step('Given', given), ...step('When', when), `    Then ${oneLine(then)}`];
}

/** One feature file a requirement. */
export function exportGherkin(spec: Spec): Exported {
  const files: Exported = new Map();
  for (const requirement of requirementsOf(spec)) {
    const scenarios = requirement.criteria.map(
      (criterion) =>
        `  @${spec.name.replaceAll('/', '-')}-${criterion.id}\n  Scenario: ${criterion.id} ${oneLine(criterion.text).slice(0, 90)}\n${gherkinSteps(criterion).join('\n')}\n`,
    );
    const story = requirement.story ? `  ${oneLine(requirement.story.text)}\n` : '';
    files.set(
      `${requirement.id.replaceAll(/[^\w.-]/g, '-')}.feature`,
      `Feature: ${oneLine(requirement.title) || `Requirement ${requirement.id}`}\n${story}\n${scenarios.join('\n')}`,
    );
  }
  return files;
}

const taskLine = (task: Task) =>
  `- [${task.box?.state === 'done' ? 'x' : ' '}] ${task.number ?? task.id}${task.depth === 0 ? '.' : ''} ${task.title}`;

function tasksFor(spec: Spec, requirement: Requirement): Task[] {
  const index = referenceIndex(requirementsOf(spec));
  return (spec.tasks?.tasks ?? []).filter((task) =>
    task.requirements.some((ref) => resolveReference(ref, index).requirements.includes(requirement.id)),
  );
}

/** One issue a requirement: story, criteria and tasks as check lists. */
export function exportIssues(spec: Spec): Exported {
  const files: Exported = new Map();
  for (const requirement of requirementsOf(spec)) {
    const criteria = requirement.criteria.map((criterion) => `- [ ] **${criterion.id}** ${criterion.text}`);
    const tasks = tasksFor(spec, requirement).map(taskLine);
    const body = [
      `# ${requirement.id}. ${requirement.title}`,
      ...(requirement.story ? [requirement.story.text] : []),
      `## Acceptance criteria\n\n${criteria.join('\n')}`,
      ...(tasks.length > 0 ? [`## Tasks\n\n${tasks.join('\n')}`] : []),
      `Spec: \`.kiro/specs/${spec.name}\``,
    ];
    files.set(`${requirement.id.replaceAll(/[^\w.-]/g, '-')}.md`, `${body.join('\n\n')}\n`);
  }
  return files;
}

function openScenario(criterion: Criterion): string {
  const { given, when, then } = partsOf(criterion);
  const steps = [
    ...given.map((text) => `- **GIVEN** ${text}`),
    ...when.map((text) => `- **WHEN** ${text}`),
    `- **THEN** ${then}`,
  ];
  return `#### Scenario: ${criterion.id}\n\n${steps.map(oneLine).join('\n')}\n`;
}

/** An OpenSpec capability, and its tasks as a change would hold them. */
export function exportOpenSpec(spec: Spec): Exported {
  const purpose = spec.requirements?.introduction?.text ?? `What ${spec.name} does.`;
  const requirements = requirementsOf(spec).map((requirement) => {
    const lead = requirement.criteria[0]?.text ?? `The system SHALL fulfil requirement ${requirement.id}.`;
    return `### Requirement: ${requirement.title || requirement.id}\n\n${lead}\n\n${requirement.criteria.map(openScenario).join('\n')}`;
  });
  const files: Exported = new Map([
    [
      `specs/${spec.name}/spec.md`,
      `# ${spec.name} Specification\n\n## Purpose\n\n${purpose}\n\n## Requirements\n\n${requirements.join('\n')}`,
    ],
  ]);
  if (spec.design) files.set('design.md', spec.design.source);
  if (spec.tasks) files.set('tasks.md', spec.tasks.source);
  return files;
}

function kitStory(requirement: Requirement, i: number): string {
  const scenarios = requirement.criteria.map((criterion, c) => {
    const { given, when, then } = partsOf(criterion);
    const steps = [
      ...given.map((text) => `**Given** ${text}`),
      ...when.map((text) => `**When** ${text}`),
      `**Then** ${then}`,
    ];
    return `${c + 1}. ${steps.map(oneLine).join(', ')}`;
  });
  return `### User Story ${i + 1} - ${requirement.title || requirement.id} (Priority: P${Math.min(i + 1, 3)})\n\n${requirement.story?.text ?? requirement.title}\n\n**Acceptance Scenarios**:\n\n${scenarios.join('\n')}\n`;
}

/** spec-kit's layout: spec.md, plan.md, tasks.md. */
export function exportSpecKit(spec: Spec): Exported {
  const requirements = requirementsOf(spec);
  const functional = requirements
    .flatMap((requirement) => requirement.criteria)
    .map(
      (criterion, i) => `- **FR-${String(i + 1).padStart(3, '0')}**: ${criterion.text.replace(/\bSHALL\b/, 'MUST')}`,
    );
  const index = referenceIndex(requirements);
  const order = requirements.map((requirement) => requirement.id);
  const tasks = (spec.tasks?.tasks ?? [])
    .filter((task) => task.children.length === 0)
    .map((task, i) => {
      const first = task.requirements.flatMap((ref) => resolveReference(ref, index).requirements)[0];
      const story = first === undefined ? '' : `[US${order.indexOf(first) + 1}] `;
      return `- [${task.box?.state === 'done' ? 'x' : ' '}] T${String(i + 1).padStart(3, '0')} ${task.parallel ? '[P] ' : ''}${story}${task.title}`;
    });
  const files: Exported = new Map([
    [
      'spec.md',
      `# Feature Specification: ${spec.name}\n\n## User Scenarios & Testing\n\n${requirements.map(kitStory).join('\n')}\n## Requirements\n\n### Functional Requirements\n\n${functional.join('\n')}\n`,
    ],
  ]);
  if (spec.design) files.set('plan.md', spec.design.source);
  if (tasks.length > 0) files.set('tasks.md', `# Tasks: ${spec.name}\n\n${tasks.join('\n')}\n`);
  return files;
}
