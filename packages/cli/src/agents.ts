import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import type { AgentFile, FoundAgent } from '@ambit/engine/agents';
import type { LoadedPolicy } from '@ambit/guard/policy';
import type { Io } from './command.ts';
import { trustPlace } from './place.ts';

async function userAgents(env: NodeJS.ProcessEnv): Promise<{ path: string; text: string }[]> {
  const folder = join(env['HOME'] || homedir(), '.kiro', 'agents');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.sort().map(async (path) => ({ path, text: await readFile(path, 'utf8') })));
}

/** Custom agents here, usable or not. */
export async function findAgents(io: Io): Promise<FoundAgent[]> {
  const [{ collectAgents }, { trustStatus }] = await Promise.all([
    import('@ambit/engine/agents'),
    import('@ambit/guard/integrity'),
  ]);
  return collectAgents(await trustStatus(await trustPlace(io)), await userAgents(io.env));
}

/** The agent of this name; one that is there but inert says why. */
export async function agentNamed(name: string, io: Io): Promise<AgentFile> {
  const found = await findAgents(io);
  const agent = found.find((one) => one.agent?.name === name)?.agent;
  if (agent) return agent;
  const inert = found.find(({ path }) => path.endsWith(`/${name}.md`) || path.endsWith(`/${name}.json`));
  if (inert?.reason)
    throw new AmbitError('usage', `agent \`${name}\` is not used: ${inert.reason}`, { where: inert.path });
  const names = found.flatMap((one) => (one.agent ? [one.agent.name] : []));
  throw new AmbitError('usage', `there is no agent \`${name}\``, {
    hint: `agents here: ${names.join(', ') || 'none'}; all of them: ambit agents`,
  });
}

/**
 * SECURITY: the policy with the agent's own rules added, which can only narrow; a file whose rules cannot be read is not
 * used at all (agents.test.ts).
 */
export async function policyWith(policy: LoadedPolicy, agent: AgentFile): Promise<LoadedPolicy> {
  const { readAgentRules } = await import('@ambit/guard/policy');
  const { rules, broken } = await readAgentRules(agent.settings, agent.path);
  const [problem] = broken;
  if (problem)
    throw new AmbitError('input.broken', `its rules cannot be read: ${problem.problem}`, { where: agent.path });
  return { ...policy, rules: [...policy.rules, ...rules] };
}
