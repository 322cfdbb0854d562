import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AmbitError } from '@ambit/core/errors';

export interface Callback {
  url: string;
  /** Waits for the browser to come back with a code. */
  code: (options: { signal: AbortSignal; timeoutMs: number; issuer?: string }) => Promise<string>;
  close: () => Promise<void>;
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

type Came = { code: string; issuer: string | null } | { error: string };

/**
 * SECURITY: listens on loopback alone, under its own address, for one answer with the right state; everything else is
 * refused and leaves the wait as it was (oauth.test.ts, «a callback without the state»).
 */
export async function openCallback(state: string): Promise<Callback> {
  let arrived: ((came: Came) => void) | undefined;
  let early: Came | undefined;
  let port = 0;
  const take = (came: Came) => {
    if (arrived) arrived(came);
    else early ??= came;
  };
  const answer = (response: ServerResponse, status: number, text: string) =>
    response
      .writeHead(status, {
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
        connection: 'close',
      })
      .end(`${text}\n`);
  const server = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const asked =
      request.headers.host === `127.0.0.1:${port}` && request.method === 'GET' && url.pathname === '/callback';
    if (!asked || !same(url.searchParams.get('state') ?? '', state)) return void answer(response, 400, 'not expected');
    const code = url.searchParams.get('code');
    const error = url.searchParams.get('error');
    if (code) take({ code, issuer: url.searchParams.get('iss') });
    else take({ error: (error ?? 'no code').replaceAll(/[^\w .-]/g, '').slice(0, 100) });
    answer(response, 200, code ? 'Signed in. You can close this window.' : 'Not signed in. You can close this window.');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  ({ port } = server.address() as AddressInfo);
  return {
    url: `http://127.0.0.1:${port}/callback`,
    code: async ({ signal, timeoutMs, issuer }) => {
      const came = await new Promise<Came>((resolve, reject) => {
        const stop = () => reject(new AmbitError('interrupted', 'not signed in'));
        const timer = setTimeout(
          () => reject(new AmbitError('environment', 'nobody signed in within the time there was')),
          timeoutMs,
        );
        signal.addEventListener('abort', stop, { once: true });
        arrived = (value) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', stop);
          resolve(value);
        };
        if (signal.aborted) stop();
        if (early) arrived(early);
      });
      if ('error' in came) throw new AmbitError('denied', `the sign-in was refused: ${came.error}`);
      if (came.issuer !== null && issuer !== undefined && came.issuer !== issuer)
        throw new AmbitError('denied', 'the answer came from another sign-in server than the one that was asked');
      return came.code;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
