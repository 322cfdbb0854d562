import { type Statement, splitSql } from './sql-split.ts';

/** What one statement of a migration does, as far as access is concerned. JSON-serialisable. */
export type SqlEvent = { line: number } & (
  | { do: 'table'; table: string; columns: string }
  | { do: 'drop-table'; tables: string[] }
  | { do: 'rename'; table: string; to: string }
  | { do: 'rls'; table: string; on: boolean }
  | { do: 'rls-all' }
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
  | { do: 'alter-view'; name: string; invoker: boolean }
  | { do: 'drop-view'; name: string }
  | { do: 'function'; name: string; definer: boolean; searchPath: boolean; trigger: boolean; body: string }
  | { do: 'alter-function'; name: string; searchPath: boolean; invoker: boolean }
  | { do: 'drop-function'; name: string }
  | { do: 'grant' | 'revoke'; rights: string; on: string; roles: string[] }
  | { do: 'bucket'; id: string; open: boolean }
);

const NAME = String.raw`((?:"[^"]+"|[\w$]+)(?:\s*\.\s*(?:"[^"]+"|[\w$]+))?)`;
const re = (source: string) => new RegExp(source.replaceAll('NAME', NAME).replaceAll(' ', String.raw`\s+`), 'is');

const CREATE_TABLE = re(String.raw`^create (?:unlogged )?(?:table)(?: if not exists)? NAME\s*\(`);
const DROP_TABLE = re('^drop table(?: if exists)? (.+?)(?: cascade| restrict)?$');
const ALTER_TABLE = re('^alter table(?: if exists)?(?: only)? NAME (.*)$');
const POLICY = re(String.raw`^create policy ("[^"]+"|\w+) on NAME(.*)$`);
const ALTER_POLICY = re(String.raw`^alter policy ("[^"]+"|\w+) on NAME(.*)$`);
const DROP_POLICY = re(String.raw`^drop policy(?: if exists)? ("[^"]+"|\w+) on NAME`);
const VIEW = re(String.raw`^create(?: or replace)?( materialized)? view(?: if not exists)? NAME(.*?)\bas (.*)$`);
const ALTER_VIEW = re(String.raw`^alter view(?: if exists)? NAME set\s*\((.*)\)`);
const DROP_VIEW = re('^drop(?: materialized)? view(?: if exists)? NAME');
const FUNCTION = re(String.raw`^create(?: or replace)? function NAME\s*\((.*)$`);
const ALTER_FUNCTION = re('^alter function NAME(.*)$');
const DROP_FUNCTION = re('^drop function(?: if exists)? NAME');
const GRANT = re(
  '^(grant|revoke)(?: grant option for)? (.+?) on (.+?) (?:to|from) (.+?)(?: with grant option| cascade| restrict)?$',
);
const BUCKET = /^insert\s+into\s+(?:"?storage"?\.)"?buckets"?\s*\(([^)]*)\)\s*values\s*(.*)$/is;
const BUCKET_UPDATE = /^update\s+(?:"?storage"?\.)"?buckets"?\s+set\s+(.*)$/is;

/** `public.users` for `users`, `"public"."users"` and `Public.Users`. */
export function tableName(name: string): string {
  const parts = name.split('.').map((part) => {
    const trimmed = part.trim();
    return trimmed.startsWith('"') ? trimmed.slice(1, -1) : trimmed.toLowerCase();
  });
  return parts.length === 1 ? `public.${parts[0]}` : parts.join('.');
}

const unquote = (name: string): string => (name.startsWith('"') ? name.slice(1, -1) : name.toLowerCase());

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

type Reader = (text: string, line: number) => SqlEvent | SqlEvent[] | undefined;

const tables: Reader = (text, line) => {
  const created = CREATE_TABLE.exec(text);
  if (created?.[1] !== undefined)
    return { line, do: 'table', table: tableName(created[1]), columns: text.slice(created[0].length) };
  const dropped = DROP_TABLE.exec(text);
  if (dropped?.[1] !== undefined) return { line, do: 'drop-table', tables: dropped[1].split(',').map(tableName) };
  const altered = ALTER_TABLE.exec(text);
  if (altered?.[1] === undefined) return undefined;
  const table = tableName(altered[1]);
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

const policies: Reader = (text, line) => {
  const created = POLICY.exec(text);
  if (created?.[1] !== undefined && created[2] !== undefined)
    return {
      line,
      do: 'policy',
      table: tableName(created[2]),
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
      table: tableName(altered[2]),
      name: unquote(altered[1]),
      ...parts,
      ...(rename === undefined ? {} : { rename: unquote(rename) }),
    };
  }
  const dropped = DROP_POLICY.exec(text);
  if (dropped?.[1] !== undefined && dropped[2] !== undefined)
    return { line, do: 'drop-policy', table: tableName(dropped[2]), name: unquote(dropped[1]) };
  return undefined;
};

