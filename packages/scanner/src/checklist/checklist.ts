import type { Rule } from '@ambit/core/catalog';
import { atLeast, type Finding, type ScanResult } from '../finding.ts';

/** One answer to «may this be deployed?». `proof` says what was looked at, or why nothing was. */
export interface Answer {
  id: string;
  question: string;
  verdict: 'yes' | 'no' | 'not checked';
  proof: string;
  findings: Finding[];
}

/** What only other parts of Ambit know; absent parts are «not checked». */
export interface Outside {
  /** Approved specs whose security criteria all have evidence, of how many. */
  specs?: { checked: number; withoutEvidence: string[] };
  /** Whether everything that instructs or executes is pinned. */
  trust?: { pinned: boolean; detail: string };
  /** Commits of the history that were searched for secrets, and what was found there. */
  history?: { commits: number; findings: Finding[] };
  /** Whether the last change set was reviewed. */
  review?: { reviewed: boolean; detail: string };
}

interface Question {
  id: string;
  question: string;
  /** Rules that answer it. */
  rules: (rule: Rule) => boolean;
  /** Gaps that leave it open. */
  gaps?: RegExp;
  /** What must exist in the project for the question to make sense. */
  subject?: (paths: readonly string[]) => boolean;
  subjectName?: string;
}

/** `1 finding`, `2 findings`. */
const counted = (count: number, thing: string) => `${count} ${thing}${count === 1 ? '' : 's'}`;

const has = (pattern: RegExp) => (paths: readonly string[]) => paths.some((path) => pattern.test(path));

const questions: readonly Question[] = [
  { id: 'secrets', question: 'No credentials stand in the files', rules: (rule) => rule.engine === 'pattern' },
  {
    id: 'hooks',
    question: 'Hooks and agents do nothing dangerous unasked',
    rules: (rule) => rule.engine === 'agent-config',
    subject: has(
      /(?:^|\/)\.(?:kiro|claude|cursor|codex|gemini|windsurf|amazonq|vscode)\/|(?:^|\/)(?:AGENTS|CLAUDE)\.md$|mcp\.json$/,
    ),
    subjectName: 'configuration of agents',
  },
  {
    id: 'routes',
    question: 'Entry points are guarded',
    rules: (rule) => rule.engine === 'routes',
    subject: has(/\.(?:[cm]?[jt]sx?|py)$/),
    subjectName: 'code',
  },
  {
    id: 'access',
    question: 'Access rules of databases and stores are closed',
    rules: (rule) => rule.engine === 'access',
    subject: has(/\.(?:sql|rules)$|firebase\.json$|database\.rules\.json$/),
    subjectName: 'migrations or rules',
  },
  {
    id: 'code',
    question: 'Input of strangers reaches nothing dangerous',
    rules: (rule) => rule.engine === 'flow' || rule.engine === 'syntax',
    subject: has(/\.(?:[cm]?[jt]sx?|py|vue|svelte)$/),
    subjectName: 'code',
  },
  {
    id: 'dependencies',
    question: 'Dependencies are clean',
    rules: (rule) => rule.engine === 'deps',
    gaps: /^known vulnerabilities:/,
    subject: has(
      /(?:package\.json|requirements[\w.-]*\.txt|pyproject\.toml|Pipfile|(?:package-lock|npm-shrinkwrap)\.json|pnpm-lock\.yaml|(?:yarn|bun|poetry|uv|pdm|Pipfile)\.lock)$/,
    ),
    subjectName: 'package manifests',
  },
  {
    id: 'configuration',
    question: 'Headers, servers and clouds are set up safely',
    rules: (rule) => rule.engine === 'config',
  },
];

function answer(question: Question, result: ScanResult, rules: readonly Rule[], paths: readonly string[]): Answer {
  const own = new Set(rules.filter(question.rules).map((rule) => rule.id));
  const base = { id: question.id, question: question.question };
  if (own.size === 0) return { ...base, verdict: 'not checked', proof: 'no rule of this kind is loaded', findings: [] };
  if (question.subject && !question.subject(paths))
    return {
      ...base,
      verdict: 'not checked',
      proof: `the project has no ${question.subjectName ?? 'such files'}`,
      findings: [],
    };
  const open = question.gaps ? result.gaps.filter(({ reason }) => question.gaps?.test(reason)) : [];
  const findings = result.findings.filter(({ ruleId, severity }) => own.has(ruleId) && atLeast(severity, 'medium'));
  const proof = `${counted(own.size, 'rule')} over ${counted(result.stats.files, 'file')}: ${counted(findings.length, 'finding')} of medium severity or worse`;
  const [gap] = open;
  if (gap && findings.length === 0)
    return { ...base, verdict: 'not checked', proof: `${gap.file}: ${gap.reason}`, findings };
  return { ...base, verdict: findings.length === 0 ? 'yes' : 'no', proof, findings };
}

function outsideAnswers(outside: Outside): Answer[] {
  const { specs, trust, history, review } = outside;
  const missing = (id: string, question: string, proof: string): Answer => ({
    id,
    question,
    verdict: 'not checked',
    proof,
    findings: [],
  });
  const known = (id: string, question: string, good: boolean, proof: string, findings: Finding[] = []): Answer => ({
    id,
    question,
    verdict: good ? 'yes' : 'no',
    proof,
    findings,
  });
  return [
    specs
      ? known(
          'specs',
          'Specs carry security criteria with evidence',
          specs.withoutEvidence.length === 0,
          `${specs.checked} ${specs.checked === 1 ? 'criterion' : 'criteria'}; without evidence: ${specs.withoutEvidence.join(', ') || 'none'}`,
        )
      : missing('specs', 'Specs carry security criteria with evidence', 'no approved spec was found'),
    trust
      ? known('trust', 'Steering, hooks and servers are reviewed and pinned', trust.pinned, trust.detail)
      : missing(
          'trust',
          'Steering, hooks and servers are reviewed and pinned',
          'there is no ambit.lock; see: ambit trust',
        ),
    history
      ? known(
          'history',
          'No credentials stand in the history',
          history.findings.length === 0,
          `${counted(history.commits, 'commit')} searched, ${counted(history.findings.length, 'secret')} found`,
          history.findings,
        )
      : missing('history', 'No credentials stand in the history', 'this is no git repository'),
    review
      ? known('review', 'The last change was reviewed', review.reviewed, review.detail)
      : missing('review', 'The last change was reviewed', 'no change set is known here; see: ambit review'),
  ];
}

/** Answers point by point, each with its proof. */
export function checklist(
  result: ScanResult,
  rules: readonly Rule[],
  paths: readonly string[],
  outside: Outside,
): Answer[] {
  return [...questions.map((question) => answer(question, result, rules, paths)), ...outsideAnswers(outside)];
}
