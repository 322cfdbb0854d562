import type { LineTable } from '../syntax/lines.ts';
import type { RowQuery } from './ownership.ts';

/** Where a chain begins that asks one table for rows, and the table. */
const PYTHON_STARTS =
  /\bget_object_or_404\(\s*([A-Z]\w+)\s*(?=[,.)])|(?<![\w.])([A-Z]\w+)\s*\.\s*(?:objects|query)\b|(?<![\w.])(?:sa\.)?(?:select|update|delete)\(\s*([A-Z]\w+)\s*\)|(?<=\b(?:session|db|db\.session|Session|conn)\.)(?:get|get_one|get_or_404|one_or_404|query)\(\s*([A-Z]\w+)\s*(?=[,)])/g;
const KYSELY_STARTS = /\.\s*(?:selectFrom|updateTable|deleteFrom)\(\s*['"](\w+)['"]\s*\)/g;

const LONGEST = 1200;

/** From a place to the end of the chain of calls that begins there. */
export function chainFrom(text: string, start: number): string {
  let depth = 0;
  const end = Math.min(text.length, start + LONGEST);
  for (let at = start; at < end; at += 1) {
    const char = text[at] ?? '';
    if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) {
      depth -= 1;
      if (depth < 0) return text.slice(start, at);
    } else if (depth === 0 && !/[\w.\s]/.test(char)) return text.slice(start, at);
    else if (depth === 0 && char === '\n' && !/^\s*\./.test(text.slice(at, at + 80))) return text.slice(start, at);
  }
  return text.slice(start, end);
}

const PYTHON_ID =
  /\b(?:pk|id|uuid)\s*=(?!=)|\.(?:id|pk|uuid)\s*==|^(?:get|get_one|get_or_404|one_or_404)\(\s*\w+\s*,|\.get(?:_or_404)?\(\s*(?!\w+\s*=)\w/;
const KYSELY_ID = /\.where\(\s*['"](?:\w+\.)?(?:id|uuid)['"]\s*,\s*['"]=['"]|\beb\.and\(\s*\{\s*id\b/;
/** Whoever calls, or a column that says whose the row is. */
const PYTHON_OWNER =
  /\b(?:self\.)?request\.user\b|\binfo\.context\b|\bcurrent_user\b|\bg\.\w*(?:user|account|tenant)\w*|\b(?:user|me|principal|account)\.(?:id|pk|uuid|org\w*|team\w*|tenant\w*)\b|\b\w*(?:user|owner|author|tenant|account|creator|borrower|customer|member|org|organization|team|workspace|company)(?:_id|s)?\s*={1,2}/;
const KYSELY_OWNER =
  /['"](?:\w+\.)?(?:user|owner|author|creator|account|tenant|org|organization|team|customer|member|company|workspace)_?[iI]d['"]|\b(?:user|owner|author|creator|account|tenant|org|team|customer)_?[iI]d\s*:/;
/** A row's own owner is compared after it was read. */
const COMPARED =
  /\b\w+\.\w*(?:owner|author|user|creator|tenant|account|borrower|customer)(?:_id|\.id|\.pk)?\s*[!=]=|[!=]=\s*\w+\.\w*(?:owner|author|user|creator|tenant|borrower)(?:_id|\.id)?\b|[!=]=\s*(?:self\.)?(?:request\.user|current_user|user|me|g\.user)(?:\.(?:id|pk|uuid)|_id)?\b|\b(?:request\.user|current_user|user|me)(?:\.(?:id|pk|uuid))?\s*[!=]=/;
/** The id is the caller's own, or that of a row read before. */
const OWN_ID =
  /(?:\bid|\bpk|\.get\(\s*\w+|\bget(?:_or_404|_one)?\(\s*\w+)\s*(?:=|,|==)\s*(?:int\(|str\()?\s*(?:(?:self\.)?request\.user\b|current_user\b|user\.|user_id\b|payload|claims|session\[|session\.|token|data\.get\(['"]sub|sub\b|g\.|self\.)/;
/** Another condition may be what decides, or no single rows come back. */
const DECIDED =
  /\.(?:filter|filter_by|where|exclude|having|join)\(|\b(?:count|exists|aggregate|exec|scalar_one|create|get_or_create|bulk_create|order_by\(\s*func)\b|\.(?:first|one|scalar|get)\w*\(|\.where\(/;
const WRITES = /^(?:update|delete)\(|\.(?:update|delete|set|values)\(|^\.\s*(?:updateTable|deleteFrom)/;

interface Dialect {
  starts: RegExp;
  id: RegExp;
  owner: RegExp;
}

const PYTHON: Dialect = { starts: PYTHON_STARTS, id: PYTHON_ID, owner: PYTHON_OWNER };
const KYSELY: Dialect = { starts: KYSELY_STARTS, id: KYSELY_ID, owner: KYSELY_OWNER };

/** Somebody is known whose rows they could be. */
const CALLER =
  /\b(?:self, )?request\b|\bcurrent_user\b|\bCurrentUser\b|\bg\.\w*user|\buser\b|\breq\.\w*(?:user|tenant)\w*/i;
const KNOWS_CALLER = /\brequest\.user\b|\bcurrent_user\b|\bg\.\w*user/;
/** Functions that load one record for others of their file. */
const LOADER = /^(?:async )?def _?(?:get|load|fetch|find|own)\w*\(/;
/** A right is asked for where the function is registered. */
const RIGHT = /admin|staff|superuser|permission_required|role/i;
/** The decorators of a function, wherever its text begins. */
function decorators(text: string, start: number, code: string): string {
  const before = /(?:^[ \t]*@[^\n]*\n)+[ \t]*$/m.exec(text.slice(Math.max(0, start - LOOK_BACK), start))?.[0] ?? '';
  return before + code.slice(0, Math.max(0, code.search(/\b(?:async )?def\b/)));
}
const LOOK_BACK = 240;

/** `if current_user.is_superuser:` on a line of its own, the block of which is meant for nobody else. */
const FOR_RIGHT =
  /^\s*(?:el)?if\s+(?!not\b)[\w.]*\b(?:is_superuser|is_staff|is_admin|is_moderator|has_perm\w*|has_role\w*|admin|role)\b(?![^\n]*\bor\b)[^\n]*:\s*$/;

function forThoseWithRight(text: string, at: number): boolean {
  const start = text.lastIndexOf('\n', at) + 1;
  const indent = text.slice(start, at).search(/\S|$/);
  let line = start;
  while (line > 0 && at - line < LONGEST) {
    const before = text.lastIndexOf('\n', line - 2) + 1;
    const code = text.slice(before, line - 1);
    if (code.trim() !== '' && code.search(/\S/) < indent) return FOR_RIGHT.test(code);
    line = before;
  }
  return false;
}

function dialectOf(path: string, text: string): Dialect | undefined {
  if (path.endsWith('.py'))
    return /\bobjects\b|\bquery\b|\bselect\(|\bsession\b|get_object_or_404/.test(text) ? PYTHON : undefined;
  return /\bselectFrom\(|\bupdateTable\(|\bdeleteFrom\(/.test(text) ? KYSELY : undefined;
}

/** Questions for rows that are written as a chain of calls: Django's managers, SQLAlchemy, Kysely. */
export function chainQueries(
  path: string,
  text: string,
  lines: LineTable,
  around: (at: number) => { text: string; start: number },
): RowQuery[] {
  const dialect = dialectOf(path, text);
  if (dialect === undefined) return [];
  const known = KNOWS_CALLER.test(text) && !COMPARED.test(text);
  return [...text.matchAll(dialect.starts)].flatMap((match): RowQuery[] => {
    const table = match.slice(1).find((name) => name !== undefined) ?? '';
    const chain = chainFrom(text, match.index);
    const { text: context, start } = around(match.index);
    if (RIGHT.test(decorators(text, start, context)) || forThoseWithRight(text, match.index)) return [];
    const byId = dialect.id.test(chain);
    const reads = !WRITES.test(chain);
    const owned = dialect.owner.test(chain);
    if (byId ? OWN_ID.test(chain) : !reads || (!owned && DECIDED.test(chain))) return [];
    return [
      {
        table: table.toLowerCase(),
        reads,
        near: CALLER.test(context) || (byId && known && LOADER.test(context)),
        owned: owned || (byId && COMPARED.test(context)),
        line: lines.at(match.index).line,
        ...(byId ? {} : { list: true as const }),
      },
    ];
  });
}
