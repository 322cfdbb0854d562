// The replay of migrations is compared with what PostgreSQL itself says after running them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import { readSql } from './sql-read.ts';
import { replay } from './sql-state.ts';
import { normal } from './subjects.ts';

/** As much of Supabase as migrations lean on. */
const prelude = `
  create role anon; create role authenticated; create role service_role;
  create schema auth; create schema storage; create schema private;
  create table auth.users (id uuid primary key);
  create function auth.uid() returns uuid language sql stable as 'select null::uuid';
  create table storage.buckets (id text primary key, name text, public boolean default false);
`;

/** Each is a project's migrations in order. */
const histories: Record<string, string[]> = {
  'switched on by a later migration': [
    'create table notes (id int, owner uuid); create table logs (id int);',
    'alter table only public.notes enable row level security, force row level security; create policy "own" on notes for select to authenticated using (owner = auth.uid());',
  ],
  'made once more if it is not there': [
    'create table notes (id int); alter table notes enable row level security;',
    'create table if not exists notes (id int, more text);',
  ],
  'dropped and made again': [
    'create table notes (id int); alter table notes enable row level security; create policy p on notes using (true);',
    'drop table if exists notes cascade; create table notes (id int);',
  ],
  'renamed with its policies': [
    'create table notes (id int); alter table notes enable row level security; create policy p on notes for select using (true);',
    'alter table notes rename to "Memos"; alter policy p on "Memos" rename to "read all"; create policy q on "Memos" for insert with check (id > 0);',
    'drop policy if exists "read all" on public."Memos";',
  ],
  'copied and made from a query': [
    'create table notes (id int, owner uuid); alter table notes enable row level security;',
    'create table copy (like notes including all); create table archive as select * from notes; create table if not exists old as table notes;',
  ],
  'partitions are tables of their own': [
    'create table events (id int, day date) partition by range (day); alter table events enable row level security;',
    "create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');",
  ],
  'in another schema': [
    'create table notes (id int); create table public.open (id int);',
    'alter table notes set schema private; create table private.more (id int);',
    'set search_path to private, public; create table hidden (id int); create policy p on hidden using (true); reset search_path; create table shown (id int);',
  ],
  'a schema dropped whole': [
    'create schema app; create table app.notes (id int); create view app.v as select 1 as one; create table notes (id int);',
    'drop schema if exists app cascade;',
  ],
  'a block over some tables': [
    'create table a (id int); create table b (id int); create table c (id int);',
    "do $$ declare t text; begin foreach t in array array['a', 'b'] loop execute format('alter table public.%I enable row level security', t); end loop; end $$;",
  ],
  'a block over all tables': [
    'create table a (id int); create table b (id int);',
    "do $$ declare t record; begin for t in select tablename from pg_tables where schemaname = 'public' loop execute format('alter table %I enable row level security', t.tablename); end loop; end $$;",
    'create table c (id int);',
  ],
  'a block over all tables but some': [
    'create table a (id int); create table b (id int); create table c (id int);',
    "do $$ declare t record; begin for t in select tablename from pg_tables where schemaname = 'public' and tablename not in ('a', 'c') loop execute format('alter table %I enable row level security', t.tablename); end loop; end $$;",
    'do $$ begin if true then alter table public.c enable row level security; end if; end $$;',
  ],
  'rights given and taken': [
    'create table a (id int); create table b (id int); create table c (id int); grant all on a to anon, authenticated; grant select, insert on table b, c to anon; grant all privileges on public.c to authenticated;',
    'revoke delete, truncate on public.a from anon; revoke insert on b from anon, authenticated; revoke all on table c from anon;',
  ],
  'switched off among other changes': [
    'create table notes (id int); alter table notes enable row level security;',
    'alter table notes add column more text, disable row level security;',
  ],
  'policies changed piece by piece': [
    'create table notes (id int, owner uuid); alter table notes enable row level security; create policy Everyone on notes as permissive for all to public using (true) with check (true);',
    'alter policy everyone on notes to authenticated; alter policy everyone on notes using (owner = auth.uid()); create policy r on notes as restrictive for delete to anon, authenticated using (false);',
  ],
  'comments and strings that look like statements': [
    "create table notes (id int, t text default E'it\\'s; drop table notes;'); /* outer /* inner */ alter table notes enable row level security; */ comment on table notes is 'x; alter table notes enable row level security;'; -- alter table notes enable row level security;\ncreate table \"odd.name\" (id int); create table more (id int);",
  ],
  'views and their options': [
    'create table notes (id int); create view a with (security_invoker = true) as select * from notes; create view b as select * from notes; create view c as select * from notes; create materialized view m as select * from notes;',
    'create or replace view a as select * from notes; alter view b set (security_invoker = on); alter view c rename to d; create view e with (security_invoker) as select 1 as one; create view f as select 1 as one;',
    'alter view b reset (security_invoker); drop view e, f;',
  ],
  'functions and what is set on them': [
    "create function f() returns int language sql security definer as 'select 1'; create function g() returns int language sql as 'select 1'; create function h() returns int language sql security definer set search_path = '' as 'select 1'; create function i() returns int language sql as 'select 1'; create function j() returns int language sql as 'select 1';",
    "alter function f() set search_path = public; alter function g() security definer; create or replace function h() returns int language sql as 'select 2'; alter function i() rename to k; drop function if exists i(), j();",
  ],
  'buckets opened and closed': [
    "insert into storage.buckets (id, name, public) values ('a', 'a', true), ('b', 'b', false), ('c', 'c', true);",
    "update storage.buckets set public = false where id = 'a'; insert into storage.buckets (id, name, public) values ('b', 'b', true) on conflict (id) do update set public = excluded.public; delete from storage.buckets where id = 'c'; insert into storage.buckets (id, name, public) values ('b', 'b', false) on conflict (id) do nothing;",
  ],
};

