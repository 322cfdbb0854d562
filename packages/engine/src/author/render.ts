import { decisionFence, printDecision } from '@ambit/core/capability';
import type {
  Component,
  DesignData,
  Entity,
  Property,
  RequirementsData,
  SecurityDecision,
  TaskData,
  TasksData,
} from './document.ts';
import { article, capitalise } from './text.ts';

function decisionLine(decision: SecurityDecision): string {
  return printDecision(decision, [...decision.cwe, ...decision.asvs]);
}

/** `requirements.md` in Kiro's format; sections after `## Requirements` are ours and ignored by Kiro. */
export function renderRequirements(data: RequirementsData): string {
  const lines = ['# Requirements Document', '', '## Introduction', '', data.summary, ''];
  if (data.prompt) lines.push(`Asked for: “${data.prompt}”`, '');
  for (const question of data.questions) lines.push(`[NEEDS CLARIFICATION: ${question.topic}: ${question.text}]`, '');
  lines.push(
    '## Glossary',
    '',
    ...data.glossary.map((entry) => `- **${capitalise(entry.term)}**: ${entry.meaning}`),
    '',
  );
  lines.push('## Requirements', '');
  for (const [index, requirement] of data.requirements.entries()) {
    lines.push(`### Requirement ${index + 1}: ${requirement.title}`, '');
    lines.push(
      `**User Story:** As ${article(requirement.role)}, I want ${wantOf(requirement.want)}, so that ${requirement.benefit}.`,
      '',
    );
    lines.push('#### Acceptance Criteria', '');
    lines.push(...requirement.criteria.map((criterion, place) => `${place + 1}. ${criterion.text}`), '');
  }
  if (data.security.length > 0)
    lines.push(
      '## Security Criteria',
      '',
      'Each criterion that the catalogue raised, with the words that raised it. Where one does not apply, delete it above and write `not applicable because` with the reason in its line; it is raised again when the quoted words change.',
      '',
      `\`\`\`${decisionFence}`,
      ...data.security.map(decisionLine),
      '```',
      '',
    );
  return lines.join('\n');
}

function wantOf(want: string): string {
  return want.startsWith('the System ') ? want : `to ${want.replaceAll(/\btheir\b/g, 'my')}`;
}

/** A section with its lines; nothing when it has none. */
function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [heading, '', ...lines, ''];
}

function componentLines(component: Component): string[] {
  return [
    `### ${component.name}`,
    '',
    `${component.duty}.`,
    '',
    `- Files: ${component.files.map((file) => `\`${file}\``).join(', ')}`,
    `- Requirements: ${component.requirements.join(', ')}`,
    '',
  ];
}

function entityLines(entity: Entity): string[] {
  const rows = entity.fields.map((field) => `| ${field.name} | ${field.type} | ${field.note} |`);
  return [`### ${entity.name}`, '', '| Field | Type | Rule |', '| --- | --- | --- |', ...rows, ''];
}

function propertyLines(property: Property, index: number): string[] {
  const validates = `**Validates: Requirements ${property.validates.join(', ')}**`;
  return [`### Property ${index + 1}: ${property.title}`, '', property.text, '', validates, ''];
}

const boundaryHead = ['| From | To | Crosses | Guard |', '| --- | --- | --- | --- |'];
const aboutProperties =
  '*A property is a statement that holds for every valid input; each is tested with generated inputs.*';

/** `design.md` in Kiro's format; sections with nothing to say are left out. */
export function renderDesign(data: DesignData): string {
  const boundaries = data.boundaries.map((one) => `| ${one.from} | ${one.to} | ${one.crosses} | ${one.guard} |`);
  const lines = [
    `# Design Document: ${data.title}`,
    '',
    ...section('## Overview', data.prompt ? [data.overview, '', `Asked for: “${data.prompt}”`] : [data.overview]),
    ...section('## Architecture', data.diagram ? ['```mermaid', data.diagram, '```'] : []),
    ...section('### Trust boundaries', boundaries.length > 0 ? [...boundaryHead, ...boundaries] : []),
    ...section('## Components and Interfaces', data.components.flatMap(componentLines)),
    ...section('## Data Models', data.entities.flatMap(entityLines)),
    ...section(
      '## Correctness Properties',
      data.properties.length > 0 ? [aboutProperties, '', ...data.properties.flatMap(propertyLines)] : [],
    ),
    ...section(
      '## Error Handling',
      data.errors.map((one) => `- ${one}`),
    ),
    ...section(
      '## Testing Strategy',
      data.testing.map((one) => `- ${one}`),
    ),
  ];
  return lines.join('\n').replaceAll(/\n{3,}/g, '\n\n');
}

function taskLines(task: TaskData, indent: string): string[] {
  const dot = task.id.includes('.') ? '' : '.';
  const lines = [`${indent}- [ ]${task.optional ? '*' : ''} ${task.id}${dot} ${task.title}`];
  lines.push(...task.details.map((detail) => `${indent}  - ${detail}`));
  if (task.children.length === 0) {
    if (task.scope.length > 0) lines.push(`${indent}  - _Scope: ${task.scope.join(', ')}_`);
    if (task.depends.length > 0) lines.push(`${indent}  - _Depends: ${task.depends.join(', ')}_`);
    if (task.requirements.length > 0) lines.push(`${indent}  - _Requirements: ${task.requirements.join(', ')}_`);
  }
  return [...lines, ...task.children.flatMap((child) => taskLines(child, `${indent}  `))];
}

export function renderTasks(data: TasksData): string {
  const waves = { waves: data.waves.map((tasks, id) => ({ id, tasks })) };
  return [
    `# Implementation Plan: ${data.title}`,
    '',
    '## Overview',
    '',
    data.overview,
    '',
    '## Tasks',
    '',
    ...data.tasks.flatMap((task) => taskLines(task, '')),
    '',
    ...section(
      '## Notes',
      data.notes.map((note) => `- ${note}`),
    ),
    '## Task Dependency Graph',
    '',
    '```json',
    JSON.stringify(waves),
    '```',
    '',
  ].join('\n');
}
