import { AmbitError, isAmbitError, messageOf } from '@ambit/core/errors';
import type { Subject } from '@ambit/guard/integrity';
import {
  confinedTransport,
  connectServer,
  type DescriptionRule,
  descriptionProblems,
  httpTransport,
  type McpConnection,
  type McpServer,
  type SignInStore,
  toolsSubject,
} from '../mcp/index.ts';
import type { AnyTool } from '../tools/tool.ts';
import type { ConfinedCommands } from './commands.ts';
import { mcpTools } from './mcp-tools.ts';

/** MCP servers of accepted settings, and who says whether what they offer is accepted too. */
export interface McpSetup {
  servers: readonly McpServer[];
  rules: readonly DescriptionRule[];
  /** Whether exactly these tools are accepted: by the lock, or by a person who is asked now (C3, C10). */
  accepted: (tools: Subject) => Promise<boolean>;
  note: (text: string) => void;
  /** What signing in to a server over HTTP has left; absent: servers that want it cannot be used. */
  signIns?: (server: Extract<McpServer, { kind: 'http' }>) => SignInStore;
  /** Nobody is there to sign in later: a server that wants it ends the start. */
  unattended?: boolean;
}

export interface Serving {
  tools: AnyTool[];
  close: () => Promise<void>;
}

async function open(
  server: McpServer,
  setup: McpSetup,
  commands: ConfinedCommands | undefined,
): Promise<McpConnection | undefined> {
  if (server.kind === 'stdio' && !commands) {
    setup.note(`MCP server \`${server.name}\` is not started: there is no sandbox here`);
    return undefined;
  }
  const connection = await connectServer(server, async () => {
    if (server.kind === 'http') return httpTransport(server, setup.signIns?.(server));
    if (!commands) throw new AmbitError('environment', 'there is no sandbox here');
    return confinedTransport(server, commands.serve, await commands.temporary());
  });
  const problems = descriptionProblems(connection.tools, setup.rules);
  const [problem] = problems;
  const why = problem
    ? `the description of \`${problem.tool}\` is refused by ${problem.rule}: ${problem.reason}`
    : (await setup.accepted(toolsSubject(connection)))
      ? undefined
      : 'nobody accepted the tools it offers now; start `ambit` at a terminal to look at them';
  if (why === undefined) return connection;
  setup.note(`MCP server \`${server.name}\` is not used: ${why}`);
  await connection.close();
  return undefined;
}

/**
 * Two tools of one name: the model would call one and mean the other, so it gets neither (C3). `a` with `b_c` and `a_b` with
 * `c` are such a pair, as are `x.y` and `x_y` of one server.
 * SECURITY: held by evals/attacks («mcp:shadow»).
 */
function unambiguous(tools: readonly AnyTool[], note: (text: string) => void): AnyTool[] {
  const count = (name: string) => tools.filter((tool) => tool.name === name).length;
  const twice = new Set(tools.map(({ name }) => name).filter((name) => count(name) > 1));
  for (const name of twice) note(`MCP tool \`${name}\` is not used: it is offered more than once under this name`);
  return tools.filter(({ name }) => !twice.has(name));
}

/**
 * Starts the servers side by side. One that fails, hangs or offers what nobody accepted is noted and left out. Unattended,
 * one that wants a sign-in ends the start: a job without a tool it was given would not be the job that was asked for.
 */
export async function serveTools(setup: McpSetup, commands: ConfinedCommands | undefined): Promise<Serving> {
  let wanted: unknown;
  const opened = await Promise.all(
    setup.servers.map((server) =>
      open(server, setup, commands).catch((error: unknown) => {
        if (setup.unattended && isAmbitError(error) && error.code === 'needs-human') wanted ??= error;
        else setup.note(isAmbitError(error) && error.hint ? `${messageOf(error)} (${error.hint})` : messageOf(error));
        return undefined;
      }),
    ),
  );
  const connections = opened.filter((connection) => connection !== undefined);
  if (wanted !== undefined) {
    await Promise.all(connections.map((connection) => connection.close()));
    throw wanted;
  }
  return {
    tools: unambiguous(connections.flatMap(mcpTools), setup.note),
    close: async () => void (await Promise.all(connections.map((connection) => connection.close()))),
  };
}
