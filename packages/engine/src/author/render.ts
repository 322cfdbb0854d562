import { decisionFence, printDecision } from '@ambit/core/capability';
import type { DesignData, RequirementsData, SecurityDecision, TaskData, TasksData } from './document.ts';
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

export function renderDesign(data: DesignData): string {
  const lines = [`# Design Document: ${data.title}`, '', '## Overview', '', data.overview, '', '## Architecture', ''];
  lines.push('```mermaid', data.diagram, '```', '', '### Trust boundaries', '');
  lines.push('| From | To | Crosses | Guard |', '| --- | --- | --- | --- |');
  lines.push(...data.boundaries.map((one) => `| ${one.from} | ${one.to} | ${one.crosses} | ${one.guard} |`), '');
  lines.push('## Components and Interfaces', '');
  for (const component of data.components) {
    lines.push(`### ${component.name}`, '', `${component.duty}.`, '');
    lines.push(`- Files: ${component.files.map((file) => `\`${file}\``).join(', ')}`);
    lines.push(`- Requirements: ${component.requirements.join(', ')}`, '');
  }
  lines.push('## Data Models', '');
  if (data.entities.length === 0) lines.push('Nothing is kept between requests.', '');
  for (const entity of data.entities) {
    lines.push(`### ${entity.name}`, '', '| Field | Type | Rule |', '| --- | --- | --- |');
    lines.push(...entity.fields.map((field) => `| ${field.name} | ${field.type} | ${field.note} |`), '');
  }
  lines.push('## Correctness Properties', '');
  if (data.properties.length > 0)
    lines.push(
      '*A property is a statement that holds for every valid input; each is tested with generated inputs.*',
      '',
    );
  for (const [index, property] of data.properties.entries())
    lines.push(
      `### Property ${index + 1}: ${property.title}`,
      '',
      property.text,
      '',
      `**Validates: Requirements ${property.validates.join(', ')}**`,
      '',
    );
  lines.push('## Error Handling', '', ...data.errors.map((one) => `- ${one}`), '');
  lines.push('## Testing Strategy', '', ...data.testing.map((one) => `- ${one}`), '');
  return lines.join('\n');
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
    '## Notes',
    '',
    ...data.notes.map((note) => `- ${note}`),
    '',
    '## Task Dependency Graph',
    '',
    '```json',
    JSON.stringify(waves),
    '```',
    '',
  ].join('\n');
}
