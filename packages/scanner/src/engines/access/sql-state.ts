import type { SqlEvent } from './sql-read.ts';

/** Where something was last written. */
interface Place {
  file: string;
  line: number;
}
export interface Table extends Place {
  name: string;
  columns: string;
  rls: boolean;
  /** Where row level security was switched off again. */
  off: Place | undefined;
}
export interface Policy extends Place {
  table: string;
  name: string;
  command: string;
  roles: string[];
  restrictive: boolean;
  using: string | undefined;
  check: string | undefined;
}
export interface View extends Place {
  name: string;
  invoker: boolean;
  body: string;
  materialized: boolean;
}
export interface SqlFunction extends Place {
  name: string;
  definer: boolean;
  searchPath: boolean;
  trigger: boolean;
  body: string;
  /** Roles that may no longer call it. */
  revoked: Set<string>;
}
export interface Grant extends Place {
  rights: string;
  on: string;
  roles: string[];
}
export interface Bucket extends Place {
  id: string;
  open: boolean;
  limited: boolean;
  typed: boolean;
}

/** What the database looks like after all migrations. */
export interface Database {
  tables: Map<string, Table>;
  policies: Map<string, Policy>;
  views: Map<string, View>;
  functions: Map<string, SqlFunction>;
  grants: Grant[];
  buckets: Map<string, Bucket>;
  /** Functions that triggers call; `*` where a block makes some. */
  triggered: Set<string>;
  /** The project speaks of row level security at all. */
  usesRls: boolean;
  /** Tables are reached over the network without a server of the project's own. */
  supabase: boolean;
}

const key = (table: string, name: string): string => `${table}#${name}`;

type Apply = { [K in SqlEvent['do']]: (db: Database, event: Extract<SqlEvent, { do: K }>, at: Place) => void };

const TABLE_RIGHTS = ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'];

/** One spelling for `t`, `T` and `"public".t`. */
const objectOf = (on: string) =>
  on
    .toLowerCase()
    .replaceAll('"', '')
    .replace(/^public\./, '');

/** What is left of a grant: all of it for other roles, and for the named ones the rights that were not taken. */
function without(grant: Grant, { rights, roles }: { rights: string; roles: string[] }): Grant[] {
  const others = grant.roles.filter((role) => !roles.includes(role));
  const named = grant.roles.filter((role) => roles.includes(role));
  const list = (text: string) => text.split(',').map((right) => right.trim());
  const had = /^all\b/.test(grant.rights) ? TABLE_RIGHTS : list(grant.rights);
  const left = /^all\b/.test(rights) ? [] : had.filter((right) => !list(rights).includes(right));
  return [
    ...(others.length > 0 ? [{ ...grant, roles: others }] : []),
    ...(named.length > 0 && left.length > 0 ? [{ ...grant, roles: named, rights: left.join(', ') }] : []),
  ];
}

