import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { type DialOptions, dial } from './dial.ts';
import { type Hello, readHello } from './hello.ts';
import { type HostGrant, isGranted, isLocalName, parseAuthority, readGrants } from './hosts.ts';

export type EgressOptions = DialOptions;

export interface Egress {
  /** Folder with the socket `s`; absent when no host is granted: then there is nothing to reach at all. */
  folder?: string;
  /** `host:port` of every refused attempt, each once. */
  refused(): readonly string[];
  close(): Promise<void>;
}

const helloMilliseconds = 10_000;
/**
 * How the body is marked off onward: without it, what follows a request that seems to have none would be read as the next
 * request, with a host of its own. SECURITY: held by proxy.test.ts («a body is never a second request»).
 */
const framed = ({ headers }: IncomingMessage): Record<string, string> =>
  headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' };

const hopByHop = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

interface Door {
  grants: readonly HostGrant[];
  options: EgressOptions;
  refuse(what: string): void;
  sockets: Set<Duplex>;
}

/**
 * Opens the one way out of a sandbox: a proxy on a unix socket that carries connections to exactly the granted hosts.
 * SECURITY: held by proxy.test.ts (suffix, NUL, numeric and wildcard hosts, fronting, empty list).
 */
export async function openEgress(
  hosts: readonly string[],
  options: EgressOptions = {},
  owner?: { uid: number; gid: number },
): Promise<Egress> {
  const grants = readGrants(hosts);
  const refused = new Set<string>();
  if (grants.length === 0) return { refused: () => [], close: async () => undefined };
  const door: Door = {
    grants,
    options,
    refuse: (what) => {
      if (refused.size < 100) refused.add(what.slice(0, 300));
    },
    sockets: new Set(),
  };
  // A socket's path may have 107 bytes: it cannot lie in the state directory.
  const folder = mkdtempSync(join(tmpdir(), 'ambit-'));
  const server = serverOf(door);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(join(folder, 's'), resolve);
  });
  if (owner) for (const path of [folder, join(folder, 's')]) chownSync(path, owner.uid, owner.gid);
  return { folder, refused: () => [...refused], close: () => shut(server, door, folder) };
}

function serverOf(door: Door): Server {
  const server = createServer((request, response) => {
    forward(request, response, door).catch(() => response.destroy());
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    track(door, socket);
    tunnel(request.url ?? '', socket, head, door).catch(() => socket.destroy());
  });
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.on('connection', (socket) => track(door, socket));
  return server;
}

function track(door: Door, socket: Duplex): void {
  door.sockets.add(socket);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => door.sockets.delete(socket));
}

async function shut(server: Server, door: Door, folder: string): Promise<void> {
  for (const socket of door.sockets) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
}

/** The target as host and port when it is granted; records it otherwise. */
function admit(authority: string, fallback: number, door: Door): { host: string; port: number } | undefined {
  const parsed = parseAuthority(authority);
  const port = parsed?.port ?? fallback;
  if (parsed && isGranted(door.grants, parsed.host, port)) return { host: parsed.host, port };
  door.refuse(parsed ? `${parsed.host}:${port}` : JSON.stringify(authority));
  return undefined;
}

const denial = (what: string) => `${what} is not granted to this command\n`;

