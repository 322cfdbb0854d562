import { randomBytes } from 'node:crypto';
import type { SandboxProcess, SandboxRequest } from '@ambit/guard/sandbox';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { openInputPipe } from './pipe.ts';
import type { McpServer } from './server.ts';

/** Starts a line in the sandbox, with these variables beside the usual ones; the session implements it. */
export type StartConfined = (
  line: string,
  env: Readonly<Record<string, string>>,
  onOutput: NonNullable<SandboxRequest['onOutput']>,
) => Promise<SandboxProcess>;

/** Longest single message; a server that never ends its line must not fill the memory. */
const messageBytes = 8 * 1024 * 1024;

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** MCP over the standard streams of a confined process. */
export async function confinedTransport(
  server: Extract<McpServer, { kind: 'stdio' }>,
  start: StartConfined,
  temporary: string,
): Promise<Transport> {
  const pipe = await openInputPipe(temporary, `mcp-${randomBytes(6).toString('hex')}`);
  const line = `exec ${[server.command, ...server.args].map(quote).join(' ')} < ${quote(pipe.inside)}`;
  const decoder = new TextDecoder();
  let child: SandboxProcess | undefined;
  let held = '';
  const read = (text: string) => {
    held += text;
    for (let end = held.indexOf('\n'); end >= 0; end = held.indexOf('\n')) {
      const message = held.slice(0, end).trim();
      held = held.slice(end + 1);
      if (message !== '') receive(message);
    }
    if (held.length > messageBytes) void transport.close();
  };
  const receive = (text: string) => {
    try {
      transport.onmessage?.(JSONRPCMessageSchema.parse(JSON.parse(text)));
    } catch (error) {
      transport.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const transport: Transport = {
    start: async () => {
      child = await start(line, server.env, ({ stream, data }) => {
        if (stream === 'stdout') read(decoder.decode(data, { stream: true }));
      });
      void child.result.then(
        () => transport.onclose?.(),
        () => transport.onclose?.(),
      );
    },
    send: (message: JSONRPCMessage) => pipe.write(`${JSON.stringify(message)}\n`),
    close: async () => {
      await child?.kill().catch(() => undefined);
      await pipe.close().catch(() => undefined);
    },
  };
  return transport;
}

/** MCP over HTTP, to exactly the host of the accepted settings: a redirect elsewhere is refused. */
export async function httpTransport(server: Extract<McpServer, { kind: 'http' }>): Promise<Transport> {
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const pinned: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== server.url.origin) return Promise.reject(new Error(`\`${url.host}\` is not the accepted host`));
    return fetch(input, { ...init, redirect: 'error' });
  };
  const transport = new StreamableHTTPClientTransport(server.url, {
    requestInit: { headers: server.headers },
    fetch: pinned,
  });
  return transport as Transport;
}
