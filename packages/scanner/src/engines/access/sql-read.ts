import { type Statement, splitSql } from './sql-split.ts';

/** What one statement of a migration does, as far as access is concerned. JSON-serialisable. */
export type SqlEvent = { line: number } & (
  | { do: 'table'; table: string; columns: string }
  | { do: 'drop-table'; tables: string[] }
  | { do: 'drop-schema'; schemas: string[] }
  | { do: 'rename'; table: string; to: string }
  | { do: 'rls'; table: string; on: boolean }
  | { do: 'rls-all'; except?: string[] }
  | {
      do: 'policy';
      table: string;
      name: string;
      command: string;
      roles: string[];
      restrictive: boolean;
      using?: string;
      check?: string;
    }
  | {
      do: 'alter-policy';
      table: string;
      name: string;
      roles?: string[];
      using?: string;
      check?: string;
      rename?: string;
    }
  | { do: 'drop-policy'; table: string; name: string }
  | { do: 'view'; name: string; invoker: boolean; body: string; materialized: boolean }
  | { do: 'alter-view'; name: string; invoker?: boolean; rename?: string }
  | { do: 'drop-view'; names: string[] }
  | { do: 'function'; name: string; definer: boolean; searchPath: boolean; trigger: boolean; body: string }
  | { do: 'alter-function'; name: string; searchPath?: boolean; definer?: boolean; rename?: string }
  | { do: 'drop-function'; names: string[] }
  | { do: 'grant' | 'revoke'; rights: string; on: string; roles: string[] }
  | { do: 'trigger'; function?: string }
  | { do: 'bucket'; id: string; open: boolean; limited: boolean; typed: boolean; keep?: boolean }
  | { do: 'drop-bucket'; ids: string[] }
);

const NAME = String.raw`((?:"[^"]+"|[\w$]+)(?:\s*\.\s*(?:"[^"]+"|[\w$]+))?)`;
const re = (source: string) => new RegExp(source.replaceAll('NAME', NAME).replaceAll(' ', String.raw`\s+`), 'is');

const CREATE_TABLE = re(
  String.raw`^create (?:unlogged )?(?:table)(?: if not exists)? NAME\s*(?:\(|(?=as\b|partition\b|with\b|using\b))`,
);
const DROP_SCHEMA = re('^drop schema(?: if exists)? (.+?)(?: cascade| restrict)?$');
const DROP_TABLE = re('^drop table(?: if exists)? (.+?)(?: cascade| restrict)?$');
const ALTER_TABLE = re('^alter table(?: if exists)?(?: only)? NAME (.*)$');
const POLICY = re(String.raw`^create policy ("[^"]+"|\w+) on NAME(.*)$`);
const ALTER_POLICY = re(String.raw`^alter policy ("[^"]+"|\w+) on NAME(.*)$`);
const DROP_POLICY = re(String.raw`^drop policy(?: if exists)? ("[^"]+"|\w+) on NAME`);
const VIEW = re(String.raw`^create(?: or replace)?( materialized)? view(?: if not exists)? NAME(.*?)\bas (.*)$`);
const ALTER_VIEW = re(String.raw`^alter(?: materialized)? view(?: if exists)? NAME (set|reset|rename to)\s*(.*)$`);
const DROP_VIEW = re('^drop(?: materialized)? view(?: if exists)? (.+?)(?: cascade| restrict)?$');
const FUNCTION = re(String.raw`^create(?: or replace)? function NAME\s*\((.*)$`);
const ALTER_FUNCTION = re('^alter function NAME(.*)$');
const DROP_FUNCTION = re('^drop function(?: if exists)? (.+?)(?: cascade| restrict)?$');
const TRIGGER = re(
  String.raw`^create(?: or replace)?(?: constraint| event)? trigger\b.*\bexecute (?:function|procedure) NAME`,
);
const GRANT = re(
  '^(grant|revoke)(?: grant option for)? (.+?) on (.+?) (?:to|from) (.+?)(?: with grant option| cascade| restrict)?$',
);
const BUCKET = /^insert\s+into\s+(?:"?storage"?\.)"?buckets"?\s*\(([^)]*)\)\s*values\s*(.*)$/is;
const BUCKET_DELETE = /^delete\s+from\s+(?:"?storage"?\.)"?buckets"?\s+where\s+"?id"?\s*(?:=|in)(.*)$/is;
const BUCKET_UPDATE = /^update\s+(?:"?storage"?\.)"?buckets"?\s+set\s+(.*)$/is;

