import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type SignedOptions, type SignedServer, startSignedServer } from '../../../../test/support/mcp-over-http.ts';
import { connectServer } from './client.ts';
import { type SignInPorts, signIn } from './oauth.ts';
import { signInStore } from './oauth-store.ts';
import { type McpServer, readServer } from './server.ts';
import { httpTransport } from './transport.ts';

type HttpServer = Extract<McpServer, { kind: 'http' }>;

function settings(url: string, more: Record<string, unknown> = {}): HttpServer {
  const server = readServer('tracker', JSON.stringify({ url, timeout: 2_000, requestTimeout: 700, ...more }), {});
  assert.ok(server?.kind === 'http');
  return server;
}

async function staged(t: TestContext, options: SignedOptions = {}) {
  const remote = await startSignedServer(options);
  const folder = await mkdtemp(join(tmpdir(), 'ambit-oauth-'));
  t.after(async () => {
    await remote.close();
    await rm(folder, { recursive: true, force: true });
  });
  const server = settings(remote.url, { headers: { 'X-Team': 'blue' } });
  const store = signInStore(folder, server.url);
  const connect = () => connectServer(server, () => httpTransport(server, store));
  return { remote, folder, server, store, connect };
}

function person(remote: SignedServer, more: Partial<SignInPorts> = {}): SignInPorts & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    confirm: async (origin) => asked.push(origin) > 0,
    show: (url) => void remote.browse(url),
    signal: new AbortController().signal,
    timeoutMs: 5_000,
    ...more,
  };
}

test('without a sign-in the server is not used, and the words say what to do', async (t) => {
  const { connect, remote } = await staged(t);
  await assert.rejects(connect(), (error: { code: string; message: string; hint: string }) => {
    assert.equal(error.code, 'needs-human');
    assert.match(error.message, /`tracker` wants you to sign in/);
    assert.match(error.hint, /ambit mcp login tracker/);
    return true;
  });
  assert.ok(!remote.heard.some(({ path }) => path === '/register'), 'nobody was registered anywhere');
});

test('a person signs in once; calls carry the token; a stale one is renewed without anybody', async (t) => {
  const { connect, remote, server, store, folder } = await staged(t);
  const ports = person(remote);
  await signIn(server, store, ports);
  assert.deepEqual(ports.asked, [remote.issuer]);
  const [file = ''] = await readdir(folder);
  assert.equal((await stat(join(folder, file))).mode & 0o077, 0, 'readable by the user alone');
  const connection = await connect();
  const call = async () => (await connection.call('find', {}, new AbortController().signal)).text;
  assert.equal(await call(), 'ticket 42');
  remote.tokens.clear();
  assert.equal(await call(), 'ticket 42');
  assert.deepEqual(remote.grants, ['authorization_code', 'refresh_token']);
  await connection.close();
  // What the settings' own headers say is for the server alone.
  const elsewhere = remote.heard.filter(({ path }) => ['/register', '/token', '/authorize'].includes(path));
  assert.ok(elsewhere.length >= 3 && elsewhere.every(({ custom }) => custom === undefined));
  assert.ok(remote.heard.some(({ path, custom }) => path === '/mcp' && custom === 'blue'));
});

test('SECURITY: a callback without the state, or from elsewhere, is refused; the right one still counts', async (t) => {
  const { remote, server, store } = await staged(t);
  const seen: number[] = [];
  const ports = person(remote, {
    show: (url) =>
      void (async () => {
        seen.push(await remote.browse(url, (back) => back.searchParams.set('state', 'guessed')));
        seen.push(await remote.browse(url, (back) => back.searchParams.delete('state')));
        seen.push(await remote.browse(url, (back) => Object.assign(back, { pathname: '/other' })));
        seen.push(await remote.browse(url, (back) => Object.assign(back, { hostname: 'localhost' })));
        seen.push(await remote.browse(url));
      })(),
  });
  await signIn(server, store, ports);
  assert.deepEqual(seen, [400, 400, 400, 400, 200]);
  assert.ok((await store.load()).tokens);
});

test('SECURITY: an answer of another sign-in server, a refusal, a no and a silence leave no token', async (t) => {
  const { remote, server, store } = await staged(t);
  const browse = (change: (back: URL) => void) => ({ show: (url: URL) => void remote.browse(url, change) });
  const other = browse((back) => back.searchParams.set('iss', 'https://evil.example'));
  await assert.rejects(signIn(server, store, person(remote, other)), /another sign-in server/);
  const refused = browse((back) => {
    back.searchParams.delete('code');
    back.searchParams.set('error', 'access_denied');
  });
  await assert.rejects(signIn(server, store, person(remote, refused)), /refused: access_denied/);
  const no: string[] = [];
  const declined = { confirm: async () => false, show: (url: URL) => void no.push(url.href) };
  await assert.rejects(signIn(server, store, person(remote, declined)), /not signed in/);
  assert.deepEqual(no, []);
  const silent = { show: () => undefined, timeoutMs: 50 };
  await assert.rejects(signIn(server, store, person(remote, silent)), /within the time/);
  assert.equal((await store.load()).tokens, undefined);
});

test('SECURITY: tokens belong to one address: the same name elsewhere gets none, a damaged file is none', async (t) => {
  const { remote, server, store, folder, connect } = await staged(t);
  await signIn(server, store, person(remote));
  const other = await startSignedServer();
  t.after(() => other.close());
  const impostor = settings(other.url);
  const theirs = signInStore(folder, impostor.url);
  assert.equal((await theirs.load()).tokens, undefined);
  await assert.rejects(
    connectServer(impostor, () => httpTransport(impostor, theirs)),
    /sign in/,
  );
  assert.ok(other.heard.every(({ authorization }) => authorization === undefined));
  const [file = ''] = await readdir(folder);
  assert.ok((await readFile(join(folder, file), 'utf8')).includes(server.url.href));
  await rm(join(folder, file));
  await assert.rejects(connect(), /wants you to sign in/);
});

test('a renewal that is refused wants a person again, and says so', async (t) => {
  const { remote, server, store, connect } = await staged(t);
  await signIn(server, store, person(remote));
  const { tokens } = await store.load();
  assert.ok(tokens);
  await store.save({ tokens: { ...tokens, refresh_token: 'worn-out' } });
  remote.tokens.clear();
  await assert.rejects(connect(), (error: { code: string }) => error.code === 'needs-human');
});

test('a server that is silent, and one whose answer never ends, are given up within their time', async (t) => {
  for (const mode of ['silent', 'endless'] as const) {
    const { connect } = await staged(t, { mode, open: true });
    await assert.rejects(connect(), /`tracker` did not start/);
  }
});

test('signing in is not sent in the clear to another machine', async (t) => {
  const { server, store } = await staged(t);
  const far = { ...server, url: new URL('http://tracker.example/mcp') };
  const ports = person({ browse: async () => 0 } as unknown as SignedServer);
  await assert.rejects(signIn(far, store, ports), /in the clear/);
  assert.deepEqual(ports.asked, []);
});
