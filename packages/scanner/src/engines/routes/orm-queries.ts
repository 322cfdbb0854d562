import type { LineTable } from '../syntax/lines.ts';
import { closing } from './brackets.ts';
import { chainFrom } from './chain-queries.ts';
import type { RowQuery } from './ownership.ts';

/** `prisma.team.update({ where: { id } })`, `Recipe.findOne({ _id: … })`, `Account.findByPk(…)`. */
const CALL =
  /\.\s*(findOne|findFirst|findUnique|findFirstOrThrow|findUniqueOrThrow|findById|findByPk|findByIdAndUpdate|findByIdAndDelete|findOneAndUpdate|findOneAndDelete|findOneBy|update|updateOne|updateMany|delete|deleteOne|deleteMany|destroy)\(/g;
/** What stands before the dot; looked for backwards only where a call was found. */
const NAME_BEFORE = /(\w+)\s*$/;
const LONGEST_NAME = 80;
/** `knex('tickets')`, `.from('tickets')`: where a chain of conditions on one table may begin. */
const TABLE_STARTS = /\(\s*['"](\w+)['"]\s*\)\s*(?=\.)/g;
/** `.where({ id })`, `.where('id', id)`, `.andWhere('user_id', '=', user.id)`. */
const CHAINED =
  /\.\s*(?:where|andWhere|and)\(\s*(?:\{([^{}]*)\}|['"](?:\w+\.)?(\w+)['"]\s*,\s*(?:['"]=['"]\s*,\s*)?((?:[^()]|\([^()]*\))*))\)/g;
const CHANGES_ROWS = /\.\s*(?:update|del|delete|increment|decrement)\(/;
const BY_ID = /(?:^|[{,]\s*)(?:_id|id|uuid)\s*(?::\s*([^,}\n]*)|(?=[,}]))/;
/** What a page is called in public: anybody may read by it, not everybody write. */
const BY_NAME = /(?:^|[{,]\s*)(?:slug|handle)\s*(?::\s*([^,}\n]*)|(?=[,}]))/;
/** Whom or what the row belongs to: a column that refers to another table, beside the id of its own. */
const OWNER =
  /(?:^|[{,]\s*)(?:(?:user|owner|author|creator|account|tenant|org|organi[sz]ation|team|customer|member|company|workspace)(?:Id|_id|ID)?|\w+(?:Id|_id|ID)|created_?[bB]y)\s*(?=[:,}])/;
/** Somebody whose rows they could be is spoken of. */
const OWNERS =
  /\b(user|owner|author|session|viewer|account|tenant|uid|auth|principal|actor|caller|claims|identity|userId|ownerId|authorId)\b/;
/** Columns by which the rows of this file are kept apart, beside the id of a row: `{ id, guestId }`. */
const KEPT_BY = /\{\s*id(?:\s*:[^,{}]*)?,\s*(\w+Id)\b|\.id\s*,[^()]*\)\s*,\s*eq\(\s*\w+\.(\w+Id)\b/g;
/** Whoever calls is known where the rows are asked for. */
const CALLER =
  /\b(?:userId|user_id|ownerId|owner_id|authorId|tenantId|currentUser|current_user|session|principal|actor|caller|claims|identity)\b|\bauth\s*(?::\s*\w|\??\.(?:sub|id|uid|user)\b)|\b(?:req|request|ctx|locals)\.user\b/;
/** An id that is the caller's own. */
const SELF =
  /\b(session|auth|currentUser|me|claims|payload|decoded|sub|userId|uid)\b|\buser\??\.(id|_id|sub)\b|\b(?:ctx|context|locals|c\.var)\.(?!params|query|input|request|req|body)\w+\??\.(?:id|_id)\b/;
/** An id that whoever calls has sent. */
const SENT = /\b(?:params|body|query|input|parsedInput|form|formData|data|dto|args)\b/;
const isSelf = (value: string): boolean => SELF.test(value) && !(SENT.test(value) && !/\bdata\.user\.id\b/.test(value));
/** Whose the record is, compared after it was read. */
const COMPARED =
  /\b\w+\??\.(?:(?:owner|author|creator|user|account|tenant|org|team|createdBy|created_by)(?:Id|_id|\??\.(?:id|_id))?|\w+Id|\w+_id)\)?(?:\.toString\(\))?\s*(?:[!=]==?|\.equals\()|[!=]==?\s*(?:String\()?\w+\??\.(?:owner|author|creator|user)(?:Id|_id)?\b/;
const NO_TABLE =
  /^(payload|strapi|crypto|hash|hmac|cipher|decipher|map|set|cache|this|params|headers|searchParams|cookies|axios|http|client|router|app|fs|store|storage|session|form|formData)$/i;
/** What `LISTS` looks for, without the name before, which would be read at every word. */
const LISTED = /\.\s*find(?:Many|All|AndCountAll)?\(/;
/** `prisma.note.findMany(…)`, `Note.find({ … })`: all rows that the condition lets through. */
const LISTS = /\b(\w+)\s*\.\s*(findMany|findAll|findAndCountAll|find)\(\s*(?=[{)])/g;
/** `db.update(notes).set(…).where(eq(notes.id, id))` of Drizzle: the condition, and the table before it. */
const CONDITION = /\.\s*where\(\s*(?=(?:and|eq|sql|or)\b)|\bwhere:\s*(?:and|eq)(?=\()/g;
const TABLE_BEFORE = /\.\s*(from|update|delete)\(\s*(\w+)\s*\)[^;]*$/;
const COLUMN_ID = /\beq\(\s*(\w+)\.(?:id|uuid)\s*,\s*((?:[^()]|\([^()]*\))*)\)/;
const COLUMN_OWNER = /\b(?:eq|ne|inArray)\(\s*(\w+)\.(?:\w+(?:Id|_id)|created_?[bB]y)\b/;
const LONGEST = 400;

/** The text from `open` up to the bracket that closes it. */
/** From a bracket to where it is closed; nothing where that is too far. */
const balanced = (text: string, open: number): string => text.slice(open, closing(text, open, LONGEST) + 1);

function filterOf(method: string, args: string): string {
  if (/^findBy(Id|Pk)/.test(method)) return `{ id: ${args.slice(1, -1).split(',')[0] ?? ''} }`;
  const where = /\bwhere\s*:\s*(?=\{)/.exec(args);
  return where === null
    ? /^\(\s*(?=\{)/.test(args)
      ? balanced(args, args.indexOf('{'))
      : ''
    : balanced(args, where.index + where[0].length);
}

/** The innermost function around a place, as text. */
type Around = (at: number) => string;
/** Whether a function speaks of somebody or something that a row found by this id could belong to. */
type Near = (context: string, id: string | undefined) => boolean;

function queryOf(
  table: string,
  reads: boolean,
  filter: string,
  around: string,
  isNear: Near,
): Omit<RowQuery, 'line'> | undefined {
  const id = BY_ID.exec(filter) ?? (reads ? null : BY_NAME.exec(filter));
  if (id === null || NO_TABLE.test(table)) return undefined;
  if (id[1] !== undefined && isSelf(id[1]))
    return { table: table.toLowerCase(), reads, near: true, owned: true, self: true };
  // An id of a record that was read with its owner is as good.
  const passedOn =
    id[1] !== undefined &&
    /^(?!(params|body|query|input|args|data|req|request|ctx|event|dto)\.)\w+\.(id|_id)$/.test(id[1].trim());
  return {
    table: table.toLowerCase(),
    reads,
    near: isNear(around, id[1]),
    owned: passedOn || OWNER.test(filter) || COMPARED.test(around) || ownedBefore(table, around),
    ...(!OWNER.test(filter) && COMPARED.test(around) ? { compared: true as const } : {}),
    ...(id[1] !== undefined && SENT.test(id[1]) ? { sent: true as const } : {}),
  };
}

/** The same function looks the record up with its owner as well. */
function ownedBefore(table: string, around: string): boolean {
  return [...around.matchAll(CALL)].some(({ 0: whole, 1: method = '', index }) => {
    const name = NAME_BEFORE.exec(around.slice(Math.max(0, index - LONGEST_NAME), index))?.[1];
    const looks = /^find(?!.*And)/.test(method);
    return looks && name === table && OWNER.test(filterOf(method, balanced(around, index + whole.length - 1)));
  });
}

/** The calls of object mappers that take a row by its id. */
export function ormQueries(text: string, lines: LineTable, around: Around): RowQuery[] {
  const keeps = new Set([...text.matchAll(KEPT_BY)].map(([, field, column]) => field ?? column ?? ''));
  const isNear: Near = (context, id) =>
    OWNERS.test(context) ||
    [...keeps].some((name) => !(id ?? '').includes(name) && new RegExp(`\\b${name}\\b`).test(context));
  const out: RowQuery[] = [];
  const add = (at: number, query: Omit<RowQuery, 'line'> | undefined) => {
    if (query !== undefined) out.push({ ...query, line: lines.at(at).line });
  };
  for (const match of text.matchAll(CALL)) {
    const [whole, method = ''] = match;
    const table = NAME_BEFORE.exec(text.slice(Math.max(0, match.index - LONGEST_NAME), match.index))?.[1];
    if (table === undefined) continue;
    const args = balanced(text, match.index + whole.length - 1);
    const filter = args === '' ? '' : filterOf(method, args);
    if (filter !== '')
      add(match.index, queryOf(table, /^find(?!.*And)/.test(method), filter, around(match.index), isNear));
  }
  for (const match of text.includes('.where(') ? text.matchAll(TABLE_STARTS) : []) {
    const chain = chainFrom(text, match.index + match[0].length);
    const parts = [...chain.matchAll(CHAINED)].map(([, object, column, value]) => object ?? `${column}: ${value}`);
    const filter = `{ ${parts.join(', ')} }`;
    if (parts.length > 0)
      add(match.index, queryOf(match[1] ?? '', !CHANGES_ROWS.test(chain), filter, around(match.index), isNear));
  }
  out.push(...lists(text, lines, around), ...conditions(text, lines, around, isNear));
  return out;
}

function lists(text: string, lines: LineTable, around: Around): RowQuery[] {
  if (!LISTED.test(text)) return [];
  return [...text.matchAll(LISTS)].flatMap(({ 0: whole, 1: table = '', 2: method = '', index }) => {
    // Arrays are searched with functions, models with conditions.
    if (
      NO_TABLE.test(table) ||
      (method === 'find' &&
        !/^[A-Z]|[rR]epo/.test(table) &&
        !/this\.\w*$/.test(text.slice(Math.max(0, index - 8), index)))
    )
      return [];
    const args = balanced(text, index + whole.trimEnd().length - 1);
    const filter = filterOf(method, args);
    if (BY_ID.test(filter)) return [];
    // Another condition may be what decides who sees the rows.
    if (/\w/.test(filter) && !OWNER.test(filter)) return [];
    const near = CALLER.test(around(index));
    return [
      {
        table: table.toLowerCase(),
        reads: true,
        near,
        owned: OWNER.test(filter),
        line: lines.at(index).line,
        list: true,
      },
    ];
  });
}

function conditions(text: string, lines: LineTable, around: Around, isNear: Near): RowQuery[] {
  if (!text.includes('drizzle-orm')) return [];
  return [...text.matchAll(CONDITION)].flatMap(({ 0: whole, index }): RowQuery[] => {
    const relational = whole.startsWith('where');
    const found = relational ? null : TABLE_BEFORE.exec(text.slice(Math.max(0, index - LONGEST), index));
    const condition = relational
      ? `(${whole.replace(/^where:\s*/, '')}${balanced(text, index + whole.length)})`
      : balanced(text, index + whole.trimEnd().length - 1);
    const id = COLUMN_ID.exec(condition);
    const owner = COLUMN_OWNER.exec(condition);
    const owned = owner !== null;
    const table = relational ? (id?.[1] ?? owner?.[1]) : found?.[2];
    if (table === undefined || condition === '') return [];
    const reads = relational || found?.[1] === 'from';
    if (id === null && (!reads || !owned)) return [];
    const value = (id?.[2] ?? '').trim();
    if (id !== null && isSelf(value))
      return [{ table: table.toLowerCase(), reads, near: true, owned: true, self: true, line: lines.at(index).line }];
    const context = around(index);
    // A record that was read and compared before, or read with its owner.
    const passedOn = id !== null && /^(?!params|body|query|input|data|event)\w+\.id$/.test(value);
    return [
      {
        table: table.toLowerCase(),
        reads,
        near: isNear(context, value),
        owned: owned || passedOn || COMPARED.test(context),
        ...(!owned && COMPARED.test(context) ? { compared: true as const } : {}),
        line: lines.at(index).line,
        ...(id === null ? { list: true as const } : SENT.test(value) ? { sent: true as const } : {}),
      },
    ];
  });
}
