import { type McpConnection, type McpTool, toolName } from '../mcp/index.ts';
import type { AnyTool, ToolContext } from '../tools/tool.ts';

async function use(
  connection: McpConnection,
  tool: McpTool,
  args: Record<string, unknown>,
  context: ToolContext,
): Promise<{ text: string; failed: boolean }> {
  const name = toolName(connection.server.name, tool.name);
  const outcome = await context.perform<'mcp'>(
    {
      id: context.nextId(),
      run: context.run,
      labels: context.labels(),
      via: name,
      kind: 'mcp',
      server: connection.server.name,
      tool: tool.name,
      arguments: args,
    },
    async (grant) => {
      const { action } = grant.resolved;
      const result = await connection.call(action.tool, action.arguments, context.signal);
      for (const image of result.images) context.attach(image);
      // What a server says comes from outside, whoever runs the server.
      return { status: result.failed ? 'failed' : 'done', text: result.text, labels: ['web'] };
    },
  );
  return { text: outcome.text, failed: outcome.status !== 'done' };
}

/** A server's tools as the loop's tools; each call is an action at the door. */
export function mcpTools(connection: McpConnection): AnyTool[] {
  return connection.tools.map((tool) => ({
    name: toolName(connection.server.name, tool.name),
    description: (tool.description ?? '').slice(0, 1_000),
    schema: tool.inputSchema,
    readOnly: false,
    mcp: { server: connection.server.name, tool: tool.name },
    summary: (args) => `${tool.name} ${JSON.stringify(args).slice(0, 80)}`,
    use: (args, context) => use(connection, tool, args, context),
  }));
}