async function tunnel(authority: string, inner: Duplex, head: Buffer, door: Door): Promise<void> {
  const target = admit(authority, 443, door);
  if (!target) {
    const text = denial('this host');
    inner.end(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`);
    return;
  }
  let outer: Socket;
  try {
    outer = await dial(target.host, target.port, door.options);
  } catch {
    inner.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    return;
  }
  track(door, outer);
  inner.once('close', () => outer.destroy());
  const end = () => inner.destroy();
  outer.once('close', end);
  inner.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  const first = await firstBytes(inner, head);
  const hello = readHello(first);
  const wrong = wrongGreeting(hello, target.host);
  if (wrong !== undefined) {
    door.refuse(wrong);
    inner.destroy();
    return;
  }
  if (hello.state === 'http') {
    // Each request names its host again: it is carried to the granted one as itself, whatever it says.
    outer.off('close', end);
    plainRequests(target, { inner, outer, first }, door);
    return;
  }
  outer.write(first);
  inner.pipe(outer);
  outer.pipe(inner);
}

/** Why a greeting is not one to the granted host; a client that greets a name by TLS says which. */
export function wrongGreeting(hello: Hello, host: string): string | undefined {
  if (hello.state === 'more' || hello.state === 'bad') return `${host} (no greeting)`;
  if (hello.state !== 'tls' || hello.name === host) return undefined;
  if (hello.name === undefined) return isLocalName(host) ? undefined : `${host} (a greeting without a name)`;
  return `${hello.name} (behind ${host})`;
}

/** Serves the requests inside a tunnel one by one, all of them for its host. */
function plainRequests(
  target: { host: string; port: number },
  { inner, outer, first }: { inner: Duplex; outer: Socket; first: Buffer },
  door: Door,
): void {
  let ready: Socket | undefined = outer;
  const name = target.host.includes(':') ? `[${target.host}]` : target.host;
  const authority = target.port === 80 ? name : `${name}:${target.port}`;
  const server = createServer((request, response) => {
    const path = /^\/[^#]*$/.exec(request.url ?? '')?.[0];
    if (path === undefined) {
      response.writeHead(403, { connection: 'close' }).end(denial('this address'));
      return;
    }
    const onward = { ...target, authority, path, ...(ready ? { opened: ready } : {}) };
    ready = undefined;
    carry(request, response, onward, door).catch(() => response.destroy());
  });
  server.on('upgrade', (_request, socket) => socket.destroy());
  inner.unshift(first);
  server.emit('connection', inner);
  inner.resume();
}

/** Reads until it is clear whom the client greets. */
async function firstBytes(inner: Duplex, head: Buffer): Promise<Buffer> {
  let data = head;
  const timer = setTimeout(() => inner.destroy(), helloMilliseconds);
  try {
    while (readHello(data).state === 'more') {
      const more = await nextChunk(inner);
      if (!more) break;
      data = Buffer.concat([data, more]);
    }
    return data;
  } finally {
    clearTimeout(timer);
  }
}

function nextChunk(stream: Duplex): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const done = (data?: Buffer) => {
      stream.pause();
      for (const [name, listener] of Object.entries(listeners)) stream.off(name, listener);
      resolve(data);
    };
    const listeners = { data: (data: Buffer) => done(data), end: () => done(), close: () => done() };
    for (const [name, listener] of Object.entries(listeners)) stream.on(name, listener);
    stream.resume();
  });
}

async function forward(request: IncomingMessage, response: ServerResponse, door: Door): Promise<void> {
  const match = /^http:\/\/([^/?#]+)(\/[^#]*)?$/i.exec(request.url ?? '');
  const target = match ? admit(match[1] ?? '', 80, door) : undefined;
  if (!match || !target) {
    if (!match) door.refuse(JSON.stringify(request.url ?? ''));
    response.writeHead(403, { connection: 'close' }).end(denial('this address'));
    return;
  }
  await carry(request, response, { ...target, authority: match[1] ?? '', path: match[2] ?? '/' }, door);
}

interface Onward {
  host: string;
  port: number;
  /** What the host is told it is asked as. */
  authority: string;
  path: string;
  /** A connection to it that nobody has used. */
  opened?: Socket;
}

async function carry(request: IncomingMessage, response: ServerResponse, to: Onward, door: Door): Promise<void> {
  let outer: Socket;
  try {
    outer = to.opened ?? (await dial(to.host, to.port, door.options));
  } catch {
    response.writeHead(502, { connection: 'close' }).end();
    return;
  }
  track(door, outer);
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !hopByHop.test(name)));
  const onward = httpRequest({
    createConnection: () => outer,
    method: request.method,
    path: to.path,
    headers: { ...headers, ...framed(request), host: to.authority, connection: 'close' },
  });
  // An upstream proxy's answer was read from it, and it waits since.
  onward.on('socket', (socket) => socket.resume());
  onward.on('response', (answer) => {
    const kept = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !hopByHop.test(name)));
    response.writeHead(answer.statusCode ?? 502, kept);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  response.once('close', () => outer.destroy());
  request.pipe(onward);
}
