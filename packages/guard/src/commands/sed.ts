/** What a sed script does beside editing the stream. */
export interface SedEffects {
  reads: string[];
  writes: string[];
  /** Runs a program, or could not be followed. */
  executes: boolean;
}

interface Cursor {
  text: string;
  at: number;
}

/** Skips to just after the next unescaped delimiter; a bracket expression hides it. */
function skipPart(cursor: Cursor, delimiter: string): void {
  let bracket = false;
  while (cursor.at < cursor.text.length) {
    const char = cursor.text[cursor.at];
    cursor.at += 1;
    if (char === '\\') cursor.at += 1;
    else if (char === '[') bracket = true;
    else if (char === ']') bracket = false;
    else if (char === delimiter && !bracket) return;
  }
}

function takeUntil(cursor: Cursor, end: RegExp): string {
  const rest = cursor.text.slice(cursor.at);
  const found = rest.search(end);
  const text = found < 0 ? rest : rest.slice(0, found);
  cursor.at += text.length;
  return text;
}

function skipAddress(cursor: Cursor): void {
  while (cursor.at < cursor.text.length) {
    const char = cursor.text[cursor.at] ?? '';
    if (/[\s\d$,!;+~]/.test(char)) cursor.at += 1;
    else if (char === '/') {
      cursor.at += 1;
      skipPart(cursor, '/');
      takeUntil(cursor, /[^IM]/);
    } else if (char === '\\') {
      const delimiter = cursor.text[cursor.at + 1] ?? '';
      cursor.at += 2;
      skipPart(cursor, delimiter);
      takeUntil(cursor, /[^IM]/);
    } else return;
  }
}

function substitute(cursor: Cursor, out: SedEffects): void {
  const delimiter = cursor.text[cursor.at] ?? '';
  cursor.at += 1;
  skipPart(cursor, delimiter);
  skipPart(cursor, delimiter);
  takeUntil(cursor, /[^gpiImM\d]/);
  const next = cursor.text[cursor.at];
  if (next === 'w') {
    cursor.at += 1;
    out.writes.push(takeUntil(cursor, /\n/).trim());
  } else if (next === 'e') {
    cursor.at += 1;
    out.executes = true;
  }
}

/** Reads a sed script for `w`, `r` and `e`, in commands and as flags of `s`. Anything not understood counts as `executes`. */
export function sedEffects(script: string): SedEffects {
  const out: SedEffects = { reads: [], writes: [], executes: false };
  const cursor: Cursor = { text: script, at: 0 };
  while (cursor.at < script.length) {
    skipAddress(cursor);
    const command = script[cursor.at];
    if (command === undefined) break;
    cursor.at += 1;
    readCommand(command, cursor, out);
  }
  return out;
}

function readCommand(command: string, cursor: Cursor, out: SedEffects): void {
  if (command === 's') substitute(cursor, out);
  else if (command === 'y') {
    const delimiter = cursor.text[cursor.at] ?? '';
    cursor.at += 1;
    skipPart(cursor, delimiter);
    skipPart(cursor, delimiter);
  } else if (command === 'w' || command === 'W') out.writes.push(takeUntil(cursor, /\n/).trim());
  else if (command === 'r' || command === 'R') out.reads.push(takeUntil(cursor, /\n/).trim());
  else if ('aic'.includes(command)) takeUntil(cursor, /(?<!\\)\n/);
  else if (':btT'.includes(command)) takeUntil(cursor, /[;\n}]/);
  else if (command === '#') takeUntil(cursor, /\n/);
  else if (!'{}=dDgGhHnNpPqQlxzF'.includes(command)) out.executes = true;
}
