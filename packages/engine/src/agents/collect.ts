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

/** The text behind `file://…` of a prompt, only where that file was accepted too. */
function withPrompt(agent: AgentFile, texts: ReadonlyMap<string, string>): AgentFile | { missing: string } {
  if (!agent.prompt.startsWith('file://')) return agent;
  const below = agent.path.slice(0, agent.path.lastIndexOf('/') + 1);
  const path = `${below}${agent.prompt.slice('file://'.length).replace(/^\.\//, '')}`;
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
  const read = (path: string, text: string, scope: FoundAgent['scope']): FoundAgent => {
    const parsed = parseAgent(path, text);
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
  return found;
}
