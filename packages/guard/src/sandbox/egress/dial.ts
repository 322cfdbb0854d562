import { lookup as systemLookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { isLocalName, isOwnAddress } from './hosts.ts';
import { proxyAuthorization, type Upstream } from './upstream.ts';

export type Lookup = (host: string) => Promise<string>;

export interface DialOptions {
  upstream?: Upstream;
  /** Resolves a name to an address; the system's resolver by default. */
  lookup?: Lookup;
}

const connectMilliseconds = 30_000;

const bySystem: Lookup = async (host) => (await systemLookup(host)).address;

/** Opens a connection to a granted host, directly or through the upstream proxy. Rejects with the reason. */
export async function dial(host: string, port: number, options: DialOptions): Promise<Socket> {
  const proxy = options.upstream?.(host, port);
  if (proxy) return tunnel(proxy, host, port);
  const address = isIP(host) ? host : await (options.lookup ?? bySystem)(host);
  if (isOwnAddress(address) && !isLocalName(host)) throw new Error(`${host} leads to this machine's own address`);
  return opened(connect({ host: address, port }));
}

function opened(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.setTimeout(connectMilliseconds, () => socket.destroy(new Error('no connection in time')));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

async function tunnel(proxy: URL, host: string, port: number): Promise<Socket> {
  const socket = await opened(connect({ host: proxy.hostname, port: Number(proxy.port || 80) }));
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${proxyAuthorization(proxy)}\r\n`);
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const fail = (why: string) => {
      socket.destroy();
      reject(new Error(why));
    };
    const read = (data: Buffer) => {
      head = Buffer.concat([head, data]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return head.length > 16_384 ? fail('the upstream proxy answered too much') : undefined;
      socket.off('data', read);
      socket.pause();
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1'))?.[1];
      if (status !== '200') return fail(`the upstream proxy answered ${status ?? 'nothing'}`);
      const rest = head.subarray(end + 4);
      if (rest.length > 0) socket.unshift(rest);
      resolve(socket);
    };
    socket.on('data', read);
    socket.once('error', (error) => fail(error.message));
    socket.once('close', () => fail('the upstream proxy closed the connection'));
  });
}
