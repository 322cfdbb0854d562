/** `name = value` as found round a word, by offsets into the text. */
export interface Assignment {
  nameStart: number;
  nameEnd: number;
  start: number;
  end: number;
  quoted: boolean;
  operator: string;
}

const NAME_MAX = 80;
const VALUE_MAX = 512;

/** Languages in which a value needs no quotes; elsewhere an unquoted word is a variable. */
const bare: ReadonlySet<string> = new Set([
  ...['dotenv', 'properties', 'ini', 'yaml', 'shell', 'dockerfile', 'xml', 'html', 'text', 'markdown', 'unknown'],
  ...['nginx', 'caddy', 'batch', 'http', 'netrc'],
]);

/** Languages in which a value at the start of a line goes on to its end, whatever signs it holds. */
const wholeLine: ReadonlySet<string> = new Set(['dotenv', 'properties', 'ini', 'yaml']);

/** Languages of sentences: a value may stand behind the word alone. */
const prose: ReadonlySet<string> = new Set(['text', 'markdown', 'unknown']);

const isName = (code: number) =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  code === 36 ||
  code === 45 ||
  code === 46;

interface Named {
  nameStart: number;
  nameEnd: number;
}

/** The identifier, with its dots and dashes, round the word that ends at `end`. */
export function nameAround(text: string, start: number, end: number): Named {
  let nameStart = start;
  while (nameStart > 0 && start - nameStart < NAME_MAX && isName(text.charCodeAt(nameStart - 1))) nameStart -= 1;
  let nameEnd = end;
  while (nameEnd < text.length && nameEnd - end < NAME_MAX && isName(text.charCodeAt(nameEnd))) nameEnd += 1;
  while (nameEnd > end && /[-.]/.test(text[nameEnd - 1] ?? '')) nameEnd -= 1;
  return { nameStart, nameEnd };
}

/**
 * What stands between a name and its value. In order: a type (`: string =`), an attribute pair (`name="password"
 * value="x"`), two fields or elements of one entry, an assignment or comparison, a markup element, a call or pair, a space.
 */
