import type { LineTable } from '../syntax/lines.ts';
import type { RowQuery } from './ownership.ts';

/** `prisma.team.update({ where: { id } })`, `Recipe.findOne({ _id: … })`, `Account.findByPk(…)`. */
const CALL =
  /\.\s*(findOne|findFirst|findUnique|findFirstOrThrow|findUniqueOrThrow|findById|findByPk|findByIdAndUpdate|findByIdAndDelete|findOneAndUpdate|findOneAndDelete|findOneBy|update|updateOne|updateMany|delete|deleteOne|deleteMany|destroy)\(/g;
/** What stands before the dot; looked for backwards only where a call was found. */
const NAME_BEFORE = /(\w+)\s*$/;
const LONGEST_NAME = 80;
/** `knex('tickets').where({ id: … })`. */
const TABLE_WHERE = /\(\s*['"](\w+)['"]\s*\)\s*\.\s*where\(\s*(?=\{)/g;
const BY_ID = /(?:^|[{,]\s*)(?:_id|id|uuid)\s*(?::\s*([^,}\n]*)|(?=[,}]))/;
/** What a page is called in public: anybody may read by it, not everybody write. */
const BY_NAME = /(?:^|[{,]\s*)(?:slug|handle)\s*(?::\s*([^,}\n]*)|(?=[,}]))/;
const OWNER =
  /(?:^|[{,]\s*)(?:user|owner|author|creator|account|tenant|org|organi[sz]ation|team|customer|member|company|workspace)(?:Id|_id|ID)?\s*(?=[:,}])/;
/** Somebody whose rows they could be is spoken of. */
const OWNERS = /\b(user|owner|author|session|viewer|account|tenant|uid|userId|ownerId|authorId)\b/;
/** An id that is the caller's own. */
const SELF = /\b(session|auth|currentUser|me|claims|payload|decoded|sub|userId|uid)\b|\buser\??\.(id|_id|sub)\b/;
/** Whose the record is, compared after it was read. */
const COMPARED =
  /\b\w+\??\.(?:owner|author|creator|user|account|tenant|org|team|createdBy|created_by)(?:Id|_id|\??\.(?:id|_id))?\)?(?:\.toString\(\))?\s*(?:[!=]==?|\.equals\()|[!=]==?\s*(?:String\()?\w+\??\.(?:owner|author|creator|user)(?:Id|_id)?\b/;
const NO_TABLE =
  /^(crypto|hash|hmac|cipher|decipher|map|set|cache|this|params|headers|searchParams|cookies|axios|http|client|router|app|fs|store|storage|session|form|formData)$/i;
const LONGEST = 400;

/** The text from `open` up to the bracket that closes it. */
function balanced(text: string, open: number): string {
  let depth = 0;
  for (let i = open; i < Math.min(text.length, open + LONGEST); i++) {
    const char = text[i] ?? '';
    if ('({['.includes(char)) depth++;
    else if (')}]'.includes(char) && --depth === 0) return text.slice(open, i + 1);
  }
  return '';
}

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

function queryOf(table: string, reads: boolean, filter: string, around: string): Omit<RowQuery, 'line'> | undefined {
  const id = BY_ID.exec(filter) ?? (reads ? null : BY_NAME.exec(filter));
  if (id === null || NO_TABLE.test(table) || (id[1] !== undefined && SELF.test(id[1]))) return undefined;
  // An id of a record that was read with its owner is as good.
  const passedOn =
    id[1] !== undefined &&
    /^(?!(params|body|query|input|args|data|req|request|ctx|event|dto)\.)\w+\.(id|_id)$/.test(id[1].trim());
  return {
    table: table.toLowerCase(),
    reads,
    near: OWNERS.test(around),
    owned: passedOn || OWNER.test(filter) || COMPARED.test(around) || ownedBefore(table, around),
  };
}

/** The same function looks the record up with its owner as well. */
function ownedBefore(table: string, around: string): boolean {
  return [...around.matchAll(CALL)].some(
    ({ 0: whole, 1: name, 2: method = '', index }) =>
      name === table && OWNER.test(filterOf(method, balanced(around, index + whole.length - 1))),
  );
}

/** The calls of object mappers that take a row by its id. */
export function ormQueries(text: string, lines: LineTable, around: Around): RowQuery[] {
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
    if (filter !== '') add(match.index, queryOf(table, /^find(?!.*And)/.test(method), filter, around(match.index)));
  }
  for (const match of text.matchAll(TABLE_WHERE)) {
    const start = match.index + match[0].length;
    const filter = balanced(text, start);
    const reads = !/^\s*\)\s*\.\s*(update|del|delete|increment|decrement)\(/.test(
      text.slice(start + filter.length, start + filter.length + 40),
    );
    if (filter !== '') add(match.index, queryOf(match[1] ?? '', reads, filter, around(match.index)));
  }
  return out;
}