const unquote = (name: string): string => (name.startsWith('"') ? name.slice(1, -1) : name.toLowerCase());

/** `public.users` for `users`, `"public"."users"` and `Public.Users`. */
function tableName(name: string, schema = 'public'): string {
  const parts = (name.match(/"[^"]*"|[^\s."]+/g) ?? []).map(unquote);
  return parts.length === 1 ? `${schema}.${parts[0]}` : parts.join('.');
}

/** The text between the parenthesis that follows `word` and the one that closes it. */
function clause(text: string, word: RegExp): string | undefined {
  const found = word.exec(text);
  if (found === null) return undefined;
  const start = text.indexOf('(', found.index + found[0].length - 1);
  let depth = 0;
  for (let i = start; i < text.length && start >= 0; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return text.slice(start + 1, i).trim();
  }
  return undefined;
}

function roles(text: string): string[] {
  return text.split(',').map((role) => unquote(role.trim().replace(/^group\s+/i, '')));
}

function policyParts(rest: string) {
  const head = rest.split(/\b(?:using|with\s+check)\b/i)[0] ?? '';
  const using = clause(rest, /\busing\s*\(/i);
  const check = clause(rest, /\bwith\s+check\s*\(/i);
  const to = /\bto\s+([\w",\s]+)/i.exec(head);
  return {
    command: (/\bfor\s+(select|insert|update|delete|all)\b/i.exec(head)?.[1] ?? 'all').toLowerCase(),
    ...(to?.[1] === undefined ? {} : { roles: roles(to[1]) }),
    restrictive: /\bas\s+restrictive\b/i.test(head),
    ...(using === undefined ? {} : { using }),
    ...(check === undefined ? {} : { check }),
  };
}

type Named = (name: string) => string;
type Reader = (text: string, line: number, named: Named) => SqlEvent | SqlEvent[] | undefined;

const tables: Reader = (text, line, named) => {
  const created = CREATE_TABLE.exec(text);
  if (created?.[1] !== undefined)
    return { line, do: 'table', table: named(created[1]), columns: text.slice(created[0].length) };
  const dropped = DROP_TABLE.exec(text);
  if (dropped?.[1] !== undefined)
    return { line, do: 'drop-table', tables: dropped[1].split(',').map((name) => named(name.trim())) };
  const schemas = DROP_SCHEMA.exec(text)?.[1];
  if (schemas !== undefined)
    return { line, do: 'drop-schema', schemas: schemas.split(',').map((name) => unquote(name.trim())) };
  const altered = ALTER_TABLE.exec(text);
  if (altered?.[1] === undefined) return undefined;
  const table = named(altered[1]);
  const what = altered[2] ?? '';
  const rls = /\b(enable|disable|force)\s+row\s+level\s+security/i.exec(what);
  if (rls?.[1] !== undefined)
    return rls[1].toLowerCase() === 'force'
      ? undefined
      : { line, do: 'rls', table, on: rls[1].toLowerCase() === 'enable' };
  const renamed = /^rename\s+to\s+(.+)$/i.exec(what);
  if (renamed?.[1] !== undefined)
    return { line, do: 'rename', table, to: `${table.split('.')[0]}.${unquote(renamed[1].trim())}` };
  const moved = /^set\s+schema\s+(.+)$/i.exec(what);
  if (moved?.[1] !== undefined)
    return { line, do: 'rename', table, to: `${unquote(moved[1].trim())}.${table.split('.')[1]}` };
  return undefined;
};

const policies: Reader = (text, line, named) => {
  const created = POLICY.exec(text);
  if (created?.[1] !== undefined && created[2] !== undefined)
    return {
      line,
      do: 'policy',
      table: named(created[2]),
      name: unquote(created[1]),
      ...{ roles: ['public'], ...policyParts(created[3] ?? '') },
    };
  const altered = ALTER_POLICY.exec(text);
  if (altered?.[1] !== undefined && altered[2] !== undefined) {
    const { command: _command, restrictive: _restrictive, ...parts } = policyParts(altered[3] ?? '');
    const rename = /\brename\s+to\s+("[^"]+"|\w+)/i.exec(altered[3] ?? '')?.[1];
    return {
      line,
      do: 'alter-policy',
      table: named(altered[2]),
      name: unquote(altered[1]),
      ...parts,
      ...(rename === undefined ? {} : { rename: unquote(rename) }),
    };
  }
  const dropped = DROP_POLICY.exec(text);
  if (dropped?.[1] !== undefined && dropped[2] !== undefined)
    return { line, do: 'drop-policy', table: named(dropped[2]), name: unquote(dropped[1]) };
  return undefined;
};

const INVOKER = /security_invoker(?:\s*=\s*(?:true|on|1|'true'|'on'))?\s*(?:,|\)|$)/i;

const views: Reader = (text, line, named) => {
  const created = VIEW.exec(text);
  if (created?.[2] !== undefined)
    return {
      line,
      do: 'view',
      name: named(created[2]),
      invoker: INVOKER.test(`${created[3] ?? ''}`),
      body: created[4] ?? '',
      materialized: created[1] !== undefined,
    };
  const altered = ALTER_VIEW.exec(text);
  if (altered?.[1] !== undefined) {
    const [, name, how = '', what = ''] = altered;
    const event = { line, do: 'alter-view' as const, name: named(name) };
    if (/^rename/i.test(how)) return { ...event, rename: siblingOf(event.name, what) };
    if (!/security_invoker/i.test(what)) return undefined;
    return { ...event, invoker: /^set/i.test(how) && INVOKER.test(what) };
  }
  const dropped = DROP_VIEW.exec(text);
  return dropped?.[1] === undefined ? undefined : { line, do: 'drop-view', names: dropped[1].split(',').map(named) };
};

/** A new name in the schema of the old one. */
const siblingOf = (name: string, to: string) => `${name.slice(0, name.indexOf('.'))}.${unquote(to.trim())}`;

function alteredFunction(name: string, what: string) {
  const security = /\bsecurity\s+(definer|invoker)\b/i.exec(what)?.[1]?.toLowerCase();
  const path = /\b(set|reset)\s+(?:search_path|all)\b/i.exec(what)?.[1]?.toLowerCase();
  const to = /\brename\s+to\s+("[^"]+"|[\w$]+)/i.exec(what)?.[1];
  return {
    ...(security === undefined ? {} : { definer: security === 'definer' }),
    ...(path === undefined ? {} : { searchPath: path === 'set' }),
    ...(to === undefined ? {} : { rename: siblingOf(name, to) }),
  };
}

const functions: Reader = (text, line, named) => {
  const created = FUNCTION.exec(text);
  if (created?.[1] !== undefined) {
    const outside = text.replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, ' ');
    return {
      line,
      do: 'function',
      name: named(created[1]),
      definer: /\bsecurity\s+definer\b/i.test(outside),
      searchPath: /\bset\s+search_path\b/i.test(outside),
      trigger: /\breturns\s+(event_)?trigger\b/i.test(outside),
      body: text.slice(created[0].indexOf('(')),
    };
  }
  const altered = ALTER_FUNCTION.exec(text);
  if (altered?.[1] !== undefined)
    return {
      line,
      do: 'alter-function',
      name: named(altered[1]),
      ...alteredFunction(named(altered[1]), altered[2] ?? ''),
    };
  const dropped = DROP_FUNCTION.exec(text)?.[1]?.replaceAll(/\([^()]*\)/g, '');
  return dropped === undefined ? undefined : { line, do: 'drop-function', names: dropped.split(',').map(named) };
};

const rights: Reader = (text, line) => {
  const found = GRANT.exec(text);
  if (found?.[1] === undefined) return undefined;
  const [, word, which = '', target = '', who = ''] = found;
  // Arguments of a function hold commas of their own.
  const targets = target.includes('(') ? [target] : target.split(',');
  return targets.map((on) => ({
    line,
    do: word.toLowerCase() === 'grant' ? ('grant' as const) : ('revoke' as const),
    rights: which.toLowerCase(),
    on: on.trim(),
    roles: roles(who),
  }));
};

const buckets: Reader = (text, line) => {
  const inserted = BUCKET.exec(text);
  if (inserted?.[1] !== undefined) {
    const columns = inserted[1].split(',').map((column) => unquote(column.trim()));
    const at = columns.indexOf('public');
    const given = (column: string, values: readonly string[]): boolean =>
      columns.includes(column) && !/^null$/i.test(values[columns.indexOf(column)] ?? 'null');
    const id = columns.indexOf('id');
    const conflict = /\bon\s+conflict\b(.*)$/is.exec(inserted[2] ?? '')?.[1];
    // What is there already stays as it is, unless the conflict sets the column.
    const keep = conflict !== undefined && !/\bset\b[\s\S]*\bpublic\b/i.test(conflict);
    return [...(inserted[2] ?? '').matchAll(/\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g)].flatMap((row) => {
      const values = (row[1] ?? '').split(/,(?![^[(]*[\])])/).map((value) => value.trim());
      if (values.length < 2 || values[id] === undefined) return [];
      return [
        {
          line,
          do: 'bucket' as const,
          id: values[id].replaceAll("'", ''),
          open: at >= 0 && /^(true|'t(rue)?'|1)$/i.test(values[at] ?? ''),
          limited: given('file_size_limit', values),
          typed: given('allowed_mime_types', values),
          ...(keep ? { keep } : {}),
        },
      ];
    });
  }
  const deleted = BUCKET_DELETE.exec(text)?.[1];
  if (deleted !== undefined)
    return { line, do: 'drop-bucket', ids: [...deleted.matchAll(/'([^']*)'/g)].map(([, one = '']) => one) };
  const updated = BUCKET_UPDATE.exec(text);
  const open = /\bpublic\s*=\s*(true|false)/i.exec(updated?.[1] ?? '')?.[1];
  const id = /\bid\s*=\s*'([^']+)'/i.exec(updated?.[1] ?? '')?.[1];
  if (open === undefined) return undefined;
  return { line, do: 'bucket', id: id ?? '*', open: open.toLowerCase() === 'true', limited: true, typed: true };
};

const SWITCHED_ON = re(String.raw`alter table(?: if exists)?(?: only)? (\S+) enable row level security`);

/** A block that switches row level security on: for the tables it names, or for every table it finds. */
const loops: Reader = (text, line, named) => {
  const found = /^do\b/i.test(text) ? SWITCHED_ON.exec(text)?.[1] : undefined;
  if (found === undefined) return undefined;
  const on = (table: string): SqlEvent => ({ line, do: 'rls', table: named(table), on: true });
  if (/^(?:"[^"%]+"|[\w$]+)(?:\.(?:"[^"%]+"|[\w$]+))?$/.test(found)) return on(found);
  const list =
    /\barray\s*\[([^\]]*)\]/i.exec(text)?.[1] ??
    /\b(?:tablename|table_name|relname)\s+in\s*\(([^()]*)\)/i.exec(text)?.[1];
  const names = [...(list ?? '').matchAll(/'([^']+)'/g)].map(([, one = '']) => one);
  const left = /\b(?:tablename|table_name|relname)\s*(?:not\s+in\s*\(([^()]*)\)|(?:<>|!=)\s*('[^']*'))/i.exec(text);
  const except = [...(left?.[1] ?? left?.[2] ?? '').matchAll(/'([^']+)'/g)].map(([, one = '']) => one);
  return names.length === 0
    ? { line, do: 'rls-all', ...(except.length > 0 ? { except } : {}) }
    : names.map((one) => on(one.includes('.') ? one : `"${one}"`));
};

