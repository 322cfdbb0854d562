/** Calls and statements that can fail a test. */
const assertion =
  /(?<![\w$])(?:assert(?:\.\w+)*\s*\(|assert(?=\s+[^\s(])|assert\w+!?\s*\(|self\.assert\w+\s*\(|t\.(?:is|not|deepEqual|like|throws\w*|true|false|truthy|falsy|fail|regex|equal|ok|same|rejects|Error|Errorf|Fatal|Fatalf|assert(?:\.\w+)*)\s*\(|(?:require|Assert|XCTAssert|Expect|should)\w*[.]?\w*\s*\(|XCTFail\s*\(|debug_assert\w*!\s*\(|fc\.assert\s*\(|verify\s*\(|panic!\s*\()/g;
const expectation = /(?<![\w$.])expect\w*\s*(?:\(|\{)/g;
/** These fail by being reached, so their arguments say nothing. */
const failing = /(?:\.fail|^t\.(?:Error|Errorf|Fatal|Fatalf)|XCTFail|panic!)\s*\($/;
const literal = /^(?:true|false|null|undefined|None|True|False|NaN|nil|and|or|not|is|in|new|typeof|void|x{3,})$/;

/** End of the bracket that opens at `open`. */
export function closing(code: string, open: number): number {
  const own = code[open] ?? '(';
  const close = own === '{' ? '}' : ')';
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    if (code[i] === own) depth++;
    else if (code[i] === close && --depth === 0) return i + 1;
  }
  return code.length;
}

/** Does a piece of code name anything but literals. Strings are blanked to quotes, template literals with code to x. */
function namesSomething(code: string): boolean {
  const words = code.match(/[A-Za-z_$][\w$]*/g) ?? [];
  return words.some((word) => !literal.test(word) || /^x{3,}$/.test(word));
}

/** Arguments at the top level of a bracket. */
function argumentsOf(inner: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < inner.length; i++) {
    const mark = inner[i] ?? '';
    if ('([{'.includes(mark)) depth++;
    else if (')]}'.includes(mark)) depth--;
    else if (mark === ',' && depth === 0) {
      parts.push(inner.slice(from, i).trim());
      from = i + 1;
    }
  }
  parts.push(inner.slice(from).trim());
  return parts.filter((part) => part !== '');
}

/** A comparison of a thing with itself holds whatever the program does. */
function isTautology(args: readonly string[]): boolean {
  const [first, second] = args;
  if (first === undefined) return true;
  if (second !== undefined && first === second && !/["(]/.test(first)) return true;
  const sides = /^\s*([\w$.[\]]+)\s*(?:===?|==|is)\s*([\w$.[\]]+)\s*$/.exec(first);
  return sides !== null && sides[1] === sides[2];
}

function callCounts(body: string, match: RegExpExecArray): boolean {
  if (failing.test(match[0])) return true;
  const opens = match[0].endsWith('(');
  const at = match.index + match[0].length;
  const inner = opens ? body.slice(at, closing(body, at - 1) - 1) : (body.slice(at).split('\n')[0] ?? '');
  return namesSomething(inner) && !isTautology(argumentsOf(inner));
}

function expectationCounts(body: string, match: RegExpExecArray): boolean {
  const open = match.index + match[0].length - 1;
  const end = closing(body, open);
  const after = body.slice(end);
  // An expectation without a matcher asserts nothing.
  if (!/^\s*(?:\.|\?\.|to\b)/.test(after)) return false;
  const subject = body.slice(open + 1, end - 1).trim();
  if (!namesSomething(subject)) return false;
  const matcher = /^[\s\w.?]*\(/.exec(after);
  // A promise that nobody waits for fails after the test has passed.
  const waits = /\.(?:resolves|rejects)\b/.test(matcher?.[0] ?? '');
  if (waits && !/(?:\bawait|\breturn|=>|\[|,)\s*$/.test(body.slice(0, match.index))) return false;
  if (!matcher) return true;
  const expected = after.slice(matcher[0].length, closing(after, matcher[0].length - 1) - 1).trim();
  return subject !== expected || /["(]/.test(subject);
}

/** Names that hold a constant all through: `const expected = 1;` compared with 1 says nothing about the program. */
function withoutConstants(body: string): string {
  let code = body;
  const pattern =
    /(?<![\w$.])(?:(?:const|let|var|val)\s+)?([A-Za-z_$][\w$]*)\s*(?::\s*\w+\s*)?=\s*(-?\d[\d._]*|true|false|null|True|False|None|nil|"{2,})\s*(?=;|\n|$)/g;
  for (const match of [...body.matchAll(pattern)]) {
    const name = (match[1] ?? '').replaceAll('$', '\\$');
    const assigned = [...body.matchAll(new RegExp(`(?<![\\w$.])${name}\\s*(?:[-+*/%]?=(?!=)|\\+\\+|--)`, 'g'))].length;
    // Handed out by reference, it may be written elsewhere.
    const lent = new RegExp(`(?:&|\\b(?:out|ref|nonlocal|global)\\s+)${name}(?![\\w$])`).test(body);
    if (assigned !== 1 || lent || literal.test(name)) continue;
    code = code.replaceAll(new RegExp(`(?<![\\w$.])${name}(?![\\w$])(?!\\s*(?::\\s*\\w+\\s*)?=(?!=))`, 'g'), '1');
  }
  return code;
}

const never = /\bif\s*\(\s*(?:false|0|!1|!true|''|""|null|undefined)\s*\)\s*\{/g;
const local =
  /(?:(?:const|let|var)\s+(\w+)\s*=\s*(?:async\s*)?(?:\([^()]*\)|\w+)\s*=>\s*|(?:async\s+)?function\s+(\w+)\s*\([^()]*\)\s*)\{/g;
const later = /(?<![\w$.])(?:setTimeout|setImmediate|setInterval|queueMicrotask|process\.nextTick)\s*\(/g;

const blank = (code: string, from: number, to: number) => code.slice(0, from) + ' '.repeat(to - from) + code.slice(to);

/** Functions that nothing calls, and callbacks that run when the test is over. */
function withoutUncalled(body: string): string {
  let code = body;
  for (const match of [...code.matchAll(local)].reverse()) {
    const name = match[1] ?? match[2] ?? '';
    const uses = [...code.matchAll(new RegExp(`(?<![\\w$])${name}(?![\\w$])`, 'g'))].length;
    const open = match.index + match[0].length - 1;
    if (uses === 1) code = blank(code, open, closing(code, open));
  }
  if (/\bawait\b|\bdone\b|\bnew\s+Promise\b/.test(code)) return code;
  for (const match of [...code.matchAll(later)].reverse()) {
    const open = match.index + match[0].length - 1;
    code = blank(code, open, closing(code, open));
  }
  return code;
}

/** The catch behind a block that lets the test go on as if nothing had failed. */
function swallows(code: string, end: number): boolean {
  const handler = /^\s*catch\s*(?:\([^)]*\))?\s*\{/.exec(code.slice(end));
  if (!handler) return false;
  const open = end + handler[0].length - 1;
  return !/\bthrow\b|\bassert|\bexpect\b|\bfail\b|\breject\b|\bdone\s*\(|\bpanic|XCTFail|t\.(?:Error|Fatal)/.test(
    code.slice(open, closing(code, open)),
  );
}

/** Python's `try: … except: pass`, by indentation. */
function withoutPassed(body: string): string {
  return body.replaceAll(
    /^([ \t]*)try\s*:[^\n]*\n((?:\1[ \t]+[^\n]*\n|[ \t]*\n)+)\1except\b[^\n]*:\s*(?:pass\b|\.\.\.|\n\1[ \t]+(?:pass\b|\.\.\.|return\b))/gm,
    (found) => found.replaceAll(/[^\n]/g, ' '),
  );
}

/** Code that never runs, or whose failures are swallowed: `if (false) {…}`, `try {…} catch {}`, what follows a return. */
function reachable(body: string): string {
  let code = withoutPassed(withoutUncalled(withoutConstants(body)));
  for (const pattern of [never, /\btry\s*\{/g]) {
    for (const match of [...code.matchAll(pattern)].reverse()) {
      const open = match.index + match[0].length - 1;
      const end = closing(code, open);
      if (pattern === never || swallows(code, end)) code = blank(code, open, end);
    }
  }
  const early = /^([^{}]*\{)?[^{}]*?(?:^|[;{\n])\s*return\s*;/.exec(code);
  return early ? code.slice(0, early[0].length) : code;
}

/**
 * Assertions of a test body (comments and strings blanked) that can fail: `assert(true)`, a comparison of a thing with
 * itself, an expectation without a matcher and one that never runs cannot.
 */
export function countAssertions(body: string): number {
  const code = reachable(body);
  const calls = [...code.matchAll(assertion)].filter((match) => callCounts(code, match as RegExpExecArray)).length;
  return (
    calls + [...code.matchAll(expectation)].filter((match) => expectationCounts(code, match as RegExpExecArray)).length
  );
}