function changeGrant(db: Database, event: Extract<SqlEvent, { do: 'grant' | 'revoke' }>, at: Place): void {
  const on = event.on.replace(/^(table|function)\s+/i, '').trim();
  if (event.do === 'grant') {
    db.grants.push({ ...at, rights: event.rights, on, roles: event.roles });
    return;
  }
  db.grants = db.grants.flatMap((grant) => (objectOf(grant.on) === objectOf(on) ? without(grant, event) : grant));
  const name = on.replace(/\(.*$/s, '').trim().toLowerCase();
  for (const fn of db.functions.values())
    if (/^all\s+functions/i.test(on) || fn.name === name || fn.name === `public.${name}`)
      for (const role of event.roles) fn.revoked.add(role);
}

const APPLY: Apply = {
  table(db, event, at) {
    if (!db.tables.has(event.table))
      db.tables.set(event.table, { ...at, name: event.table, columns: event.columns, rls: false, off: undefined });
  },
  'drop-table'(db, event) {
    for (const table of event.tables) {
      db.tables.delete(table);
      for (const [id, policy] of db.policies) if (policy.table === table) db.policies.delete(id);
    }
  },
  'drop-schema'(db, { schemas }) {
    const gone = (name: string) => schemas.includes(name.slice(0, name.indexOf('.')));
    for (const map of [db.tables, db.views, db.functions])
      for (const name of [...map.keys()]) if (gone(name)) map.delete(name);
    for (const [id, policy] of [...db.policies]) if (gone(policy.table)) db.policies.delete(id);
  },
  rename(db, event) {
    const table = db.tables.get(event.table);
    if (table === undefined) return;
    db.tables.delete(event.table);
    db.tables.set(event.to, { ...table, name: event.to });
    for (const [id, policy] of [...db.policies])
      if (policy.table === event.table) {
        db.policies.delete(id);
        db.policies.set(key(event.to, policy.name), { ...policy, table: event.to });
      }
  },
  rls(db, event, at) {
    db.usesRls = true;
    const table = db.tables.get(event.table);
    if (table === undefined) return;
    table.rls = event.on;
    table.off = event.on ? undefined : at;
  },
  'rls-all'(db, { except = [] }) {
    db.usesRls = true;
    for (const table of db.tables.values())
      if (!except.includes(table.name.slice(table.name.indexOf('.') + 1))) table.rls = true;
  },
  policy(db, event, at) {
    db.usesRls = true;
    const { line: _line, do: _do, ...policy } = event;
    db.policies.set(key(event.table, event.name), { ...policy, using: event.using, check: event.check, ...at });
  },
  'alter-policy'(db, event, at) {
    const policy = db.policies.get(key(event.table, event.name));
    if (policy === undefined) return;
    db.policies.delete(key(event.table, event.name));
    const name = event.rename ?? event.name;
    db.policies.set(key(event.table, name), {
      ...policy,
      name,
      roles: event.roles ?? policy.roles,
      using: event.using ?? policy.using,
      check: event.check ?? policy.check,
      ...(event.rename === undefined ? at : {}),
    });
  },
  'drop-policy'(db, event) {
    db.policies.delete(key(event.table, event.name));
  },
  view(db, event, at) {
    const { line: _line, do: _do, ...view } = event;
    db.views.set(event.name, { ...view, ...at });
  },
  'alter-view'(db, event) {
    const view = db.views.get(event.name);
    if (view === undefined) return;
    if (event.invoker !== undefined) view.invoker = event.invoker;
    if (event.rename === undefined) return;
    db.views.delete(event.name);
    db.views.set(event.rename, { ...view, name: event.rename });
  },
  'drop-view'(db, event) {
    for (const name of event.names) db.views.delete(name);
  },
  function(db, event, at) {
    const { line: _line, do: _do, ...fn } = event;
    db.functions.set(event.name, { ...fn, ...at, revoked: db.functions.get(event.name)?.revoked ?? new Set() });
  },
  'alter-function'(db, event) {
    const fn = db.functions.get(event.name);
    if (fn === undefined) return;
    fn.searchPath = event.searchPath ?? fn.searchPath;
    fn.definer = event.definer ?? fn.definer;
    if (event.rename === undefined) return;
    db.functions.delete(event.name);
    db.functions.set(event.rename, { ...fn, name: event.rename });
  },
  'drop-function'(db, event) {
    for (const name of event.names) db.functions.delete(name);
  },
  trigger(db, event) {
    db.triggered.add(event.function ?? '*');
  },
  grant: changeGrant,
  revoke: changeGrant,
  bucket(db, event, at) {
    if (event.id === '*') for (const bucket of db.buckets.values()) bucket.open = event.open;
    else if (!event.keep || !db.buckets.has(event.id))
      db.buckets.set(event.id, { ...at, id: event.id, open: event.open, limited: event.limited, typed: event.typed });
  },
  'drop-bucket'(db, event) {
    for (const id of event.ids) db.buckets.delete(id);
  },
};

/** Replays migrations in the order of their paths; a later one that closes what an earlier one opened counts. */
export function replay(files: readonly { file: string; events: readonly SqlEvent[] }[]): Database {
  const db: Database = {
    tables: new Map(),
    policies: new Map(),
    views: new Map(),
    functions: new Map(),
    grants: [],
    buckets: new Map(),
    triggered: new Set(),
    usesRls: false,
    supabase: false,
  };
  for (const { file, events } of files)
    for (const event of events)
      (APPLY[event.do] as (db: Database, event: SqlEvent, at: Place) => void)(db, event, { file, line: event.line });
  return db;
}
