/** A spec on its way between formats. */
export interface SpecDraft {
  title: string;
  introduction: string;
  requirements: DraftRequirement[];
  /** design.md as it is, where the source has one. */
  design?: string;
  tasks: DraftTask[];
}

export interface DraftRequirement {
  title: string;
  story: string;
  criteria: { text: string; origin?: string }[];
}

export interface DraftTask {
  title: string;
  done: boolean;
  /** Heading it stood under. */
  group: string;
  /** Numbers of requirements, from 1. */
  requirements: number[];
  scope: string[];
  parallel: boolean;
  origin?: string;
}

/** `c` of «Then c» as a duty: a sentence stays checkable, an imperative stays an imperative. */
export function duty(given: readonly string[], when: readonly string[], then: readonly string[]): string {
  const clean = (text: string) => text.trim().replace(/[.,;]+$/, '');
  const conditions = [
    ...(given.length > 0 ? [`WHILE ${given.map(clean).join(' and ')}`] : []),
    ...(when.length > 0 ? [`WHEN ${when.map(clean).join(' and ')}`] : []),
  ];
  const outcome = then.map(clean).join(' and ');
  const shall = /^(?:the\s+)?[\w\s-]{2,40}?\s+(?:shall|must)\s+(.+)$/is.exec(outcome);
  const duties = shall?.[1] ?? `ensure that ${outcome.replace(/^(?:I|they|he|she)\s+/i, 'the user ')}`;
  return `${conditions.length > 0 ? `${conditions.join(', ')}, ` : ''}THE System SHALL ${duties}`;
}

const orNothing = (text: string) => (text.trim() === '' ? '' : `${text.trim()}\n\n`);

/** requirements.md of a draft; where a criterion came from stands in a list at the end. */
export function draftRequirements(draft: SpecDraft): string {
  const origins: string[] = [];
  const parts = draft.requirements.map((requirement, r) => {
    const criteria = requirement.criteria.map(({ text, origin }, c) => {
      if (origin) origins.push(`- ${r + 1}.${c + 1}: ${origin}`);
      return `${c + 1}. ${text}`;
    });
    const story = requirement.story === '' ? '' : `**User Story:** ${requirement.story}\n\n`;
    return `### Requirement ${r + 1}: ${requirement.title}\n\n${story}#### Acceptance Criteria\n\n${criteria.join('\n')}\n`;
  });
  const origin = origins.length > 0 ? `\n## Origin\n\n${origins.join('\n')}\n` : '';
  return `# Requirements Document\n\n## Introduction\n\n${orNothing(draft.introduction || draft.title)}## Requirements\n\n${parts.join('\n')}${origin}`;
}

/** tasks.md of a draft, numbered through. */
export function draftTasks(draft: SpecDraft): string {
  let group = '';
  const lines = [`# Implementation Plan: ${draft.title}`, ''];
  draft.tasks.forEach((task, i) => {
    if (task.group !== group) lines.push(...(group === '' && i === 0 ? [] : ['']), `## ${task.group}`, '');
    group = task.group;
    lines.push(`- [${task.done ? 'x' : ' '}] ${i + 1}. ${task.title}${task.parallel ? ' (P)' : ''}`);
    if (task.requirements.length > 0) lines.push(`  - _Requirements: ${task.requirements.join(', ')}_`);
    if (task.scope.length > 0) lines.push(`  - _Scope: ${task.scope.join(', ')}_`);
    if (task.origin) lines.push(`  - _Origin: ${task.origin}_`);
  });
  return `${lines.join('\n')}\n`;
}
