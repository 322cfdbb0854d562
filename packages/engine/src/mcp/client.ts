import { AmbitError, isAmbitError, messageOf } from '@ambit/core/errors';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { McpServer } from './server.ts';

export interface McpTool {
  name: string;
  description?: string | undefined;
  inputSchema: Record<string, unknown>;
}

export interface McpResult {
  text: string;
  failed: boolean;
  images: { data: string; mediaType: string }[];
}

/** A connected server. Every request is bounded by the server's own limits and by ours. */
export interface McpConnection {
  readonly server: McpServer;
  readonly tools: readonly McpTool[];
  call: (tool: string, args: Record<string, unknown>, signal: AbortSignal) => Promise<McpResult>;
  close: () => Promise<void>;
}

/** Tools taken from one server; more is a server that wants all attention. */
const mostTools = 200;

interface ContentItem {
  type: string;
  text?: string;
  data?: string;
  mimeType?: string;
  resource?: { text?: string; uri?: string };
}

function readResult(answer: object): McpResult {
  const result = answer as { content?: unknown; isError?: unknown; structuredContent?: unknown };
  const items = (Array.isArray(result.content) ? result.content : []) as ContentItem[];
  const texts = items.flatMap(
    (item) => item.text ?? item.resource?.text ?? (item.type === 'image' ? [] : [`(${item.type})`]),
  );
  const structured = texts.length === 0 && result.structuredContent ? [JSON.stringify(result.structuredContent)] : [];
  const images = items.flatMap((item) =>
    item.type === 'image' && item.data && item.mimeType ? [{ data: item.data, mediaType: item.mimeType }] : [],
  );
  return { text: [...texts, ...structured].join('\n'), failed: result.isError === true, images };
}

/** Connects, shakes hands and lists the tools. A server that hangs or fails is closed and reported. */
export async function connectServer(server: McpServer, open: () => Promise<Transport>): Promise<McpConnection> {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  const client = new Client({ name: 'ambit', version: '1' }, { capabilities: {} });
  const transport = await open();
  const close = async () => {
    await client.close().catch(() => undefined);
    await transport.close().catch(() => undefined);
  };
  try {
    await client.connect(transport, { timeout: server.handshakeMs });
    const listed: McpTool[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.listTools(cursor ? { cursor } : {}, { timeout: server.handshakeMs });
      listed.push(...page.tools);
      cursor = page.nextCursor;
    } while (cursor && listed.length < mostTools);
    const tools = listed.slice(0, mostTools).filter(({ name }) => !server.disabledTools.includes(name));
    return {
      server,
      tools,
      close,
      call: async (name, args, signal) => {
        const options = { timeout: server.requestMs, maxTotalTimeout: server.requestMs, signal };
        return readResult(await client.callTool({ name, arguments: args }, undefined, options));
      },
    };
  } catch (error) {
    await close();
    if (isAmbitError(error) && error.code === 'needs-human') throw error;
    throw new AmbitError('environment', `MCP server \`${server.name}\` did not start: ${messageOf(error)}`, {
      hint: 'its settings are in mcp.json; ambit trust shows which are accepted',
    });
  }
}