interface Seen {
  tables: string[];
  policies: string[];
  views: string[];
  functions: string[];
  buckets: string[];
  grants: string[];
}
const own = (name: string) => !/^(?:auth|storage)\./.test(name);
const open = (condition: string | null | undefined) =>
  condition === null || condition === undefined ? '-' : normal(condition) === 'true' ? 'open' : 'some';

const rightsOf = (rights: string) =>
  /^all\b/.test(rights)
    ? ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']
    : rights.split(',').map((right) => right.trim());

function replayed(migrations: readonly string[]): Seen {
  const db = replay(migrations.map((sql, index) => ({ file: `${index}.sql`, events: readSql(sql).events })));
  const list = <T>(values: Iterable<T>, show: (value: T) => string) => [...values].map(show).sort();
  return {
    tables: list(db.tables.values(), ({ name, rls }) => `${name} ${rls}`),
    policies: list(
      db.policies.values(),
      (one) =>
        `${one.table}#${one.name} ${one.command} ${[...one.roles].sort()} ${one.restrictive} ${open(one.using)} ${open(one.check)}`,
    ),
    views: list(db.views.values(), ({ name, invoker, materialized }) => `${name} ${invoker} ${materialized}`),
    functions: list(db.functions.values(), ({ name, definer, searchPath }) => `${name} ${definer} ${searchPath}`),
    grants: db.grants
      .flatMap(({ on, rights, roles }) =>
        roles.flatMap((role) => rightsOf(rights).map((right) => `${on.replace(/^public\./, '')} ${role} ${right}`)),
      )
      .sort(),
    buckets: list(db.buckets.values(), (bucket) => `${bucket.id} ${bucket.open}`),
  };
}

const questions: Record<keyof Seen, string> = {
  tables: `select n.nspname || '.' || c.relname || ' ' || c.relrowsecurity as line from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')`,
  policies: `select schemaname || '.' || tablename || '#' || policyname as name, lower(cmd) as cmd, array_to_json(roles)::text as roles, permissive, qual, with_check from pg_policies`,
  views: `select n.nspname || '.' || c.relname || ' ' || coalesce((select bool_or(o.option_value::boolean) from pg_options_to_table(c.reloptions) o where o.option_name = 'security_invoker'), false) || ' ' || (c.relkind = 'm') as line from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('v', 'm') and n.nspname not in ('pg_catalog', 'information_schema')`,
  functions: `select n.nspname || '.' || p.proname || ' ' || p.prosecdef || ' ' || coalesce(p.proconfig::text like '%search_path%', false) as line from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname not in ('pg_catalog', 'information_schema')`,
  grants: `select table_name || ' ' || grantee || ' ' || lower(privilege_type) as line from information_schema.role_table_grants where grantee in ('anon', 'authenticated')`,
  buckets: `select id || ' ' || public as line from storage.buckets`,
};

interface Row {
  line?: string;
  name: string;
  cmd: string;
  roles: string;
  permissive: string;
  qual: string | null;
  with_check: string | null;
}
const lineOf = (row: Row) =>
  row.line ??
  `${row.name} ${row.cmd} ${(JSON.parse(row.roles) as string[]).sort()} ${row.permissive === 'RESTRICTIVE'} ${open(row.qual)} ${open(row.with_check)}`;

async function real(postgres: PGlite, migrations: readonly string[]): Promise<Seen> {
  const seen: Seen = { tables: [], policies: [], views: [], functions: [], buckets: [], grants: [] };
  // All of it is undone at the end, so that one server serves all histories.
  await postgres.exec('begin');
  try {
    for (const sql of migrations) {
      await postgres.exec(sql);
      await postgres.exec('reset search_path');
    }
    for (const kind of Object.keys(questions) as (keyof Seen)[]) {
      const { rows } = await postgres.query<Row>(questions[kind]);
      seen[kind] = rows.map(lineOf).filter(own).sort();
    }
  } finally {
    await postgres.exec('rollback');
  }
  return seen;
}

const server = PGlite.create();
after(async () => (await server).close());

for (const [name, migrations] of Object.entries(histories))
  test(`PostgreSQL and the replay agree: ${name}`, async () => {
    const postgres = await server;
    const { rows } = await postgres.query("select 1 from pg_roles where rolname = 'anon'");
    if (rows.length === 0) await postgres.exec(prelude);
    assert.deepEqual(replayed(migrations), await real(postgres, migrations));
  });