/** What a trigger calls; a block that makes some says not for which functions. */
const triggers: Reader = (text, line, named) => {
  const called = TRIGGER.exec(text)?.[1];
  if (called !== undefined) return { line, do: 'trigger', function: named(called) };
  return /^do\b/i.test(text) && /\bcreate\b[\s\S]*\btrigger\b/i.test(text) ? { line, do: 'trigger' } : undefined;
};

const READERS: readonly Reader[] = [tables, policies, functions, views, rights, buckets, loops, triggers];

function eventsOf({ text, line }: Statement, named: Named): SqlEvent[] {
  for (const read of READERS) {
    const found = read(text, line, named);
    if (found !== undefined) return Array.isArray(found) ? found : [found];
  }
  return [];
}

const SEARCH_PATH = /^(?:set\s+(?:session\s+|local\s+)?search_path\s*(?:=|to)\s*(.*)|reset\s+(?:search_path|all))$/is;

/** The schema that new things go to; `public` where the path says nothing or only leaves room for one. */
function firstSchema(path: string): string {
  const names = path.split(',').map((name) => unquote(name.trim().replaceAll(/^'|'$/g, '')));
  return names.find((name) => name !== '' && name !== '$user' && name !== 'default') ?? 'public';
}

/** Statements that decide who may reach what. */
const DECIDES =
  /^(?:create|alter)\s+policy\b|^alter\s+table\b[\s\S]*\b(?:row\s+level|level\s+security)\b|^(?:grant|revoke)\b[\s\S]*\b(?:anon|authenticated|public)\b/i;
