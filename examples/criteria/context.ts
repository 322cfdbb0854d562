import { DatabaseSync } from 'node:sqlite';

export interface Message {
  to: string;
  token: string;
}

/** What a sample application is given: its store, its mailbox and a clock that a test can move. */
export interface Context {
  db: DatabaseSync;
  outbox: Message[];
  now: () => number;
  /** Origin that the application is reached at. */
  origin: string;
  /** Work factor of the password hash, as a power of two; tests lower it where the hash is not their subject. */
  cost: number;
}

/** What a route needs of a request, whatever framework received it. */
export interface Call {
  body: unknown;
  headers: { origin?: string | undefined; csrf?: string | undefined; session?: string | undefined };
  client: string;
}

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
  /** Value of the session cookie to set. */
  session?: string;
}

export type Route = (call: Call, context: Context) => Answer | Promise<Answer>;

export interface Routes {
  signup: Route;
  confirm: Route;
  login: Route;
  rename: Route;
  me: Route;
}

export function openStore(): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  db.exec(
    'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, password TEXT, name TEXT, role TEXT, confirmed INTEGER)',
  );
  db.exec('CREATE TABLE tokens (hash TEXT, user INTEGER, expires INTEGER)');
  db.exec('CREATE TABLE sessions (id TEXT, user INTEGER, csrf TEXT, expires INTEGER)');
  db.exec('CREATE TABLE attempts (key TEXT, at INTEGER)');
  return db;
}
