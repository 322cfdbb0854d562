import { type TrustReport, trustedSubjects } from '@ambit/guard/integrity';
import { type AgentFile, parseAgent } from './parse.ts';

export interface FoundAgent {
  path: string;
  scope: 'workspace' | 'user';
  /** Absent where the file cannot be used. */
  agent?: AgentFile;
  /** Why it is inert. */
  reason?: string;
}

const isAgent = (path: string) => /\.(md|json)$/i.test(path);

/** Where the text of a prompt lies that is written as `file://…`, relative to the agent's own file. */
function promptPath({ path, prompt }: AgentFile): string | undefined {
  if (!prompt.startsWith('file://')) return undefined;
  return `${path.slice(0, path.lastIndexOf('/') + 1)}${prompt.slice('file://'.length).replace(/^\.\//, '')}`;
}

/** The text behind `file://…` of a prompt, only where that file was accepted too. */
function withPrompt(agent: AgentFile, texts: ReadonlyMap<string, string>): AgentFile | { missing: string } {
  const path = promptPath(agent);
  if (path === undefined) return agent;
  const text = texts.get(path);
  return text === undefined ? { missing: path } : { ...agent, prompt: text };
}

/**
 * Custom agents of the workspace (only accepted content is usable) and of the user's own folder, which a run cannot write.
 * Of two with one name the workspace's is taken, as in Kiro.
 */
export function collectAgents(
  report: TrustReport,
  userFiles: readonly { path: string; text: string }[] = [],
): FoundAgent[] {
  const trusted = trustedSubjects(report);
  const texts = new Map([...trusted.values()].map(({ path, text }) => [path, text]));
  for (const { path, text } of userFiles) texts.set(path, text);
  const prompts = new Set<string>();
  const read = (path: string, text: string, scope: FoundAgent['scope']): FoundAgent => {
    const parsed = parseAgent(path, text);
    if ('agent' in parsed) prompts.add(promptPath(parsed.agent) ?? '');
    if ('problem' in parsed) return { path, scope, reason: `${parsed.problem}; ${parsed.hint}` };
    const whole = withPrompt(parsed.agent, texts);
    if ('missing' in whole)
      return { path, scope, reason: `its prompt \`${whole.missing}\` is missing or not accepted` };
    return { path, scope, agent: whole };
  };
  const found: FoundAgent[] = [];
  for (const status of report.statuses) {
    const { subject } = status;
    if (subject?.kind !== 'agent' || !subject.path.startsWith('.kiro/agents/') || !isAgent(subject.path)) continue;
    if (trusted.has(status.id)) found.push(read(subject.path, subject.text, 'workspace'));
    else
      found.push({
        path: subject.path,
        scope: 'workspace',
        reason: report.problem ?? `its file is ${status.state}; see: ambit trust diff`,
      });
  }
  for (const { path, text } of userFiles) if (isAgent(path)) found.push(read(path, text, 'user'));
  // A text that another agent names as its prompt is no agent of its own.
  return found.filter(({ path, agent }) => agent !== undefined || !prompts.has(path));
}
