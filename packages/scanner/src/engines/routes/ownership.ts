import type { Machine } from '../flow/machine.ts';
import type { LineTable } from '../syntax/lines.ts';
import type { Place } from './gaps.ts';

/** A statement on one row of a table, as its text in the code shows it. */
export interface RowQuery {
  table: string;
  reads: boolean;
  /** Its condition names whose row it must be. */
  owned: boolean;
  /** The function around it speaks of somebody whose row it could be. */
  near: boolean;
  line: number;
  /** It takes all rows that its condition lets through, and not one by its id. */
  list?: true;
  /** Whose it is is looked at after it was read: whoever has a right may be let through beside its owner. */
  compared?: true;
  /** The row is the caller's own account. */
  self?: true;
  /** Which row is meant was sent. */
  sent?: true;
}

const TEXT = /(["'`])\s*(SELECT|UPDATE|DELETE)\b((?:(?!\1)[^\\]|\\[\s\S]){0,1500})\1/gi;
const TABLE = /\b(?:FROM|UPDATE)\s+["`]?([\w.]+)/i;
const BY_ID = /^\s*\(?\s*["`]?(?:\w+["`]?\.["`]?)?(?:id|uuid|_id)["`]?\s*=\s*(?:\$\d|\?|:\w|@\w|\$\{|%s|\()/i;
const OWNER =
  /\b(?:user|owner|author|creator|account|tenant|org|organi[sz]ation|team|customer|member|company|workspace)_?id\b["`]?\s*=|\b(?:created_by|owner|belongs_to)\b["`]?\s*=/i;

/** Several tables, one value for all rows, or a condition of its own: whose rows they are is not said by one column. */
const NOT_A_LIST =
  /\bJOIN\b|\b(?:count|sum|avg|min|max)\s*\(|\bEXISTS\b|\bWHERE\b(?![\s\S]*(?:user|owner|author|account|tenant|org\w*|team|customer|member|company|workspace)_?id)|\bLIMIT\s+1\b/i;

/** The statements of a file that take a row by its id. */
export function rowQueries(text: string, lines: LineTable): RowQuery[] {
  if (!/\b(?:WHERE|FROM)\b/i.test(text)) return [];
  const out: RowQuery[] = [];
  for (const match of text.matchAll(TEXT)) {
    const whole = `${match[2]} ${match[3]}`;
    const where = /\bWHERE\b([\s\S]*)$/i.exec(whole)?.[1];
    const table = TABLE.exec(whole)?.[1];
    const reads = /^select$/i.test(match[2] ?? '');
    if (table === undefined) continue;
    const byId = where !== undefined && BY_ID.test(where);
    if (!byId && (!reads || NOT_A_LIST.test(whole))) continue;
    out.push({
      table: table.toLowerCase(),
      reads,
      near: true,
      owned: where !== undefined && OWNER.test(where),
      line: lines.at(match.index).line,
      ...(byId ? {} : { list: true as const }),
    });
  }
  return out;
}

const OWNER_NAME =
  /^(?!(?:request|req|trace|correlation|job|message|event|run|process|parent)_?[iI]d)[a-z]\w*(?:Id|_id|ID)$/;
/** Whoever is signed in, taken out of the session. */
const TAKEN =
  /\bconst\s+\{\s*(user|userId)\s*\}\s*=\s*(?:session|req|request|ctx|locals|event\.locals|ctx\.session)\s*;?\s*$/m;
const ASKS_ROWS =
  /\.(find\w*|get\w*|update\w*|delete\w*|remove\w*|query|execute|select|from|where|save|destroy|upsert)\s*\(/;

/** Functions that are told whose rows are meant, and look rows up without using it. */
export function unusedOwners({ closures, text }: Machine, lines: LineTable): Place[] {
  const out: Place[] = [];
  const takes = TAKEN.test(text);
  for (const { node } of closures.values()) {
    if (node.body?.type !== 'BlockStatement') continue;
    const whole = takes ? text.slice(node.body.start, node.body.end) : '';
    const taken = takes ? TAKEN.exec(whole) : null;
    if (
      taken?.[1] !== undefined &&
      ASKS_ROWS.test(whole) &&
      whole.match(new RegExp(`\\b${taken[1]}\\b`, 'g'))?.length === 1
    )
      out.push({ name: taken[1], line: lines.at(node.body.start + taken.index).line });
    if (node.params.length < 2) continue;
    for (const param of node.params) {
      const name = param.type === 'Identifier' ? param.name : undefined;
      if (name === undefined || !OWNER_NAME.test(name)) continue;
      const body = text.slice(node.body.start, node.body.end);
      if (new RegExp(`\\b${name}\\b`).test(body) || !ASKS_ROWS.test(body)) continue;
      out.push({ name, line: lines.at(param.start).line });
    }
  }
  return out;
}