const INVOKER = /security_invoker\s*(=\s*(true|on|1|'true'|'on'))?\s*(,|\)|$)/i;

const views: Reader = (text, line) => {
  const created = VIEW.exec(text);
  if (created?.[2] !== undefined)
    return {
      line,
      do: 'view',
      name: tableName(created[2]),
      invoker: INVOKER.test(`${created[3] ?? ''}`),
      body: created[4] ?? '',
      materialized: created[1] !== undefined,
    };
  const altered = ALTER_VIEW.exec(text);
  if (altered?.[1] !== undefined)
    return { line, do: 'alter-view', name: tableName(altered[1]), invoker: INVOKER.test(altered[2] ?? '') };
  const dropped = DROP_VIEW.exec(text);
  return dropped?.[1] === undefined ? undefined : { line, do: 'drop-view', name: tableName(dropped[1]) };
};

const functions: Reader = (text, line) => {
  const created = FUNCTION.exec(text);
  if (created?.[1] !== undefined) {
    const outside = text.replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, ' ');
    return {
      line,
      do: 'function',
      name: tableName(created[1]),
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
      name: tableName(altered[1]),
      searchPath: /\bset\s+search_path\b/i.test(altered[2] ?? ''),
      invoker: /\bsecurity\s+invoker\b/i.test(altered[2] ?? ''),
    };
  const dropped = DROP_FUNCTION.exec(text);
  return dropped?.[1] === undefined ? undefined : { line, do: 'drop-function', name: tableName(dropped[1]) };
};

const rights: Reader = (text, line) => {
  const found = GRANT.exec(text);
  if (found?.[1] === undefined) return undefined;
  return {
    line,
    do: found[1].toLowerCase() === 'grant' ? 'grant' : 'revoke',
    rights: (found[2] ?? '').toLowerCase(),
    on: (found[3] ?? '').trim(),
    roles: roles(found[4] ?? ''),
  };
};

const buckets: Reader = (text, line) => {
  const inserted = BUCKET.exec(text);
  if (inserted?.[1] !== undefined) {
    const columns = inserted[1].split(',').map((column) => unquote(column.trim()));
    const at = columns.indexOf('public');
    const id = columns.indexOf('id');
    return [...(inserted[2] ?? '').matchAll(/\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g)].flatMap((row) => {
      const values = (row[1] ?? '').split(/,(?![^[(]*[\])])/).map((value) => value.trim());
      if (values.length < 2 || values[id] === undefined) return [];
      return [
        {
          line,
          do: 'bucket' as const,
          id: values[id].replaceAll("'", ''),
          open: at >= 0 && /^(true|'t(rue)?'|1)$/i.test(values[at] ?? ''),
        },
      ];
    });
  }
  const updated = BUCKET_UPDATE.exec(text);
  const open = /\bpublic\s*=\s*(true|false)/i.exec(updated?.[1] ?? '')?.[1];
  const id = /\bid\s*=\s*'([^']+)'/i.exec(updated?.[1] ?? '')?.[1];
  return open === undefined ? undefined : { line, do: 'bucket', id: id ?? '*', open: open.toLowerCase() === 'true' };
};

/** A block that switches row level security on for every table it finds. */
const loops: Reader = (text, line) => {
  if (!/^do\b/i.test(text) && !/^create/i.test(text)) return undefined;
  return /^do\b/i.test(text) && /execute[\s\S]*alter\s+table[\s\S]*enable\s+row\s+level\s+security/i.test(text)
    ? { line, do: 'rls-all' }
    : undefined;
};

const READERS: readonly Reader[] = [tables, policies, functions, views, rights, buckets, loops];

function eventsOf({ text, line }: Statement): SqlEvent[] {
  for (const read of READERS) {
    const found = read(text, line);
    if (found !== undefined) return Array.isArray(found) ? found : [found];
  }
  return [];
}

/** Everything in a migration that has to do with access, in order. */
export function readSql(sql: string): SqlEvent[] {
  return splitSql(sql).flatMap(eventsOf);
}
