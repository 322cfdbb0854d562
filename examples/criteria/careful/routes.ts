import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Answer, Call, Context, Routes } from '../context.ts';
import { hash, matches, strong } from './password.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SIGNUPS_PER_HOUR = 5;
const ATTEMPTS = 5;
const ATTEMPT_WINDOW = 15 * MINUTE;

interface User {
  id: number;
  email: string;
  password: string;
  name: string;
  role: string;
  confirmed: number;
}

const digest = (token: string) => createHash('sha256').update(token).digest('hex');
const randomToken = () => randomBytes(32).toString('base64url');
const bad = (field: string): Answer => ({ status: 400, body: { error: `${field} is not valid` } });
const accepted: Answer = { status: 202, body: { message: 'a link was sent to this address' } };
const refused: Answer = { status: 401, body: { error: 'address or password is wrong' } };

/** The named text fields and no others, or the field that is wrong. */
function fields(body: unknown, names: readonly string[]): Record<string, string> | string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'body';
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(body)) {
    if (!names.includes(name)) return name;
    if (typeof value !== 'string' || value.length === 0 || value.length > 254 || /\p{Cc}/u.test(value)) return name;
    found[name] = value;
  }
  return names.find((name) => found[name] === undefined) ?? found;
}

function tooMany(context: Context, key: string, limit: number, window: number): Answer | undefined {
  const since = context.now() - window;
  const { count } = context.db.prepare('SELECT count(*) AS count FROM attempts WHERE key = ? AND at > ?').get(key, since) as {
    count: number;
  };
  if (count < limit) return undefined;
  return { status: 429, body: { error: 'too many attempts' }, headers: { 'Retry-After': String(window / 1_000) } };
}

function count(context: Context, key: string): void {
  context.db.prepare('INSERT INTO attempts VALUES (?, ?)').run(key, context.now());
}

function userBy(context: Context, email: string): User | undefined {
  return context.db.prepare('SELECT * FROM users WHERE email = ?').get(email) as User | undefined;
}

async function signup({ body, client }: Call, context: Context): Promise<Answer> {
  const limited = tooMany(context, `signup ${client}`, SIGNUPS_PER_HOUR, HOUR);
  if (limited) return limited;
  const input = fields(body, ['email', 'password']);
  if (typeof input === 'string') return bad(input);
  const { email = '', password = '' } = input;
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(email)) return bad('email');
  if (!strong(password)) return bad('password');
  count(context, `signup ${client}`);
  const stored = await hash(password, context.cost);
  const known = userBy(context, email);
  const token = randomToken();
  if (!known) {
    const insert = "INSERT INTO users (email, password, name, role, confirmed) VALUES (?, ?, '', 'user', 0)";
    const { lastInsertRowid } = context.db.prepare(insert).run(email, stored);
    context.db.prepare('INSERT INTO tokens VALUES (?, ?, ?)').run(digest(token), lastInsertRowid, context.now() + 24 * HOUR);
  }
  context.outbox.push({ to: email, token: known ? '' : token });
  return accepted;
}

function confirm({ body }: Call, context: Context): Answer {
  const input = fields(body, ['token']);
  if (typeof input === 'string') return bad(input);
  const query = 'DELETE FROM tokens WHERE hash = ? AND expires > ? RETURNING user';
  const found = context.db.prepare(query).get(digest(input['token'] ?? ''), context.now()) as { user: number } | undefined;
  if (!found) return bad('token');
  context.db.prepare('UPDATE users SET confirmed = 1 WHERE id = ?').run(found.user);
  return { status: 204, body: null };
}

async function login({ body, client }: Call, context: Context): Promise<Answer> {
  const input = fields(body, ['email', 'password']);
  if (typeof input === 'string') return bad(input);
  const { email = '', password = '' } = input;
  const keys = [`login ${email}`, `login ${client}`];
  const limited = keys.map((key) => tooMany(context, key, ATTEMPTS, ATTEMPT_WINDOW)).find(Boolean);
  if (limited) return limited;
  const user = userBy(context, email);
  const right = await matches(password, user?.password, context.cost);
  if (!user || !right || user.confirmed !== 1) {
    for (const key of keys) count(context, key);
    return refused;
  }
  const session = randomToken();
  const csrf = randomToken();
  context.db.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?)').run(digest(session), user.id, csrf, context.now() + 12 * HOUR);
  return { status: 200, body: { csrf }, session };
}

function sessionOf(context: Context, session: string | undefined): (User & { csrf: string }) | undefined {
  const query =
    'SELECT users.*, sessions.csrf AS csrf FROM sessions JOIN users ON users.id = sessions.user WHERE sessions.id = ? AND expires > ?';
  return context.db.prepare(query).get(digest(session ?? ''), context.now()) as (User & { csrf: string }) | undefined;
}

function forged({ headers }: Call, csrf: string, origin: string): boolean {
  const given = Buffer.from(headers.csrf ?? '');
  const wanted = Buffer.from(csrf);
  return headers.origin !== origin || given.length !== wanted.length || !timingSafeEqual(given, wanted);
}

function rename(call: Call, context: Context): Answer {
  const user = sessionOf(context, call.headers.session);
  if (!user) return { status: 401, body: null };
  if (forged(call, user.csrf, context.origin)) return { status: 403, body: null };
  const input = fields(call.body, ['name']);
  if (typeof input === 'string') return bad(input);
  context.db.prepare('UPDATE users SET name = ? WHERE id = ?').run(input['name'] ?? '', user.id);
  return { status: 204, body: null };
}

function me({ headers }: Call, context: Context): Answer {
  const user = sessionOf(context, headers.session);
  if (!user) return { status: 401, body: null };
  return { status: 200, body: { email: user.email, name: user.name, role: user.role } };
}

export const routes: Routes = { signup, confirm, login, rename, me };
