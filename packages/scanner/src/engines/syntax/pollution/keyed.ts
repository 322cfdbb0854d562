/** The end of a member with a computed name that is assigned to. */
const KEYED_WRITE = /\](?:\s*as\s[^;=]{1,80})?[)!\s]*[-+*/%&|^?<>]{0,3}=(?![=>])/g;
const DELETES = /\bdelete\s+[\w$.]{1,80}\[(?!['"`\d])/;
const DEFINES = /\bdefineProperty\b/;

/** How far before a closing bracket its opening one is looked for. */
const REACH = 300;

/** Keys that are written out, or are one name of many parts: numbers, strings, `options.key`, nothing at all. */
const CONSTANT = /^(?:\d[\d_.]*|'[^'\n]*'|"[^"\n]*"|`[^`]*`|[\w$]+(?:\??\.[\w$#]+)+)?$/;
const DECLARES = /(?:^|[^\w$.])(?:const|let|var)$/;

/** Where the bracket that closes at `close` opens; -1 when that is not near. */
function opening(text: string, close: number): number {
  let depth = 0;
  for (let at = close; at >= 0 && at > close - REACH; at -= 1) {
    const code = text.charCodeAt(at);
    if (code === 93) depth += 1;
    else if (code === 91) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

/** `[a, b] = …` takes a list apart: nothing that could have members stands before it. */
function isPattern(text: string, open: number): boolean {
  let at = open - 1;
  while (at >= 0 && text.charCodeAt(at) <= 32) at -= 1;
  return at < 0 || ';{(,=:'.includes(text[at] ?? '') || DECLARES.test(text.slice(Math.max(0, at - 8), at + 1));
}

/**
 * Whether a file may write to, or delete, a member under a key that is not known: nothing pollutes a prototype without. Seen from the
 * text, since most files that are parsed write to none, and where in doubt the answer is yes.
 */
export function writesUnknownKey(text: string): boolean {
  if (DELETES.test(text)) return true;
  for (const { index } of text.matchAll(KEYED_WRITE)) {
    const open = opening(text, index);
    if (open < 0) return true;
    if (!CONSTANT.test(text.slice(open + 1, index).trim()) && !isPattern(text, open)) return true;
    // Looked for last: what is defined counts in files only that also assign.
    if (DEFINES.test(text)) return true;
  }
  return false;
}
