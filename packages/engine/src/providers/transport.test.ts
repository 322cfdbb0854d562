import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { leanFetch } from './transport.ts';

const closing: (() => void)[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** What differs between Node's `fetch` and ours is of no interest here; what is the same is shown by asking both. */
async function both(url: string, init?: RequestInit): Promise<unknown[]> {
  return Promise.all(
    [leanFetch, fetch].map(async (ask) => {
      const response = await ask(url, init);
      const { status, ok, statusText, redirected } = response;
      return {
        status,
        ok,
        statusText,
        redirected,
        type: response.headers.get('Content-Type'),
        text: await response.text(),
      };
    }),
  );
}

describe('the transport of models', () => {
  after(() => {
    for (const close of closing) close();
  });

  it('sends and reads what fetch does', async () => {
    const url = await serve(async (request, response) => {
      const said = { method: request.method, key: request.headers['x-key'], body: await bodyOf(request) };
      response.writeHead(request.url === '/no' ? 429 : 200, { 'content-type': 'application/json', 'retry-after': '2' });
      response.end(JSON.stringify({ ...said, length: request.headers['content-length'], umlaut: 'ü€' }));
    });
    for (const path of ['/', '/no']) {
      const [lean, real] = await both(url + path, { method: 'POST', headers: { 'X-Key': 'k' }, body: '{"a":"ä"}' });
      assert.deepEqual(lean, real);
    }
    const [lean, real] = await both(`${url}/get`);
    assert.deepEqual(lean, real);
  });

  it('follows a redirect as fetch does, and reads an encoded body', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/from') response.writeHead(308, { location: '/to' }).end();
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('whole'));
    });
    assert.equal(await (await leanFetch(`${url}/from`)).text(), 'whole');
    assert.equal(await (await leanFetch(`${url}/to`)).text(), 'whole');
  });

  it('reads a stream as it comes, and no faster than it is read', async () => {
    let sent = 0;
    const url = await serve((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const more = () => {
        while (sent < 2_000 * chunk.length) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const { body } = await leanFetch(url);
    const reader = body?.getReader();
    assert.ok((await reader?.read())?.value);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(sent < 64 * 1024 * 1024, `the sender was held back, at ${sent} bytes`);
    await reader?.cancel();
  });

  it('a connection that is refused, cut before or within the answer is a failure', async () => {
    const cut = await serve((request, response: ServerResponse) => {
      if (request.url === '/before') return void request.socket.destroy();
      response.writeHead(200, request.url === '/length' ? { 'content-length': '100' } : {});
      response.write('half');
      setTimeout(() => request.socket.destroy(), 20);
    });
    for (const ask of [leanFetch, fetch]) {
      await assert.rejects(ask(`${cut}/before`), { name: 'TypeError', message: 'fetch failed' });
      await assert.rejects(ask('http://127.0.0.1:1/'), { name: 'TypeError', message: 'fetch failed' });
      for (const path of ['/length', '/chunks']) {
        const response = await ask(cut + path);
        await assert.rejects(response.text(), { name: 'TypeError', message: 'terminated' });
      }
    }
  });

  it('is asked once more when a kept connection was closed by the server', async () => {
    let asked = 0;
    const url = await serve((request, response) => {
      asked += 1;
      if (asked === 2) request.socket.destroy();
      else response.end(`answer ${asked}`);
    });
    assert.equal(await (await leanFetch(url, { method: 'POST', body: 'x' })).text(), 'answer 1');
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(await (await leanFetch(url, { method: 'POST', body: 'x' })).text(), 'answer 3');
  });

  it('ends with the signal, before and within the answer', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/within') response.writeHead(200).write('half');
    });
    const gone = AbortSignal.abort();
    await assert.rejects(leanFetch(url, { signal: gone }), { name: 'AbortError' });
    const before = new AbortController();
    const waiting = leanFetch(`${url}/before`, { signal: before.signal });
    setTimeout(() => before.abort(), 20);
    await assert.rejects(waiting, { name: 'AbortError' });
    const within = new AbortController();
    const response = await leanFetch(`${url}/within`, { signal: within.signal });
    setTimeout(() => within.abort(), 20);
    await assert.rejects(response.text(), { name: 'AbortError' });
  });
});
