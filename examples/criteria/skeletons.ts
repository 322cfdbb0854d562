import assert from 'node:assert/strict';
import type { Context } from './context.ts';

export interface Reply {
  status: number;
  body: string;
  cookie: string;
  headers: Headers;
}

/** An application under test: how to call it, and what it keeps. */
export interface Target {
  context: Context;
  call: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;
  /** Moves the application's clock. */
  wait: (milliseconds: number) => void;
}

const PASSWORD = 'correct horse battery';
let serial = 0;
const address = () => `user${++serial}@example.com`;

interface Row {
  email: string;
  password: string;
  role: string;
}

const users = (target: Target) => target.context.db.prepare('SELECT * FROM users').all() as unknown as Row[];

async function account(target: Target, email = address(), password = PASSWORD): Promise<string> {
  await target.call('/signup', { email, password });
  const token = target.context.outbox.findLast((message) => message.to === email)?.token;
  if (token) await target.call('/confirm', { token });
  return email;
}

async function signedIn(target: Target, email: string): Promise<Reply & { value: string }> {
  const reply = await target.call('/login', { email, password: PASSWORD });
  return { ...reply, value: /session=([^;]*)/.exec(reply.cookie)?.[1] ?? '' };
}

/** One test for each criterion that is raised first for «Users can create accounts», by the criterion's id. */
export const skeletons: Record<string, (target: Target) => Promise<void>> = {
  'signup/hash': async (target) => {
    await account(target);
    await account(target);
    const [first, second] = users(target).map((user) => user.password);
    assert.notEqual(first, second);
    const scrypt = /^scrypt\$(\d+)\$/.exec(first ?? '');
    assert.ok(scrypt ? Number(scrypt[1]) >= 17 : /^\$(argon2id|2[aby])\$/.test(first ?? ''), 'a slow hash with its parameters');
    assert.ok(!(first ?? '').includes(PASSWORD));
  },
  'signup/no-enumeration': async (target) => {
    const known = await account(target);
    const again = await target.call('/signup', { email: known, password: PASSWORD });
    const fresh = await target.call('/signup', { email: address(), password: PASSWORD });
    assert.equal(again.status, fresh.status);
    assert.equal(again.body.replaceAll(/user\d+/g, ''), fresh.body.replaceAll(/user\d+/g, ''));
  },
  'signup/prove-address': async (target) => {
    const email = address();
    await target.call('/signup', { email, password: PASSWORD });
    assert.equal((await signedIn(target, email)).status, 401);
    const token = target.context.outbox.at(-1)?.token;
    assert.equal((await target.call('/confirm', { token })).status, 204);
    assert.equal((await target.call('/confirm', { token })).status, 400);
    assert.equal((await signedIn(target, email)).status, 200);
  },
  'data-store/bind': async (target) => {
    await account(target);
    const reply = await target.call('/login', { email: "x' OR '1'='1' --", password: 'x' });
    assert.notEqual(reply.status, 200);
    await target.call('/signup', { email: "a'); DROP TABLE sessions; --@example.com", password: PASSWORD });
    assert.doesNotThrow(() => target.context.db.prepare('SELECT * FROM sessions').all());
    assert.equal(users(target).filter((user) => user.role !== 'user').length, 0);
  },
  'login/attempts': async (target) => {
    const email = await account(target);
    for (let attempt = 0; attempt < 5; attempt++) await target.call('/login', { email, password: 'wrong password' });
    const limited = await signedIn(target, email);
    assert.equal(limited.status, 429);
    assert.ok(Number(limited.headers.get('retry-after')) > 0);
    target.wait(15 * 60_000 + 1);
    assert.equal((await signedIn(target, email)).status, 200);
  },
  'signup/input': async (target) => {
    const email = address();
    const wrong = [{ email }, { password: PASSWORD }, { email: 'no address', password: PASSWORD }, { email: { $ne: '' }, password: PASSWORD }];
    const long = [{ email: `${'a'.repeat(300)}@example.com`, password: PASSWORD }, { email: `a\n${email}`, password: PASSWORD }];
    for (const body of [...wrong, ...long]) {
      const reply = await target.call('/signup', body);
      assert.equal(reply.status, 400, JSON.stringify(body).slice(0, 80));
      assert.match(reply.body, /email|password/);
    }
    assert.deepEqual(users(target), []);
  },
  'login/new-token': async (target) => {
    const [first, second] = [await account(target), await account(target)];
    const sessions = [await signedIn(target, first), await signedIn(target, second), await signedIn(target, first)];
    assert.equal(new Set(sessions.map((session) => session.value)).size, 3);
    for (const [index, email] of [first, second, first].entries()) {
      const reply = await target.call('/me', undefined, { cookie: `session=${sessions[index]?.value}` });
      assert.match(reply.body, new RegExp(`"${email}"`));
    }
  },
  'browser-state/anti-forgery': async (target) => {
    const session = await signedIn(target, await account(target));
    const { csrf } = JSON.parse(session.body) as { csrf?: string };
    const cookie = `session=${session.value}`;
    const own = { cookie, origin: target.context.origin, 'x-csrf-token': csrf ?? '' };
    const rename = (headers: Record<string, string>) => target.call('/rename', { name: 'Mallory' }, headers);
    assert.equal((await rename({ ...own, origin: 'https://evil.example' })).status, 403);
    assert.equal((await rename({ ...own, 'x-csrf-token': '' })).status, 403);
    assert.doesNotMatch((await target.call('/me', undefined, { cookie })).body, /Mallory/);
    assert.equal((await rename(own)).status, 204);
    assert.match((await target.call('/me', undefined, { cookie })).body, /Mallory/);
  },
  'signup/strength': async (target) => {
    for (const password of ['1234567', 'password123'])
      assert.equal((await target.call('/signup', { email: address(), password })).status, 400);
    const email = await account(target, address(), `${PASSWORD} ${'staple '.repeat(5)}`);
    assert.ok(users(target).some((user) => user.email === email));
  },
  'session/random': async (target) => {
    const email = await account(target);
    const values: string[] = [];
    for (let count = 0; count < 10; count++) values.push((await signedIn(target, email)).value);
    assert.equal(new Set(values).size, 10);
    for (const value of values) assert.ok(Buffer.from(value, 'base64url').length >= 16);
  },
  'signup/no-role': async (target) => {
    await target.call('/signup', { email: address(), password: PASSWORD, role: 'admin' });
    assert.ok(users(target).every((user) => user.role !== 'admin'));
  },
  'signup/rate': async (target) => {
    for (let count = 0; count < 5; count++) await target.call('/signup', { email: address(), password: PASSWORD });
    const reply = await target.call('/signup', { email: address(), password: PASSWORD });
    assert.equal(reply.status, 429);
    assert.ok(Number(reply.headers.get('retry-after')) > 0);
    assert.equal(users(target).length, 5);
    target.wait(60 * 60_000 + 1);
    assert.notEqual((await target.call('/signup', { email: address(), password: PASSWORD })).status, 429);
  },
};
