import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { readHello } from './hello.ts';
import { isGranted, parseAuthority, readGrants } from './hosts.ts';
import { type EgressOptions, openEgress, wrongGreeting } from './proxy.ts';
import { upstreamFromEnvironment } from './upstream.ts';

async function target(t: TestContext): Promise<{ port: number; hits: string[] }> {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(`${request.method} ${request.headers.host} ${request.url}`);
    response.end('reached');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, hits };
}

async function open(t: TestContext, hosts: string[], options?: EgressOptions) {
  const egress = await openEgress(hosts, options);
  t.after(() => egress.close());
  const path = join(egress.folder ?? '', 's');
  /** Sends raw bytes and collects what comes back until the connection ends. */
  const raw = (text: string, more?: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(path);
      let out = '';
      socket.setTimeout(3_000, () => socket.destroy());
      socket.on('data', (data) => {
        out += data.toString('latin1');
        if (more !== undefined && out.includes('200 Connection')) socket.write(more);
      });
      socket.on('close', () => resolve(out));
      socket.on('error', () => undefined);
      socket.write(text);
    });
  return { egress, raw, path };
}

const get = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

test('host names are taken exactly or not at all', () => {
  assert.deepEqual(parseAuthority('Registry.Example.com:8080'), { host: 'registry.example.com', port: 8080 });
  assert.deepEqual(parseAuthority('[::1]:443'), { host: '::1', port: 443 });
  assert.deepEqual(parseAuthority('localhost'), { host: 'localhost' });
  const refused = [
    '',
    '*',
    '*.example.com',
    '.example.com',
    'example.com.',
    'a b',
    'evil.com\0.example.com',
    'u@example.com',
    'example.com:0',
  ];
  const more = [
    'example.com:99999',
    'http://example.com',
    'example.com/x',
    '2130706433',
    '0x7f.1',
    '127.1',
    'exämple.com',
    'example.com%00',
    '::1',
    'a..b',
    '-a.com',
    'example.com\n',
  ];
  for (const text of [...refused, ...more]) assert.equal(parseAuthority(text), undefined, JSON.stringify(text));
});

test('a grant is one host on its ports; suffixes, prefixes and sisters are not it; an empty list is nothing', async () => {
  const grants = readGrants(['example.com', 'localhost:4873']);
  assert.ok(isGranted(grants, 'example.com', 443) && isGranted(grants, 'localhost', 4873));
  for (const [host, port] of [
    ['evilexample.com', 443],
    ['example.com.evil.com', 443],
    ['a.example.com', 443],
    ['example.com', 22],
    ['localhost', 80],
  ] as const)
    assert.equal(isGranted(grants, host, port), false, host);
  assert.equal(isGranted(readGrants([]), 'example.com', 443), false);
  for (const bad of ['', '*', 'https://example.com']) assert.throws(() => readGrants([bad]), { code: 'usage' });
  assert.equal((await openEgress([])).folder, undefined);
});

test('granted hosts are reached by both ways a client may ask', async (t) => {
  const { port, hits } = await target(t);
  const { raw, egress } = await open(t, [`localhost:${port}`]);
  assert.match(
    await raw(`GET http://localhost:${port}/a?b HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n`),
    /reached$/,
  );
  assert.match(await raw(`CONNECT localhost:${port} HTTP/1.1\r\nHost: x\r\n\r\n`, get), /reached$/);
  assert.deepEqual(hits, [`GET localhost:${port} /a?b`, `GET localhost:${port} /`]);
  assert.deepEqual(egress.refused(), []);
});