const operators: readonly [string, RegExp][] = [
  ['typed', /(?:\?|!)?\s*:\s*(?:&'?|\*|\[)?[A-Za-z[][\w<>[\].|&; ']{0,40}?\s*=\s*(?=[@rbufL]{0,2}["'`])/y],
  ['attribute', /\\?["']\s{1,4}(?:value|content|default|defaultValue)\s*=\s*\{?(?=\\?["'])/y],
  ['entry', /["']?(?:\s{0,4},\s{0,60}|\s{0,3}\r?\n\s{1,40})["']?(?:value|Value|VALUE)["']?\s{0,3}[:=]\s{0,3}(?=\S)/y],
  ['attribute', /["'],\s{0,4}(?:\w{1,12}=[^,"'\n]{1,40},\s{0,4}){0,4}default\s?=\s?(?=["'])/y],
  [
    'attribute',
    /"\s{0,4}\{\s{0,40}(?:[a-z_]{1,20}\s*=\s*(?:"[^"\n]{0,120}"|[\w.]{1,30})\s{0,40}){0,4}default\s*=\s*(?=")/y,
  ],
  ['element', /<\/(?:name|key|param-name)>\s{0,60}<(?:value|string|param-value)>(?=[^<\s])/y],
  [
    'assign',
    /(?:\\?["'`])?[ \t]{0,20}\]?(?:\)(?=\s?[!=]=))?(?:\[\d{0,4}\])?[ \t]{0,40}(?:===?|!==?|:=|=>|\?\?=|\|\|=|\?=|=|:)\s{0,40}(?:(?:\r?\n)\s{0,40}(?=["'`]))?/y,
  ],
  ['element', /(?:\\?["'])?\s{0,4}>\s{0,20}(?:<!\[CDATA\[)?(?=[^<\s])/y],
  ['pair', /\\?["'`]\s{0,4}\]?,\s{0,20}(?=[@rbufL]{0,2}\\?["'`])/y],
  ['call', /\s?\(\s{0,10}(?=[@rbufL]{0,2}["'`])/y],
  ['space', /\s{1,4}(?:(?:is|IS|by|BY)\s{1,2})?(?=["'`])/y],
];

/** First signs that can open an operator; whatever else follows a name ends the look at once. */
const opening = /[\s?!:\\"'`)\]=|[>(,<]/;

const flagOperator = /[ \t]{1,4}(?=[^\s-])/y;
const cellOperator = /[*_`]{0,2}[ \t]{0,20}\|[ \t]{0,20}[`*]{0,2}(?=[^\s`*|-])/y;
const proseOperator = /(?:[ \t]{1,3}(?:is|was|to|as)\b)?[ \t]?[:=]?[ \t]{1,3}[*_]{0,2}(?=[^\s*_])/y;

/** A look-up that falls back to a literal: the literal is the value. */
const fallback =
  /(?:(?:process\.env|import\.meta\.env|ENV|os\.environ)[\w.[\]"']{1,60}\s*(?:\|\||\?\?)\s*|(?:os\.environ\.get|os\.getenv|os\.Getenv|getenv|env|System\.getProperty|config|ENV\.fetch)\s*\(\s*["'][\w.:-]{1,60}["']\s*,\s*)(?=["'`])/y;

/** Calls that pass a literal through: `Buffer.from("x")`, `b64decode(b"x")`, `new String("x")`. Others look something up. */
const wrappers =
  'new\\s+\\w{1,20}|Buffer\\.from|(?:\\w{1,20}\\.){0,3}GetBytes|str|bytes|bytearray|(?:base64\\.)?b64decode|atob|Secret(?:Str|String)?|' +
  '(?:bytes\\.)?fromhex|(?:binascii\\.)?unhexlify|hex::decode|String\\.valueOf|String::from|Some|SecretString|quote|' +
  '\\[\\]byte|TEXT|_T|(?:CryptoJS\\.)?enc\\.\\w{3,9}\\.parse|base64_decode|hex2bin|(?:Base64|Hex)\\.\\w{0,12}[dD]ecode\\w{0,12}';
const prefix = new RegExp(
  `(?:(?:${wrappers})\\s*\\(\\s*(?=[rbu]?["'])|ConvertTo-SecureString\\s+(?:-String\\s+)?(?=["'])|\\[\\s{0,20}(?=[rbu]?["'])|[@rbuL]{1,2}(?=["'\`])|\\\\?(?=["']))?`,
  'y',
);

function sticky(regex: RegExp, text: string, at: number): number {
  regex.lastIndex = at;
  return regex.test(text) ? regex.lastIndex : -1;
}

/** End of a quoted value, or -1 when it does not close on its line in time. */
function closing(text: string, start: number, quote: string): number {
  const stop = Math.min(text.length, start + VALUE_MAX);
  const escaped = quote.length > 1;
  for (let i = start; i < stop; i += 1) {
    const char = text[i];
    if (char === '\n') return -1;
    if (escaped ? text.startsWith(quote, i) : char === quote) return i;
    if (char === '\\' && !escaped) i += 1;
  }
  return -1;
}

function quotedValue(text: string, at: number): { start: number; end: number } | undefined {
  let quote = text[at] ?? '';
  if (quote === '\\') quote += text[at + 1] ?? '';
  if (!/^\\?["'`]$/.test(quote)) return undefined;
  const triple = text.startsWith(quote.repeat(3), at) && quote.length === 1;
  const start = at + (triple ? 3 : quote.length);
  const end = closing(text, start, quote);
  return end < 0 ? undefined : { start, end };
}

/** The rest of a line that starts with the name: without a comment behind it, and without white space inside. */
function lineValue(text: string, name: Named, start: number): { start: number; end: number } | undefined {
  const head = text.slice(
    Math.max(text.lastIndexOf('\n', name.nameStart - 1) + 1, name.nameStart - 80),
    name.nameStart,
  );
  if (!/^\s*(?:-\s+|export\s+)?$/.test(head)) return undefined;
  const stop = Math.min(text.length, start + VALUE_MAX);
  let end = start;
  while (end < stop && !/\s/.test(text[end] ?? '')) end += 1;
  if (end === stop && stop < text.length) return undefined;
  const rest = /^[ \t]*(?:#[^\n]*)?\r?(?:\n|$)/.test(text.slice(end, end + 200));
  return rest && end > start && !/^["'`[{(&*!|>$%<@]|[([{]["'\w]*[)\]}]?$|,$|^\w+\(/.test(text.slice(start, end))
    ? { start, end }
    : undefined;
}

/** Unquoted values end at white space, quotes, separators and brackets; what follows decides with them. */
function bareValue(text: string, start: number, operator: string): { start: number; end: number } | undefined {
  const stop = Math.min(text.length, start + VALUE_MAX);
  let end = start;
  while (end < stop && !/[\s"'`<>|,;)\]}\\]/.test(text[end] ?? '') && !(operator === '=' && text[end] === '&'))
    end += 1;
  // `a(b)`, `a[0]`, `a {` are code, and a value that goes on behind a quote is a concatenation.
  if (end === start || /[([{]/.test(text.slice(start, end))) return undefined;
  return { start, end };
}

/** Further into a line nobody can tell any more which quote opens and which closes. */
const STRING_REACH = 2_000;
/** Lines of these that are as long are bundles and packed tables, in which any sign means anything. */
const packed: ReadonlySet<string> = new Set(['javascript', 'typescript']);

/** Whether `at` lies inside a quoted string of its line: then `password=x` there is text, not code. */
function insideString(text: string, at: number, language: string): boolean {
  let open = '';
  const start = text.slice(Math.max(0, at - STRING_REACH), at).lastIndexOf('\n') + at - Math.min(at, STRING_REACH) + 1;
  if (start === at - STRING_REACH && packed.has(language)) return false;
  for (let i = start; i < at; i += 1) {
    const char = text[i] ?? '';
    if (char === '\\') i += 1;
    else if (open === '' && /["'`]/.test(char)) open = char;
    else if (char === open) open = '';
  }
  return open !== '';
}

function isComment(text: string, at: number): boolean {
  const line = text.slice(Math.max(text.lastIndexOf('\n', at - 1) + 1, at - 200), at);
  return /^\s*(?:\/\/|#|\*|--|;)/.test(line) || /\s\/\/\s/.test(line);
}

function operatorAt(text: string, name: Named): [string, number] | undefined {
  if (name.nameEnd < text.length && !opening.test(text[name.nameEnd] ?? '')) return undefined;
  // By number: asked at each place that could be a name, and an iterator is two objects for each operator.
  for (let i = 0; i < operators.length; i += 1) {
    const operator = operators[i] as (typeof operators)[number];
    const end = sticky(operator[1], text, name.nameEnd);
    if (end >= 0) return [operator[0], end];
  }
  const flag = text.slice(Math.max(0, name.nameStart), name.nameStart + 2) === '--';
  const end = flag ? sticky(flagOperator, text, name.nameEnd) : -1;
  return end >= 0 ? ['flag', end] : undefined;
}

/** Reads the assignment whose name contains the word at `start`..`end`; undefined where there is none. */
export function assignmentAt(text: string, start: number, end: number, language: string): Assignment | undefined {
  const name = nameAround(text, start, end);
  if (name.nameEnd - name.nameStart > NAME_MAX) return undefined;
  const found = operatorAt(text, name);
  if (!found) return docker(text, name, language) ?? sentence(text, name, end, language);
  const [kind, after] = found;
  // `('password', 'x')` is a pair, `'user', 'password', 'x'` is a list; in SQL it may be a row.
  if (kind === 'pair' && language !== 'sql' && !opensPair(text, name.nameStart)) return undefined;
  // `password.encode("x")` does something with it, `user.setPassword("x")` hands it over, `token("x")` makes one.
  if (kind === 'call' && (text.slice(end, name.nameEnd).includes('.') || isMaker(text, name, start, language)))
    return undefined;
  // `PASSWORD= other`: nothing is set where no blank stands before the sign and one behind it.
  if (kind === 'assign' && /^=[ \t]/.test(text.slice(name.nameEnd, after)) && bare.has(language)) return undefined;
  const operator = kind === 'assign' ? text.slice(name.nameEnd, after).replaceAll(/[^=:>!?|]/g, '') : kind;
  let at = sticky(fallback, text, after);
  if (at < 0) at = Math.max(sticky(prefix, text, after), after);
  const quoted = quotedValue(text, at) ?? quotedValue(text, after);
  if (quoted) return { ...name, ...quoted, quoted: true, operator };
  // `x['password'] = other`: the quotes are the name's own.
  const inside = !/["'`]/.test(text[name.nameEnd] ?? '') && insideString(text, name.nameStart, language);
  const free = bare.has(language) || kind === 'flag' || inside || isComment(text, name.nameStart);
  const takesBare = ['=', ':', ':=', '?='].includes(operator) || ['flag', 'element', 'entry'].includes(kind);
  if (!free || !takesBare) return undefined;
  const value =
    (wholeLine.has(language) && kind === 'assign' ? lineValue(text, name, after) : undefined) ??
    bareValue(text, after, operator);
  // A file of unknown kind may be code: `password = other, next` names another variable there.
  if (value && language === 'unknown' && /[,;)]/.test(text[value.end] ?? '')) return undefined;
  return value && { ...name, ...value, quoted: false, operator };
}

function opensPair(text: string, nameStart: number): boolean {
  return /[({]\s{0,4}\\?["'`]$|(?:buildConfigField|resValue)(?:\(\s*|[ \t]{1,4})["']\w{1,10}["'],\s*["']$/.test(
    text.slice(Math.max(0, nameStart - 40), nameStart),
  );
}

/** `token("x")` makes something of `x`; `@Password("x")` and SQL's `PASSWORD('x')` hold it. */
function isMaker(text: string, name: Named, start: number, language: string): boolean {
  return start === name.nameStart && text[start - 1] !== '@' && language !== 'sql';
}

/** `the password is x` and `password x` of documents; whether `x` is one is for a strict judge to say. */
function sentence(text: string, name: Named, end: number, language: string): Assignment | undefined {
  if (name.nameEnd !== end || !prose.has(language)) return undefined;
  const after = Math.max(sticky(cellOperator, text, name.nameEnd), sticky(proseOperator, text, name.nameEnd));
  if (after < 0) return undefined;
  const value = bareValue(text, after, '=');
  if (!value) return undefined;
  const word = text.slice(value.start, value.end).replace(/[.:!?*_]{1,3}$/, '');
  return { ...name, start: value.start, end: value.start + word.length, quoted: false, operator: 'prose' };
}

/** `ENV NAME value` of Dockerfiles and `machine x password y` of .netrc. */
function docker(text: string, name: Named, language: string): Assignment | undefined {
  if (language !== 'netrc' && !/\s/.test(text[name.nameStart - 1] ?? '')) return undefined;
  const netrc =
    language === 'netrc' ||
    /\blogin[ \t]+\S+[ \t]+$/.test(text.slice(Math.max(0, name.nameStart - 80), name.nameStart));
  const env =
    language === 'dockerfile' &&
    /(?:^|\n)\s*(?:ENV|ARG)\s+$/.test(text.slice(Math.max(0, name.nameStart - 12), name.nameStart));
  if (!netrc && !env) return undefined;
  const after = sticky(flagOperator, text, name.nameEnd);
  const value = after < 0 ? undefined : bareValue(text, after, '=');
  return value && { ...name, ...value, quoted: false, operator: 'space' };
}
