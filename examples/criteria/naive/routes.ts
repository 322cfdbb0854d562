// What «Users can create accounts» becomes when nobody asks for more. Every hole here is on purpose: see ../README.md.
import { createHash } from 'node:crypto';
import type { Context, Routes } from '../context.ts';

interface Body {
  email: string;
  password: string;
  name: string;
  role?: string;
}

interface User {
  id: number;
  email: string;
  name: string;
  role: string;
}

function find(context: Context, email: string): User | undefined {
  return context.db.prepare(`SELECT * FROM users WHERE email = '${email}'`).get() as User | undefined;
}

export const routes: Routes = {
  signup: ({ body }, context) => {
    const { email, password, role } = body as Body;
    if (find(context, email)) return { status: 409, body: { error: 'this address has an account already' } };
    context.db.exec(
      `INSERT INTO users (email, password, name, role, confirmed) VALUES ('${email}', '${password}', '', '${role ?? 'user'}', 1)`,
    );
    return { status: 201, body: { email } };
  },
  confirm: () => ({ status: 204, body: null }),
  login: ({ body }, context) => {
    const { email, password } = body as Body;
    const query = `SELECT * FROM users WHERE email = '${email}' AND password = '${password}'`;
    const user = context.db.prepare(query).get() as User | undefined;
    if (!user) return { status: 401, body: { error: find(context, email) ? 'wrong password' : 'no such account' } };
    const session = createHash('sha1').update(password).digest('hex');
    context.db.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?)').run(session, user.id, '', 0);
    return { status: 200, body: { email: user.email }, session };
  },
  rename: ({ body, headers }, context) => {
    const user = userOf(context, headers.session);
    if (!user) return { status: 401, body: null };
    context.db.prepare('UPDATE users SET name = ? WHERE id = ?').run((body as Body).name, user.id);
    return { status: 204, body: null };
  },
  me: ({ headers }, context) => {
    const user = userOf(context, headers.session);
    return user ? { status: 200, body: { email: user.email, name: user.name, role: user.role } } : { status: 401, body: null };
  },
};

function userOf(context: Context, session: string | undefined): User | undefined {
  const query = 'SELECT users.* FROM sessions JOIN users ON users.id = sessions.user WHERE sessions.id = ?';
  return context.db.prepare(query).get(session ?? '') as User | undefined;
}
