import { configFile, type SpecFile } from './author.ts';
import type { TaskData } from './document.ts';
import { renderTasks } from './render.ts';
import { capitalise, checksum, clean, inline, phrase, slugOf } from './text.ts';
import { verbOf } from './verbs.ts';

/** A report of a bug, taken apart: under which condition what happens, and what should happen instead. */
export interface BugReport {
  condition: string;
  defect: string;
  expected: string;
  title: string;
}

const whenFirst = /^(?:when|if|whenever|after|while)\s+(.+?),\s*(?:then\s+)?(.+)$/iu;
const whenLast = /^(.+?)\s+(?:when|if|whenever|after|while)\s+(.+)$/iu;
/** `Uploading a large file crashes the server`: what is done is the condition. */
const gerund =
  /^([A-Z]?[a-z]+ing\s.+?)\s+((?:crashes|fails|hangs|returns|shows|gives|throws|causes|breaks|freezes|loses|deletes|ignores|takes|leads|results|does not|doesn't|never)\b.*)$/u;
const insteadOf = /^(.+?)\s+(?:instead of|rather than)\s+(.+)$/iu;
const but = /^(.+?),?\s+(?:but|and)\s+(?:it\s+)?(?:should|must|is expected to|ought to)\s+(.+)$/iu;

function trimmed(text: string): string {
  return text.replace(/^[\s,.;:-]+|[\s,.;:!?-]+$/gu, '');
}

/** `shows an error` stays; `crash` gets its subject's form: what follows «the system». */
function verbForm(text: string): string {
  return trimmed(text).replace(/^(?:the (?:app|application|system|site|page|server)|it)\s+/iu, '');
}

/** Takes a bug report apart by its own words; what it leaves open is described by its quote. */
export function readBugReport(prompt: string): BugReport {
  const text = inline(
    clean(prompt)
      .split(/(?<=[.!?])\s|\n/u)
      .find((line) => /\p{L}/u.test(line)) ?? '',
    300,
  );
  const bare = trimmed(
    text.replace(
      /^(?:please\s+)?(?:fix|bug|issue|error|problem)\s*[:,-]?\s*(?:that|where|the bug (?:that|where))?\s*/iu,
      '',
    ),
  );
  const title = capitalise(inline(bare || text, 60)) || 'Reported fault';
  const when = whenFirst.exec(bare) ?? gerund.exec(bare);
  const last = when ? undefined : whenLast.exec(bare);
  let condition = when?.[1] ?? last?.[2] ?? '';
  let defect = when?.[2] ?? last?.[1] ?? bare;
  let expected = '';
  for (const pattern of [insteadOf, but]) {
    const split = pattern.exec(defect) ?? pattern.exec(condition);
    if (!split) continue;
    if (pattern.exec(defect)) defect = split[1] ?? defect;
    else condition = split[1] ?? condition;
    expected = split[2] ?? '';
    break;
  }
  return {
    condition:
      phrase(
        trimmed(condition).replace(/^[A-Z](?=[a-z]+ing\b)/u, (letter) => letter.toLowerCase()),
        200,
      ) || 'the reported steps are followed',
    defect: phrase(verbForm(defect), 200) || 'does not do what was reported',
    expected: phrase(verbForm(expected), 200).replace(/^[a-z]+ing\b/u, (word) => verbOf(word)?.base ?? word),
    title,
  };
}

function analysis(report: BugReport, prompt: string): string {
  const expected = report.expected ? `${report.expected}` : 'do what its requirements say';
  return [
    '# Bugfix Requirements Document',
    '',
    '## Introduction',
    '',
    `${report.title}. Reported as: “${inline(prompt, 600)}”`,
    '',
    '## Bug Analysis',
    '',
    '### Current Behavior (Defect)',
    '',
    `1.1 WHEN ${report.condition} THEN the system is reported to fail: ${report.defect}`,
    '',
    '### Expected Behavior (Correct)',
    '',
    `2.1 WHEN ${report.condition} THEN the system SHALL ${expected}${report.expected ? '' : ` without this fault: ${report.defect}`}`,
    '',
    '### Unchanged Behavior (Regression Prevention)',
    '',
    `3.1 WHEN the condition «${report.condition}» does not hold THEN the system SHALL CONTINUE TO give the results it gave before the fix`,
    '3.2 WHEN the existing tests run THEN the system SHALL CONTINUE TO pass each test that passed before the fix',
    '',
  ].join('\n');
}

function design(report: BugReport, files: readonly string[]): string {
  const places =
    files.length > 0
      ? ['Files whose names share words with the report:', '', ...files.map((file) => `- \`${file}\``)]
      : ['No file of the project shares a word with the report; the exploration test of task 1 shows the place.'];
  return [
    `# Bugfix Design: ${report.title}`,
    '',
    '## Overview',
    '',
    'The fault is first shown by a test that fails, then what must not change is held by tests that pass, then the fault is removed.',
    '',
    '## Bug Details',
    '',
    '```pascal',
    'FUNCTION isBugCondition(X)',
    `  RETURN X is an input for which: ${report.condition}`,
    'END FUNCTION',
    '```',
    '',
    '## Hypothesized Root Cause',
    '',
    ...places,
    '',
    '## Correctness Properties',
    '',
    '### Property 1: Bug Condition',
    '',
    '*For any* input where isBugCondition holds, the fixed code SHALL show the expected behavior.',
    '',
    '**Validates: Requirements 2.1**',
    '',
    '### Property 2: Preservation',
    '',
    '*For any* input where isBugCondition does not hold, the fixed code SHALL give the result of the unfixed code.',
    '',
    '**Validates: Requirements 3.1, 3.2**',
    '',
    '## Fix Implementation',
    '',
    'The smallest change that makes the exploration test pass and keeps the preservation tests passing.',
    '',
    '## Testing Strategy',
    '',
    '- The exploration test fails on the unfixed code and passes on the fixed code.',
    '- The preservation tests pass on both.',
    '',
  ].join('\n');
}

function task(
  id: string,
  title: string,
  details: string[],
  requirements: string[],
  depends: string[],
  scope: string[],
): TaskData {
  return { id, title, details, requirements, depends, scope, children: [] };
}

function plan(report: BugReport, files: readonly string[], testRoot: string): string {
  const test = [`${testRoot}/**`];
  const code = files.length > 0 ? [...files] : ['src/**'];
  const fix = task('3', 'Fix the fault', [], [], [], []);
  fix.children = [
    task('3.1', 'Implement the fix', [`No longer: ${report.defect}`], ['2.1'], ['1', '2'], code),
    task('3.2', 'Verify that the exploration test of task 1 now passes', [], ['2.1'], ['3.1'], test),
    task('3.3', 'Verify that the preservation tests of task 2 still pass', [], ['3.1', '3.2'], ['3.1'], test),
  ];
  return renderTasks({
    title: report.title,
    overview: 'The order is fixed: exploration test, preservation tests, fix, verification.',
    tasks: [
      task(
        '1',
        'Write the exploration test',
        ['It must fail on the unfixed code', `Condition: ${report.condition}`],
        ['1.1', '2.1'],
        [],
        test,
      ),
      task('2', 'Write the preservation tests', ['They must pass on the unfixed code'], ['3.1', '3.2'], [], test),
      fix,
      task('4', 'Checkpoint - Ensure all tests pass', [], ['2.1', '3.1', '3.2'], ['3.2', '3.3'], test),
    ],
    notes: ['The runner checks that test 1 fails and test 2 passes before the fix.'],
    waves: [['1'], ['2'], ['3.1'], ['3.2'], ['3.3'], ['4']],
  });
}

export interface BugfixOptions {
  specId: string;
  slug?: string;
  /** Files of the project that the report may be about. */
  files?: readonly string[];
  test?: string;
}

/** The built-in author for a bug: analysis, design and tasks in Kiro's fixed order. Pure and total. */
export function draftBugfix(
  prompt: string,
  options: BugfixOptions,
): { slug: string; title: string; files: SpecFile[] } {
  const report = readBugReport(prompt);
  const files = options.files ?? [];
  return {
    slug: options.slug ?? `fix-${slugOf(report.title) ?? checksum(prompt)}`,
    title: report.title,
    files: [
      { name: 'bugfix.md', content: analysis(report, prompt) },
      { name: 'design.md', content: design(report, files) },
      { name: 'tasks.md', content: plan(report, files, options.test ?? 'test') },
      configFile(options.specId, 'requirements-first', 'bugfix'),
    ],
  };
}
