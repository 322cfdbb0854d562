import { asksCaller, standingOf } from './peers.ts';
import type { Database, SqlFunction } from './sql-state.ts';

/** One thing that access rules ask about, as plain fields. */
export interface Subject {
  on: 'table' | 'policy' | 'view' | 'function' | 'grant' | 'bucket' | 'allow' | 'realtime';
  file: string;
  line: number;
  /** What messages call it. */
  name: string;
  fields: Record<string, string | boolean>;
}

/** A condition in one form: lower case, single spaces, without parentheses around all of it. */
export function normal(condition: string | undefined): string {
  let text = (condition ?? '').toLowerCase().replaceAll(/\s+/g, ' ').trim();
  while (text.startsWith('(') && closesAtEnd(text)) text = text.slice(1, -1).trim();
  return text;
}

function closesAtEnd(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i === text.length - 1;
  }
  return false;
}

const OPEN = /^(true|1 ?= ?1|'t'|not false|true::boolean)$/;

function schemaOf(name: string): string {
  return name.slice(0, name.indexOf('.'));
}

/** Every table is reached by its rules alone in Supabase; elsewhere that is so where nearly all tables have some. */
function needsRls(db: Database): boolean {
  if (!db.usesRls || db.supabase) return db.usesRls;
  const all = [...db.tables.values()];
  return all.filter(({ rls }) => rls).length / all.length >= 0.6;
}

function tables(db: Database): Subject[] {
  const usesRls = needsRls(db);
  return [...db.tables.values()].map((table) => ({
    on: 'table',
    file: table.off?.file ?? table.file,
    line: table.off?.line ?? table.line,
    name: table.name,
    fields: {
      table: table.name,
      schema: schemaOf(table.name),
      rls: table.rls,
      disabled: table.off !== undefined,
      columns: table.columns.toLowerCase(),
      policies: [...db.policies.values()].some((policy) => policy.table === table.name),
      usesRls,
    },
  }));
}

function policies(db: Database): Subject[] {
  return [...db.policies.values()].map((policy) => {
    const using = normal(policy.using);
    const check = normal(policy.check);
    const table = db.tables.get(policy.table);
    const writes = policy.command !== 'select';
    // An update or `for all` policy without `with check` uses its `using` for the new row, too.
    const deciding = policy.command === 'insert' ? check : `${using} ${check}`.trim();
    return {
      on: 'policy',
      file: policy.file,
      line: policy.line,
      name: `${policy.name} on ${policy.table}`,
      fields: {
        table: policy.table,
        title: policy.name.toLowerCase().replaceAll(/[_-]/g, ' '),
        schema: schemaOf(policy.table),
        command: policy.command,
        roles: policy.roles.join(','),
        restrictive: policy.restrictive,
        using,
        check,
        condition: deciding,
        writes,
        openRead: (policy.command === 'select' || policy.command === 'all') && OPEN.test(using),
        openWrite:
          writes &&
          (OPEN.test(using) || OPEN.test(check)) &&
          !(policy.command === 'insert' && check !== '' && !OPEN.test(check)),
        columns: table?.columns.toLowerCase() ?? '',
        rls: table?.rls ?? true,
        known: table !== undefined,
        ...standingOf(db, policy),
      },
    };
  });
}

const isRevoked = ({ revoked }: SqlFunction): boolean =>
  revoked.has('anon') || revoked.has('public') || revoked.has('authenticated');

/** Whether a grant is on this function. */
function isOf(on: string, { name }: SqlFunction): boolean {
  const bare = on
    .toLowerCase()
    .replace(/^function\s+/, '')
    .replace(/\(.*$/s, '')
    .trim();
  return bare === name || `public.${bare}` === name;
}

function others(db: Database): Subject[] {
  const views = [...db.views.values()].map(
    (view): Subject => ({
      on: 'view',
      file: view.file,
      line: view.line,
      name: view.name,
      fields: {
        schema: schemaOf(view.name),
        invoker: view.invoker,
        materialized: view.materialized,
        body: view.body.toLowerCase(),
        usesRls: db.usesRls,
      },
    }),
  );
  const revoked = [...db.functions.values()].filter((fn) => fn.definer && !fn.trigger && isRevoked(fn));
  const functions = [...db.functions.values()].map(
    (fn): Subject => ({
      on: 'function',
      file: fn.file,
      line: fn.line,
      name: fn.name,
      fields: {
        schema: schemaOf(fn.name),
        definer: fn.definer,
        searchPath: fn.searchPath,
        trigger: fn.trigger,
        body: fn.body.toLowerCase(),
        revoked: isRevoked(fn),
        handedOut: db.grants.some(({ on, roles }) => roles.includes('authenticated') && isOf(on, fn)),
        asks: asksCaller(db, fn.body),
        attached: db.triggered.has(fn.name) || db.triggered.has('*'),
        otherTriggers: db.triggered.size > 0,
        othersRevoked: revoked.some((each) => each !== fn),
        usesRls: db.usesRls,
      },
    }),
  );
  const grants = db.grants.map(
    (grant): Subject => ({
      on: 'grant',
      file: grant.file,
      line: grant.line,
      name: grant.on,
      fields: {
        rights: grant.rights,
        object: grant.on.toLowerCase(),
        roles: grant.roles.join(','),
        rls:
          db.tables.get(grant.on.includes('.') ? grant.on.toLowerCase() : `public.${grant.on.toLowerCase()}`)?.rls ??
          false,
        usesRls: db.usesRls,
      },
    }),
  );
  const all = [...db.buckets.values()];
  const buckets = all.map(
    (bucket): Subject => ({
      on: 'bucket',
      file: bucket.file,
      line: bucket.line,
      name: bucket.id,
      fields: {
        open: bucket.open,
        id: bucket.id,
        unlimited: !bucket.limited && all.some(({ limited }) => limited),
        untyped: !bucket.typed && all.some(({ typed }) => typed),
      },
    }),
  );
  return [...views, ...functions, ...grants, ...buckets];
}

export function databaseSubjects(db: Database): Subject[] {
  return [...tables(db), ...policies(db), ...others(db)];
}