/** Rights that a role hands on to another one are no access to anything by themselves, and defaults are for later. */
const SILENT =
  /^alter\s+default\b|^(?:grant|revoke)\s+[\w"]+(?:\s*,\s*[\w"]+)*\s+(?:to|from)\s|\bforce\s+row\s+level\s+security\b/i;

/** What a migration says, and the lines of what should say something and was not understood. */
export interface SqlRead {
  events: SqlEvent[];
  unread: number[];
}

function isUnread({ text }: Statement, events: readonly SqlEvent[]): boolean {
  if (events.length === 0) return DECIDES.test(text) && !SILENT.test(text);
  const policy = /^(?:create|alter)\s+policy\b/i.test(text);
  // A condition that opens and does not close is none: the policy would be taken for an unconditional one.
  return policy && (text.match(/\(/g)?.length ?? 0) !== (text.match(/\)/g)?.length ?? 0) && !text.includes("'");
}

/** Everything in a migration that has to do with access, in order. */
export function readSql(sql: string): SqlRead {
  const { statements, unended } = splitSql(sql);
  const read: SqlRead = { events: [], unread: [] };
  const named = namer();
  for (const statement of statements) {
    const events = named(statement);
    if (isUnread(statement, events)) read.unread.push(statement.line);
    read.events.push(...events);
  }
  if (unended !== undefined) read.unread.push(unended);
  return read;
}

/** Reads one statement after another; a path that one of them sets counts for those behind it. */
function namer(): (statement: Statement) => SqlEvent[] {
  let schema = 'public';
  const made = new Set<string>();
  return (statement) => {
    const path = SEARCH_PATH.exec(statement.text);
    if (path) {
      schema = firstSchema(path[1] ?? '');
      return [];
    }
    const creates = /^create\b(?!\s+policy)/i.test(statement.text);
    // What this script did not make in the schema of its path may be further along the path.
    return eventsOf(statement, (name) => {
      const here = tableName(name, schema);
      if (creates) made.add(here);
      return creates || made.has(here) ? here : tableName(name);
    });
  };
}
