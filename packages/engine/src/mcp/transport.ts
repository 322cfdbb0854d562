import { randomBytes } from 'node:crypto';
import type { SandboxProcess, SandboxRequest } from '@ambit/guard/sandbox';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { needsSignIn, storedSignIn } from './oauth.ts';
import type { SignInStore } from './oauth-store.ts';
import { guardedFetch } from './pinned-fetch.ts';
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

/**
 * MCP over HTTP, to exactly the host of the accepted settings: a redirect elsewhere is refused. With a store, the server
 * may want a sign-in; tokens are renewed only where a person once agreed to sign in.
 */
export async function httpTransport(
  server: Extract<McpServer, { kind: 'http' }>,
  store?: SignInStore,
): Promise<Transport> {
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const known = await store?.load();
  const pinned = guardedFetch(server, (url) => url.origin === known?.origin);
  const asked: typeof fetch = async (input, init) => {
    const response = await pinned(input, init);
    if (response.status !== 401 || known?.tokens) return response;
    await response.body?.cancel();
    throw needsSignIn(server);
  };
  const transport = new StreamableHTTPClientTransport(server.url, {
    requestInit: { headers: server.headers },
    fetch: asked,
    ...(store && known?.tokens ? { authProvider: storedSignIn(server, store) } : {}),
  });
  return transport as Transport;
}
