// What the other policies of a table say about one of them: a rule that all but one keep is one that somebody forgot.
import type { Database, Policy } from './sql-state.ts';

const IDENTITY = /\bauth\s*\.\s*(?:uid|jwt|email|role)\b|\bcurrent_setting\s*\(|\b(?:current|session)_user\b/;
/** Whoever passes it is more than the owner of a row. */
const PRIVILEGED = /admin|owner|manager|moderator|staff|role|permission|can_|has_/;
const CALL = /\b((?:\w+\s*\.\s*)?\w+)\s*\(([^()]*)\)/g;
/** What stands before a parenthesis and is no function that somebody wrote. */
const WORDS =
  /^(?:and|or|not|in|any|all|some|exists|select|coalesce|lower|upper|array|now|case|when|then|nullif|cast|auth\.\w+|storage\.\w+)$/;

/** A condition that holds for everybody, or for everybody who is signed in. */
const EVERYBODY = /^[\s(]*(?:true|auth\.(?:uid|role)\(\)\s*(?:is not null|= 'authenticated'(?:::text)?))[\s)]*$/;

const plain = (text: string | undefined): string =>
  (text ?? '')
    .toLowerCase()
    .replaceAll('"', '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\(\s*select (auth\.\w+\(\))(?: as \w+)?\s*\)/g, '$1');

/** What decides about rows that are there, and about new ones. */
const using = ({ using: condition }: Policy): string => plain(condition);
const checking = (policy: Policy): string => plain(policy.check ?? (policy.command === 'insert' ? '' : policy.using));

interface Asked {
  /** It depends on who asks. */
  identity: boolean;
  /** It rests on functions alone of which none depends on who asks. */
  hollow: boolean;
  /** Columns of the table that are compared with who asks, in it or in a function or query that it gives them to. */
  columns: ReadonlySet<string>;
}

const escaped = (name: string): string => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Takes queries out of a condition; what they say of the table's own columns is told. */
function withoutQueries(condition: string, table: string, tell: (column: string) => void): string {
  let text = condition;
  for (;;) {
    const start = text.search(/\(\s*select\b/);
    if (start < 0) return text;
    let depth = 0;
    let end = start;
    for (; end < text.length; end += 1) {
      if (text[end] === '(') depth += 1;
      else if (text[end] === ')' && --depth === 0) break;
    }
    const query = text.slice(start, end);
    const before = /(\w+) in $/.exec(text.slice(0, start))?.[1];
    if (IDENTITY.test(query) || /\w\(/.test(query)) {
      if (before !== undefined) tell(before);
      for (const [, column = ''] of query.matchAll(new RegExp(`\\b${escaped(table)}\\.(\\w+)`, 'g'))) tell(column);
    }
    text = `${text.slice(0, start)} asked ${text.slice(end + 1)}`;
  }
}

/** `is_member(((storage.foldername(name))[1])::uuid)` as `is_member(name[1]::uuid)`. */
function unnested(condition: string): string {
  let text = condition;
  for (let left = 6; left > 0; left -= 1) {
    const next = text.replaceAll(/(?<!\w)\(([^()]*)\)|\bstorage\.\w+\(([^()]*)\)/g, (_, inner, args) => inner ?? args);
    if (next === text) break;
    text = next;
  }
  return text;
}

/** `public.caller_id()` of the project's own, which asks the session, wherever in the condition it stands. */
const asksThroughFunctions = (db: Database, condition: string): boolean =>
  [...condition.matchAll(/\b(?:\w+\s*\.\s*)?\w+(?=\s*\()/g)].some(([name]) => {
    const fn = db.functions.get(name) ?? db.functions.get(`public.${name}`);
    return fn !== undefined && asksCaller(db, fn.body);
  });

function askedBy(db: Database, policy: Policy, condition: string): Asked {
  const columns = new Set<string>();
  const known = db.tables.get(policy.table)?.columns.toLowerCase();
  const add = (column: string) => {
    if (known === undefined || new RegExp(`\\b${column}\\b`).test(known)) columns.add(column);
  };
  const bare = unnested(withoutQueries(condition, policy.table.slice(policy.table.indexOf('.') + 1), add));
  let identity = IDENTITY.test(condition) || asksThroughFunctions(db, condition);
  const called: boolean[] = [];
  for (const [, name = '', args = ''] of bare.matchAll(CALL)) {
    if (WORDS.test(name)) continue;
    const fn = db.functions.get(name) ?? db.functions.get(`public.${name}`);
    const asks = fn === undefined || asksCaller(db, fn.body);
    called.push(asks);
    identity ||= asks;
    if (asks || IDENTITY.test(args))
      for (const [, column = ''] of args.matchAll(/(?:^|[\s,.])(\w+)(?=\s*(?:,|$))/g)) add(column);
  }
  const own = /(?:^|[\s(.])(\w+)(?:::\w+)? = auth\.uid\(\)|auth\.uid\(\)(?:::\w+)? = (?:\w+\.)*(\w+)/g;
  for (const [, before, behind] of bare.matchAll(own)) add(before ?? behind ?? '');
  const rest = bare.replaceAll(CALL, '').replaceAll(/\b(?:and|or|not)\b|[()\s]/g, '');
  return { identity, hollow: called.length > 0 && !identity && rest === '', columns };
}

const isPermissive = ({ restrictive, roles }: Policy): boolean => !restrictive && !roles.includes('service_role');

/** How a policy stands beside the others of its table. Every field is plain: rules ask about them. */
export interface Standing {
  /** It decides by a function that gives everybody the same answer. */
  hollow: boolean;
  /** Columns that other policies bind to who asks, and that whoever inserts may fill as he likes. */
  unbound: string;
  /** Others bind writing to a group of callers; this one lets anybody read the rows of all groups. */
  readsAllGroups: boolean;
  /** Others bind files of the same bucket to who asks. */
  filesOfAll: boolean;
  /** It changes rows whoever asks. */
  rowsOfAll: boolean;
  /** Anybody who signs up reads the rows. */
  readByAnyUser: boolean;
}

const bucketOf = (condition: string): string | undefined => /bucket_id = '([^']+)'/.exec(condition)?.[1];

function filesOfAll(db: Database, policy: Policy, peers: readonly Policy[]): boolean {
  if (policy.table !== 'storage.objects') return false;
  const reads = /^(?:select|all)$/.test(policy.command);
  const own = policy.command === 'insert' ? checking(policy) : using(policy);
  const bucket = bucketOf(own);
  if (bucket === undefined || (reads && db.buckets.get(bucket)?.open === true)) return false;
  if (askedBy(db, policy, own).identity) return false;
  return peers.some((peer) => {
    const condition = `${using(peer)} ${checking(peer)}`;
    const bound = /foldername|owner/.test(condition) && askedBy(db, peer, condition).identity;
    return bucketOf(condition) === bucket && bound;
  });
}

/** Changes rows by a condition that is the same for everybody, and is none that nobody meets. */
function rowsOfAll(db: Database, policy: Policy): boolean {
  if (!/^(?:update|delete|all)$/.test(policy.command) || policy.table.startsWith('storage.')) return false;
  const own = using(policy);
  if (/^[\s(]*(?:|false|true|1 ?= ?1|\d ?= ?\d)[\s)]*$/.test(own)) return false;
  if (EVERYBODY.test(own)) return askedBy(db, policy, checking(policy)).columns.size > 0;
  return !askedBy(db, policy, own).identity;
}

/** Columns that all alternatives of some other policy rest on, and this one's check does not name. */
function unbound(db: Database, policy: Policy, peers: readonly Policy[]): string {
  if (policy.command !== 'insert' || policy.table.startsWith('storage.')) return '';
  const check = checking(policy);
  if (check === '' || PRIVILEGED.test(check) || !askedBy(db, policy, check).identity) return '';
  const missing = new Set<string>();
  for (const peer of peers) {
    const { columns } = askedBy(db, peer, using(peer));
    const [column] = columns;
    // A row that is only being made has no members yet.
    if (
      column === undefined ||
      column === 'id' ||
      columns.size > 1 ||
      PRIVILEGED.test(using(peer).replaceAll(column, ''))
    )
      continue;
    if (!new RegExp(`\\b${column}\\b`).test(check)) missing.add(column);
  }
  return [...missing].join(', ');
}

function readsAllGroups(db: Database, policy: Policy, peers: readonly Policy[]): boolean {
  if (!/^(?:select|all)$/.test(policy.command) || !EVERYBODY.test(using(policy))) return false;
  return peers.some((peer) => {
    if (peer.command === 'select') return false;
    const condition = `${using(peer)} ${checking(peer)}`;
    const group = [...askedBy(db, peer, condition).columns].filter(
      (column) =>
        !new RegExp(`\\b${column}(?:::\\w+)? = auth\\.uid|auth\\.uid\\(\\)(?:::\\w+)? = (?:\\w+\\.)*${column}\\b`).test(
          condition,
        ),
    );
    return group.some((column) => column !== 'id');
  });
}

export function standingOf(db: Database, policy: Policy): Standing {
  const peers = [...db.policies.values()].filter(
    (peer) => peer !== policy && peer.table === policy.table && isPermissive(peer),
  );
  const permissive = isPermissive(policy);
  const deciding = policy.command === 'insert' ? checking(policy) : using(policy);
  return {
    hollow: permissive && askedBy(db, policy, deciding).hollow,
    unbound: permissive ? unbound(db, policy, peers) : '',
    readsAllGroups: permissive && readsAllGroups(db, policy, peers),
    filesOfAll: permissive && filesOfAll(db, policy, peers),
    rowsOfAll: permissive && rowsOfAll(db, policy),
    readByAnyUser: permissive && /^(?:select|all)$/.test(policy.command) && EVERYBODY.test(using(policy)),
  };
}

/** A function asks who calls, by itself or through those it calls. */
export function asksCaller(db: Database, body: string, depth = 3): boolean {
  const text = body.toLowerCase();
  if (IDENTITY.test(text) || /\bsession_user\b/.test(text)) return true;
  if (depth === 0) return false;
  return [...text.matchAll(/\b(?:\w+\s*\.\s*)?\w+(?=\s*\()/g)].some(([name]) => {
    const fn = db.functions.get(name) ?? db.functions.get(`public.${name}`);
    return fn !== undefined && fn.body !== body && asksCaller(db, fn.body, depth - 1);
  });
}