test('everything else is refused, told, and never connected to', async (t) => {
  const { port, hits } = await target(t);
  const { raw, egress } = await open(t, ['example.com', 'localhost:1']);
  const lines = [
    `CONNECT localhost:${port} HTTP/1.1`,
    `CONNECT 127.0.0.1:${port} HTTP/1.1`,
    `CONNECT example.com.evil.com:443 HTTP/1.1`,
    'CONNECT evil.com%00.example.com:443 HTTP/1.1',
    'CONNECT example.com:22 HTTP/1.1',
    'CONNECT user@example.com:443 HTTP/1.1',
    `GET http://localhost:${port}/ HTTP/1.1`,
    `GET http://example.com@localhost:${port}/ HTTP/1.1`,
    `GET http://localhost:${port}\\@example.com/ HTTP/1.1`,
    'GET /relative HTTP/1.1',
    'GET https://example.com/ HTTP/1.1',
  ];
  for (const line of lines) {
    const answer = await raw(`${line}\r\nHost: example.com\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 (403|400)/, `${line}: ${answer}`);
  }
  assert.doesNotMatch(await raw('CONNECT evil.com\0.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n'), /200/);
  assert.deepEqual(hits, []);
  assert.ok(egress.refused().includes(`localhost:${port}`));
});

test('a granted name that leads to this machine is not followed', async (t) => {
  const { port, hits } = await target(t);
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '169.254.169.254', '::1', '0.0.0.0']) {
    const { raw } = await open(t, [`rebound.example.com:${port}`], { lookup: async () => address });
    assert.match(await raw(`CONNECT rebound.example.com:${port} HTTP/1.1\r\nHost: x\r\n\r\n`), /502/);
  }
  assert.deepEqual(hits, []);
});

test('a TLS greeting for another host than the granted one is cut off; the right one passes', async (t) => {
  const greeted: number[] = [];
  const server = createTcpServer((socket) => {
    socket.on('data', (data) => greeted.push(data.length));
    socket.on('error', () => undefined);
    setTimeout(() => socket.destroy(), 50);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const greet = async (servername: string) => {
    const { path, egress } = await open(t, [`localhost:${port}`]);
    const socket = connect(path);
    socket.write(`CONNECT localhost:${port} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'data');
    const secure = tlsConnect({ socket, servername });
    await new Promise((resolve) => {
      secure.on('error', resolve);
      secure.on('close', resolve);
    });
    return egress.refused();
  };
  assert.deepEqual(await greet('front.example.com'), ['front.example.com (behind localhost)']);
  assert.deepEqual(greeted, []);
  assert.deepEqual(await greet('localhost'), []);
  assert.equal(greeted.length, 1);
});

