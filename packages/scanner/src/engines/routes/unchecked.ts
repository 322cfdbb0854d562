/** `const { user } = await …` and `const session = await …`, with what is awaited up to the end of its line. */
const ASKED = /(?:const|let|var)\s+(?:\{([^;=]*)\}|(\w+))\s*(?::[^;=\n]+)?=\s*((?:await\s+)?[^;\n]*)/g;
const NAMES = /\b(user|session|userId|claims|currentUser|account|data(?!\s*:\s*\{))\b(?:\s*:\s*(\w+))?/g;

/** What a callable function of Firebase knows of its caller. */
const CALLER = /\b(request|context|req)\.auth!?\.(uid|token)\b/;
const CALLER_ASKED =
  /!\s*(request|context|req)\.auth\b|\b(request|context|req)\.auth\??(\.uid)?\s*(===?|!==?|&&|\?[^.]|\|\|)|\bif\s*\(\s*(request|context|req)\.auth\b|\w*([aA]ssert|[eE]nsure|[rR]equire|[cC]heck)\w*\([^()]*\b(request|context|req)\b/;

/** Looks at what a name holds before going on, or hands it to something that does. */
export function isAsked(code: string, name: string): boolean {
  const asked = new RegExp(
    `!\\s*${name}\\b|\\b${name}(\\??\\.\\w+)*\\s*(===?|!==?|&&|\\|\\||\\?\\?|\\?[^.])|\\bif\\s*\\(\\s*${name}\\b|` +
      `\\w*([aA]ssert|[iI]nvariant|[eE]nsure|[rR]equire|[cC]heck|[vV]erify|[vV]alidate|[cC]an|[hH]as|[iI]s|[aA]llow|[pP]ermi|[aA]uthor|[gG]uard)\\w*\\([^()]*\\b${name}\\b|` +
      `&&\\s*${name}\\b|\\bcase\\b|\\b${name}\\s*\\?\\.`,
  );
  return asked.test(code);
}

/** What a hook left for the handlers to look at: `null` when nobody is signed in. */
const LEFT = /\b((?:event\.)?locals\.(?:user|session|currentUser))!?\.\w/;

/** `locals.user.id` in a function that never looks whether there is one. */
function leftUnchecked(code: string): number | undefined {
  const left = LEFT.exec(code);
  const name = left?.[1]?.replaceAll('.', '\\.');
  if (left === null || name === undefined) return undefined;
  const asked = new RegExp(
    `!\\s*(?:event\\.)?${name}|${name}(\\.\\w+)*\\s*(?:===?|!==?|&&|\\|\\||\\?)|\\bif\\s*\\(\\s*${name}|` +
      '\\b\\w*([aA]ssert|[eE]nsure|[rR]equire|[cC]heck|[gG]uard|[pP]rotect)\\w*\\([^()]*\\b(locals|event)\\b|' +
      '\\b(?:const|let)\\s+(?:\\{[^}]*\\}|\\w+)\\s*=\\s*(?:event\\.)?locals\\b',
  );
  return asked.test(code) ? undefined : left.index;
}

/** Whether any part of the text can be found by `uncheckedAt`. */
export const mayBeUnchecked = (text: string, asks: RegExp): boolean =>
  asks.test(text) || CALLER.test(text) || LEFT.test(text);

/** Where code asks who is signed in and then uses the answer as if there always were somebody; `undefined` if nowhere. */
export function uncheckedAt(code: string, asks: RegExp): number | undefined {
  if (CALLER.test(code) && /onCall|HttpsError|firebase/.test(code) && !CALLER_ASKED.test(code))
    return code.search(CALLER);
  const left = leftUnchecked(code);
  if (left !== undefined) return left;
  for (const match of code.matchAll(ASKED)) {
    const [, pattern, plain, value = ''] = match;
    if (!asks.test(value)) continue;
    const names =
      plain === undefined
        ? [...(pattern ?? '').matchAll(NAMES)].map(([, own = '', renamed]) => renamed ?? own)
        : [plain];
    const rest = code.slice(match.index + match[0].length);
    // The store of a cookie, which is written to.
    if (plain !== undefined && new RegExp(`\\b${plain}\\.(?:set|flash|unset)\\(`).test(rest)) continue;
    const all = [...names, ...names.flatMap((name) => aliases(rest, name))];
    // Who looks at the error has looked.
    if (/\berror\b/.test(pattern ?? '') && isAsked(rest, 'error')) continue;
    const used = all.some((name) => new RegExp(`\\b${name}!?\\.\\w+`).test(rest));
    if (used && names.length > 0 && !all.some((name) => isAsked(rest, name))) return match.index;
  }
  return undefined;
}

/** Other names for the answer: `const user = session.user`. */
function aliases(code: string, name: string): string[] {
  const out: string[] = [];
  for (const [, pattern, plain] of code.matchAll(
    new RegExp(`(?:const|let|var)\\s+(?:\\{([^;=]*)\\}|(\\w+))\\s*=\\s*${name}\\b`, 'g'),
  ))
    out.push(...(plain === undefined ? [...(pattern ?? '').matchAll(/\w+/g)].map(([word]) => word) : [plain]));
  return out;
}
