import { findAgents } from '../agents.ts';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { plainText } from '../run/report.ts';

const help = `ambit agents: custom agents, what each may use, and what of its file does not count

Agents of .kiro/agents (Markdown, and JSON of both generations) once accepted (ambit trust), and your own in
~/.kiro/agents. One is used with --agent; it narrows what a session may do, and never widens it: its own allow rules,
allowed tools, model and MCP servers do not count.

Usage:
  ambit agents [list] [--json]

Examples:
  ambit agents
  ambit --agent reviewer
  ambit --agent reviewer -p "look at src/login.ts"
`;

async function run(args: string[], io: Io): Promise<number> {
  const { values } = options('agents', args, { json: { type: 'boolean', default: false } });
  const found = await findAgents(io);
  const rows = found.map(({ path, scope, agent, reason }) => ({
    path,
    scope,
    ...(agent ? { name: agent.name, description: agent.description, tools: agent.tools, ignored: agent.ignored } : {}),
    ...(reason ? { reason } : {}),
  }));
  if (values.json) {
    io.out(`${JSON.stringify({ version: 1, agents: rows })}\n`);
    return exitCode.done;
  }
  if (found.length === 0) io.out('no custom agents here; see: ambit agents --help\n');
  for (const { path, agent, reason } of found) {
    if (!agent) {
      io.out(`inert  ${plainText(path)}: ${plainText(reason ?? '')}\n`);
      continue;
    }
    const tools = agent.tools.length > 0 ? agent.tools.join(', ') : 'none: the file lists no tools';
    io.out(`${plainText(agent.name)}  ${plainText(agent.description)}\n  tools: ${plainText(tools)}\n`);
    for (const one of agent.ignored) io.out(`  does not count: ${plainText(one)}\n`);
  }
  return exitCode.done;
}

export const command: Command = { name: 'agents', summary: 'custom agents and what each may use', help, run };