test('SECURITY: plain requests in a tunnel are for its host, the second one and one with another address too', async (t) => {
  const { port, hits } = await target(t);
  const { raw, path } = await open(t, [`localhost:${port}`]);
  const tunnel = `CONNECT localhost:${port} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const socket = connect(path);
  const answers = { text: '' };
  socket.on('data', (data) => {
    answers.text += data.toString('latin1');
  });
  const shows = async (text: string) => {
    while (!answers.text.includes(text)) await once(socket, 'data');
    answers.text = '';
  };
  socket.write(tunnel);
  await shows('200 Connection');
  socket.write('GET /one HTTP/1.1\r\nHost: evil.example\r\n\r\n');
  await shows('reached');
  socket.write(get.replace(' / ', ' /two '));
  await shows('reached');
  socket.destroy();
  await raw(tunnel, `\r\n\r\n${get}`);
  assert.match(await raw(tunnel, get.replace(' / ', ' http://evil.example/ ')), /403/);
  await raw(tunnel, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  assert.deepEqual(
    hits,
    [1, 2, 3].map((_, i) => `GET localhost:${port} ${['/one', '/two', '/'][i]}`),
  );
});

test('SECURITY: a body is never a second request, however its length is told', async (t) => {
  const heard: string[] = [];
  const server = createTcpServer((socket) => {
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    setTimeout(() => {
      heard.push(text);
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    }, 100);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const { raw } = await open(t, [`localhost:${port}`]);
  const inner = 'GET /hidden HTTP/1.1\r\nHost: evil.example\r\n\r\n';
  const chunk = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`;
  const head = (more: string) => `GET http://localhost:${port}/ HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
  for (const more of [
    'Transfer-Encoding: chunked\r\n',
    'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n',
    'Content-Length: 4\r\nContent-Length: 99\r\n',
    'Transfer-Encoding: xchunked\r\n',
    'Transfer-Encoding : chunked\r\n',
    `Content-Length: ${inner.length}\r\n`,
  ])
    await raw(`${head(more)}${more.includes('hunked') ? chunk : inner}`);
  assert.ok(heard.length > 0);
  for (const text of heard) {
    const body = text.slice(text.indexOf('\r\n\r\n') + 4);
    const framed = /content-length: (\d+)/i.exec(text)?.[1];
    const counted = framed !== undefined && Number(framed) === body.length;
    assert.ok(body === '' || counted || /transfer-encoding: chunked/i.test(text), text);
  }
});

test('SECURITY: a greeting that names nobody, or never ends, is not one to a host with a name', () => {
  const record = (body: Buffer) => {
    const head = Buffer.from([0x16, 3, 1, 0, 0]);
    head.writeUInt16BE(body.length, 3);
    return Buffer.concat([head, body]);
  };
  // A ClientHello without extensions: version, random, no session, one cipher, no compression.
  const plain = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32), Buffer.from([0, 0, 2, 0x13, 1, 1, 0, 0, 0])]);
  const hello = Buffer.concat([Buffer.from([1, 0, 0, plain.length]), plain]);
  assert.deepEqual(readHello(record(hello)), { state: 'tls', name: undefined });
  assert.equal(wrongGreeting(readHello(record(hello)), 'named.example'), 'named.example (a greeting without a name)');
  assert.equal(wrongGreeting(readHello(record(hello)), '192.0.2.1'), undefined);
  // A handshake that says it is longer than anybody reads.
  const endless = record(Buffer.concat([Buffer.from([1, 255, 255, 255]), Buffer.alloc(16_000)]));
  assert.equal(readHello(endless).state, 'more');
  const long = Buffer.concat([endless, endless, endless, endless, endless]);
  assert.equal(wrongGreeting(readHello(long), 'named.example'), 'named.example (no greeting)');
  for (const [text, state] of [
    ['SSH-2.0-OpenSSH_9.2\r\n', 'other'],
    ['GET / HTTP/1.1\r\n', 'http'],
    ['\r\n\r\nGET / HTTP/1.1\r\n', 'http'],
    ['GET  /  HTTP/1.1', 'http'],
    ['GET /par', 'more'],
    ['GE', 'more'],
    ['PRI * HTTP/2.0\r\n', 'http'],
    ['\u0000\u0001binary', 'other'],
    [`GET /${'x'.repeat(9_000)}`, 'other'],
  ] as const)
    assert.equal(readHello(Buffer.from(text, 'latin1')).state, state, JSON.stringify(text.slice(0, 20)));
});

test('an upstream proxy is used for what it is meant for, with its credentials, never by the command', async (t) => {
  const seen: string[] = [];
  const upstream = createServer();
  upstream.on('connect', (request, socket) => {
    seen.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nreached'));
    socket.on('error', () => undefined);
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.after(() => {
    upstream.closeAllConnections();
    return new Promise((resolve) => upstream.close(resolve));
  });
  const address = `http://me:pw@127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const find = upstreamFromEnvironment({ HTTPS_PROXY: address, no_proxy: 'internal.example.com,.corp' });
  assert.equal(find('a.corp', 443), undefined);
  assert.equal(find('internal.example.com', 443), undefined);
  const { raw } = await open(t, ['registry.example.com'], { upstream: find });
  assert.match(await raw('CONNECT registry.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n', get), /reached$/);
  assert.match(await raw('CONNECT other.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n'), /403/);
  assert.deepEqual(seen, [`registry.example.com:443 Basic ${Buffer.from('me:pw').toString('base64')}`]);
});

test('closing ends open connections and removes the socket', async (t) => {
  const { port } = await target(t);
  const egress = await openEgress([`localhost:${port}`]);
  const socket = connect(join(egress.folder ?? '', 's'));
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  await egress.close();
  await closed;
  assert.equal(existsSync(egress.folder ?? ''), false);
});
