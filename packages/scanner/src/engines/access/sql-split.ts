/** One SQL statement without its comments, and where it starts. */
export interface Statement {
  text: string;
  line: number;
}

const DOLLAR = /\$([A-Za-z_]\w*)?\$/y;

/** A script cut into statements, and where something in it does not end. */
export interface Split {
  statements: Statement[];
  /** The line in which a string, a quoted name, a body or a comment starts that does not end. */
  unended?: number;
}

/** Whether what starts at `from` and runs to the end of the script has its closing mark there. */
function isEnded(piece: string): boolean {
  if (piece.startsWith('--')) return true;
  if (piece.startsWith('/*')) return (piece.match(/\/\*/g)?.length ?? 0) === (piece.match(/\*\//g)?.length ?? 0);
  const tag = /^(?:\$\w*\$|['"])/.exec(piece)?.[0] ?? '';
  return piece.length >= 2 * tag.length && piece.endsWith(tag);
}

/** The end of what starts at `at`: a string, a quoted name, a dollar-quoted body or a comment; `at` for anything else. */
function endOfQuoted(sql: string, at: number): number {
  const two = sql.slice(at, at + 2);
  if (two === '--') return until(sql, '\n', at);
  if (two === '/*') return endOfComment(sql, at);
  const first = sql[at];
  if (first === "'" || first === '"') {
    // E'…' takes a backslash before any character.
    const escapes = first === "'" && /(?:^|[^\w$])e$/i.test(sql.slice(Math.max(at - 2, 0), at));
    let end = at + 1;
    while (end < sql.length) {
      if (escapes && sql[end] === '\\') {
        end += 2;
        continue;
      }
      if (sql[end] === first) {
        if (sql[end + 1] !== first) return end + 1;
        end++;
      }
      end++;
    }
    return sql.length;
  }
  if (first === '$') {
    DOLLAR.lastIndex = at;
    const tag = DOLLAR.exec(sql)?.[0];
    if (tag !== undefined) return Math.min(sql.length, until(sql, tag, at + tag.length) + tag.length);
  }
  return at;
}

/** Comments nest. */
function endOfComment(sql: string, at: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = at;
  let depth = 0;
  for (let found = edge.exec(sql); found; found = edge.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}

function until(sql: string, what: string, from: number): number {
  const found = sql.indexOf(what, from);
  return found < 0 ? sql.length : found;
}

/** Cuts a script into statements; strings, quoted names and function bodies stay whole, comments become blanks. */
export function splitSql(sql: string): Split {
  const out: Statement[] = [];
  let unended: number | undefined;
  let text = '';
  let start = -1;
  let line = 1;
  let startLine = 1;
  const close = () => {
    if (start >= 0 && text.trim() !== '') out.push({ text: text.trim(), line: startLine });
    text = '';
    start = -1;
  };
  for (let at = 0; at < sql.length; ) {
    const end = Math.max(endOfQuoted(sql, at), at);
    const piece = end > at ? sql.slice(at, end) : (sql[at] ?? '');
    const comment = end > at && (piece.startsWith('--') || piece.startsWith('/*'));
    if (end === sql.length && end > at && !isEnded(piece)) unended = line;
    if (piece === ';') close();
    else if (comment) text += ' ';
    else {
      if (start < 0 && piece.trim() !== '') {
        start = at;
        startLine = line;
        text = '';
      }
      text += piece;
    }
    for (const char of piece) if (char === '\n') line++;
    at += piece.length || 1;
  }
  close();
  return { statements: out, ...(unended === undefined ? {} : { unended }) };
}
