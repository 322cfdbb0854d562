// A real MCP server over streamable HTTP that wants a sign-in, and the sign-in server it names, both on loopback.
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SignedServer {
  url: string;
  /** Address of the sign-in server. */
  issuer: string;
  /** Requests by path, in order, with the headers that matter. */
  heard: { path: string; authorization: string | undefined; custom: string | undefined }[];
  /** Access tokens that are good now. */
  tokens: Set<string>;
  grants: string[];
  /** Plays the person in the browser: follows the sign-in address to the callback. */
  browse: (url: URL, change?: (callback: URL) => void) => Promise<number>;
  close: () => Promise<void>;
}

export interface SignedOptions {
  description?: string;
  /** `silent`: takes requests and never answers. `endless`: an answer without end. */
  mode?: 'silent' | 'endless';
  /** No sign-in is wanted. */
  open?: boolean;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const json = (response: ServerResponse, value: unknown, status = 200) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answerTo(message: { method?: string }, description: string): unknown {
  if (message.method === 'initialize')
    return {
      protocolVersion: '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'tracker', version: '1' },
    };
  if (message.method === 'tools/list')
    return { tools: [{ name: 'find', description, inputSchema: { type: 'object', properties: {} } }] };
  return { content: [{ type: 'text', text: 'ticket 42' }] };
}

type Note = (request: IncomingMessage) => void;

const metadataOf = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  registration_endpoint: `${issuer}/register`,
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['none'],
});

/** Registers clients, sends browsers back with a code, and gives tokens for a code with its proof. */
function signInServer(note: Note, tokens: Set<string>, grants: string[]) {
  let issuer = '';
  const codes = new Map<string, string>();
  const clients = new Map<string, string[]>();
  const issue = (response: ServerResponse) => {
    const access = randomBytes(12).toString('hex');
    tokens.add(access);
    json(response, { access_token: access, token_type: 'Bearer', expires_in: 3_600, refresh_token: `r-${access}` });
  };
  const authorize = (url: URL, response: ServerResponse) => {
    const [client, redirect] = [url.searchParams.get('client_id'), url.searchParams.get('redirect_uri')];
    if (!client || !redirect || !clients.get(client)?.includes(redirect))
      return void response.writeHead(400).end('unknown client');
    const code = randomBytes(8).toString('hex');
    codes.set(code, url.searchParams.get('code_challenge') ?? '');
    const back = new URL(redirect);
    back.searchParams.set('code', code);
    back.searchParams.set('iss', issuer);
    back.searchParams.set('state', url.searchParams.get('state') ?? '');
    response.writeHead(302, { location: back.href }).end();
  };
  const exchange = (form: URLSearchParams, response: ServerResponse) => {
    const grant = form.get('grant_type') ?? '';
    grants.push(grant);
    const challenge = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const good = grant === 'refresh_token' ? form.get('refresh_token')?.startsWith('r-') : challenge === proof;
    if (good) issue(response);
    else json(response, { error: 'invalid_grant' }, 400);
  };
  const server = createServer(async (request, response) => {
    note(request);
    const url = new URL(request.url ?? '/', issuer);
    if (url.pathname.startsWith('/.well-known/oauth-authorization-server')) return json(response, metadataOf(issuer));
    if (url.pathname === '/authorize') return authorize(url, response);
    if (url.pathname === '/token') return exchange(new URLSearchParams(await bodyOf(request)), response);
    if (url.pathname !== '/register') return void response.writeHead(404).end();
    const asked = JSON.parse(await bodyOf(request));
    const id = randomBytes(6).toString('hex');
    clients.set(id, asked.redirect_uris);
    json(response, { ...asked, client_id: id }, 201);
  });
  return {
    server,
    named: (name: string) => {
      issuer = name;
    },
  };
}

export async function startSignedServer(options: SignedOptions = {}): Promise<SignedServer> {
  const heard: SignedServer['heard'] = [];
  const tokens = new Set<string>();
  const grants: string[] = [];
  const note = (request: IncomingMessage) =>
    heard.push({
      path: (request.url ?? '').split('?')[0] ?? '',
      authorization: request.headers.authorization,
      custom: request.headers['x-team'] as string | undefined,
    });
  const signing = signInServer(note, tokens, grants);
  const issuer = await listen(signing.server);
  signing.named(issuer);

  const serving = createServer(async (request, response) => {
    note(request);
    const path = (request.url ?? '').split('?')[0];
    if (path?.startsWith('/.well-known/oauth-protected-resource'))
      return json(response, { resource: `${url}/mcp`, authorization_servers: [issuer] });
    const bearer = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    if (!options.open && !tokens.has(bearer))
      return void response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
    if (options.mode === 'silent') return;
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const message = JSON.parse(await bodyOf(request)) as { id?: number; method?: string };
    if (options.mode === 'endless') {
      response.writeHead(200, { 'content-type': 'application/json' });
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(1024 * 1024)));
      };
      response.on('drain', pour);
      return pour();
    }
    if (message.id === undefined) return void response.writeHead(202).end();
    json(response, {
      jsonrpc: '2.0',
      id: message.id,
      result: answerTo(message, options.description ?? 'Finds tickets.'),
    });
  });
  const url = await listen(serving);

  return {
    url: `${url}/mcp`,
    issuer,
    heard,
    tokens,
    grants,
    browse: async (address, change) => {
      const answer = await fetch(address, { redirect: 'manual' });
      const back = new URL(answer.headers.get('location') ?? '');
      change?.(back);
      return (await fetch(back)).status;
    },
    close: async () => {
      for (const server of [signing.server, serving]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
