import { type Subject, type TrustReport, trustedSubjects } from '@ambit/guard/integrity';
import type { Hook, HookProblem } from './hook.ts';
import { parseHookFile } from './parse.ts';

/** A hook of the workspace or the user, and whether its content is accepted. */
export interface FoundHook {
  hook: Hook;
  trusted: boolean;
  /** Why it is inert. */
  reason?: string;
}

export interface FoundHooks {
  hooks: FoundHook[];
  problems: HookProblem[];
}

const holdsHooks = (subject: Subject) =>
  (subject.kind === 'hook' && subject.path.startsWith('.kiro/')) ||
  (subject.kind === 'agent' && subject.path.startsWith('.kiro/agents/'));

/**
 * All hooks here: of the workspace with their trust, and of the user's own folder (`~/.kiro/hooks`, which a run cannot
 * write). Only trusted ones may be fired.
 */
export function collectHooks(
  report: TrustReport,
  userFiles: readonly { path: string; text: string }[] = [],
): FoundHooks {
  const found: FoundHooks = { hooks: [], problems: [] };
  const trusted = trustedSubjects(report);
  for (const status of report.statuses) {
    if (!status.subject || !holdsHooks(status.subject)) continue;
    const { hooks, problems } = parseHookFile(status.subject.path, status.subject.text);
    const accepted = trusted.has(status.id);
    const reason = report.problem ?? `its file is ${status.state}; see: ambit trust diff`;
    found.hooks.push(...hooks.map((hook) => ({ hook, trusted: accepted, ...(accepted ? {} : { reason }) })));
    found.problems.push(...problems);
  }
  for (const { path, text } of userFiles) {
    const { hooks, problems } = parseHookFile(path, text, 'user');
    found.hooks.push(...hooks.map((hook) => ({ hook, trusted: true })));
    found.problems.push(...problems);
  }
  for (const { path, kind, reason } of report.refused)
    if (kind === 'hook')
      found.problems.push({
        file: path,
        message: `refused: ${reason}`,
        hint: 'hooks are regular files of the repository',
      });
  return found;
}
