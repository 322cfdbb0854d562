import type { LineTable } from '../syntax/lines.ts';
import { closing } from './brackets.ts';
import type { Place } from './gaps.ts';
import type { Route } from './inventory.ts';
import type { RouteFacts } from './model.ts';
import { restOfBlock } from './unlooked.ts';

/** What a file shows about the records of people: where they are sent whole, and what keeps their passwords back. */
export interface PeopleFacts {
  /** Records that are answered with as the database gave them. */
  sent: (Place & { given?: true })[];
  /** A password or its hash is a column of theirs. */
  stores: boolean;
  /** The column is left out by the model itself. */
  hides: boolean;
  /** A query asks for the column that it believes to be hidden. */
  unhides: boolean;
  /** Where a model declares the column openly. */
  open: Place[];
  /** Classes are turned into answers by what leaves such columns out. */
  serializes: boolean;
}

const PERSON = '(?:\\w+\\.)*(?:\\w*(?:[uU]sers?|[aA]ccounts?|[mM]embers?|[cC]ustomers?)(?:Repository|Repo|Model)?)';
/** `const user = await prisma.user.create(…)`, up to the bracket. */
const TAKEN = new RegExp(
  `\\b(?:const|let)\\s+(\\w+)\\s*(?::[^=\\n]+)?=\\s*await\\s+${PERSON}\\.(?:create|save|find\\w*|update\\w*|upsert)\\s*\\(`,
  'g',
);
const DIRECT = new RegExp(
  `(?:\\.(?:json|send)\\(|\\bjson\\(|=>|\\breturn)\\s*\\(?\\s*(?:await\\s+)?${PERSON}\\.(?:find(?:Many|All|Unique\\w*|First\\w*|One\\w*|ById|ByPk|ByIdAndUpdate)?|update|create)\\s*\\(`,
  'g',
);
/** `const [user] = await db.insert(users).values(…).returning()` of Drizzle, and `return db.select().from(users)`. */
const RETURNED =
  /\b(?:const|let)\s+\[(\w+)\]\s*=\s*await\s+\w+\s*\.(?:insert|update)\(\s*\w*(?:[uU]sers?|[aA]ccounts?|[mM]embers?|[cC]ustomers?)\s*\)[^;]*?\.returning\(\s*\)/g;
const SELECTED =
  /(?:\bjson\(|=>|\breturn)\s*\(?\s*(?:await\s+)?\w+\s*\.select\(\s*\)\s*\.from\(\s*\w*(?:[uU]sers?|[aA]ccounts?|[mM]embers?|[cC]ustomers?)\s*\)/g;
/** Fields are picked, or left out. */
const PICKS =
  /\bselect\b|\bomit\b|\battributes\b|\bprojection\b|\bcolumns\b|\.lean\(|\.toJSON|\.toObject|\bpassword\w*:\s*(?:false|0)\b/;
const PASSWORD = /\b(?:password\w*|hashed_?[pP]assword|passwd)\b/;
const STORES =
  /\b(?:create|save|insert|update\w*|set|values|new\s+\w+)\s*\(\s*\{[^;]{0,300}?\b(?:password\w*|hashedPassword)\b|Schema\([^;]{0,600}?\bpassword\w*\s*:/;
const HIDES =
  /\bselect:\s*false\b|\btoJSON\b|\bprivate:\s*true\b|\bomit:\s*\{\s*user|\bexclude:\s*\[[^\]]*password|\bhidden:\s*true|\$extends\(/;
const FAR = 600;

/** The call from its bracket on, with what is chained to it. */
function callAt(text: string, open: number): string {
  const at = closing(text, open, FAR);
  const end = at < 0 ? Math.min(text.length, open + FAR) : at + 1;
  return text.slice(open, end) + (/^(?:\s*\.\w+\([^()]*\))*/.exec(text.slice(end, end + 200))?.[0] ?? '');
}

const SENDS = (name: string) =>
  new RegExp(
    `(?:\\b(?:res|reply|c|ctx|response|Response|NextResponse)\\b(?:\\.\\w+\\([^()]*\\))*\\.(?:json|send)|\\bjson)\\(\\s*\\{?\\s*(?:user:\\s*)?${name}\\s*[,)}]|\\bctx\\.body\\s*=\\s*${name}\\s*[;\\n]|\\breturn\\s*\\{\\s*\\.\\.\\.${name}\\s*,(?![^}]*\\bpassword)[^}]*\\b(?:token|jwt)\\w*\\b`,
  );

/** A table or model of people is asked. */
const ASKS_PEOPLE =
  /(?:[uU]sers?|[aA]ccounts?|[mM]embers?|[cC]ustomers?)(?:Repository|Repo|Model)?\.(?:create|save|find|update|upsert)/;

function sentWhole(text: string, lines: LineTable): PeopleFacts['sent'] {
  const out: PeopleFacts['sent'] = [];
  const asks = ASKS_PEOPLE.test(text);
  if (!asks && !text.includes('.returning(') && !text.includes('.from(')) return out;
  for (const { 0: whole, 1: name = '', index } of asks ? text.matchAll(TAKEN) : []) {
    const open = index + whole.length - 1;
    const call = callAt(text, open);
    if (PICKS.test(call)) continue;
    const after = restOfBlock(text, open + call.length);
    const sent = SENDS(name).exec(after);
    if (sent === null) continue;
    if (new RegExp(`\\b${name}\\.password\\w*\\s*=`).test(after.slice(0, sent.index))) continue;
    out.push({ name, line: lines.at(open + call.length + sent.index).line });
  }
  for (const { 0: whole, 1: name = '', index } of text.matchAll(RETURNED)) {
    const after = restOfBlock(text, index + whole.length);
    const sent = SENDS(name).exec(after) ?? new RegExp(`\\breturn\\s+${name}\\s*;`).exec(after);
    if (sent === null) continue;
    const given = sent[0].startsWith('return') ? { given: true as const } : {};
    out.push({ name, line: lines.at(index + whole.length + sent.index).line, ...given });
  }
  for (const { 0: whole, index } of text.matchAll(SELECTED)) {
    const given = /^(?:=>|return)/.test(whole) ? { given: true as const } : {};
    out.push({ name: 'the record', line: lines.at(index).line, ...given });
  }
  for (const { 0: whole, index } of asks ? text.matchAll(DIRECT) : []) {
    const call = callAt(text, index + whole.length - 1);
    if (!PICKS.test(call) && !/^\s*\.(?:then|map)\b/.test(text.slice(index + whole.length - 1 + call.length)))
      // What a function gives back is sent only by a handler.
      out.push({
        name: 'the record',
        line: lines.at(index).line,
        ...(/^(?:=>|return)/.test(whole) ? { given: true as const } : {}),
      });
  }
  return out;
}

/** `@Column() passwordHash: string` without anything that leaves it out, `password: { type: String }` of a schema. */
const COLUMN = /((?:^[ \t]*@\w+\([^\n]*\)\s*\n)*)^[ \t]*(password\w*)[!?]?\s*:\s*string\s*;/gm;
const FIELD = /\b(password\w*)\s*:\s*\{([^{}]*\btype:\s*String\b[^{}]*)\}/g;

function openColumns(text: string, lines: LineTable): Place[] {
  const out: Place[] = [];
  if (/@Entity\(|@Schema\(/.test(text))
    for (const { 0: whole, 1: decorators = '', 2: name = '', index } of text.matchAll(COLUMN))
      if (/@(?:Column|Prop)\(/.test(decorators) && !/@Exclude|select:\s*false/.test(decorators))
        out.push({ name, line: lines.at(index + whole.length - 1).line });
  if (/Schema\(/.test(text))
    for (const { 1: name = '', 2: options = '', index } of text.matchAll(FIELD))
      if (!/select:\s*false|private:\s*true/.test(options)) out.push({ name, line: lines.at(index).line });
  return out;
}

export function peopleFacts(text: string, lines: LineTable): PeopleFacts | undefined {
  const speaks = PASSWORD.test(text);
  const sent = /[uU]ser|[aA]ccount|[mM]ember|[cC]ustomer/.test(text) ? sentWhole(text, lines) : [];
  const serializes = /ClassSerializerInterceptor|instanceToPlain|classToPlain/.test(text);
  if (!speaks && sent.length === 0 && !serializes) return undefined;
  return {
    sent,
    stores: speaks && STORES.test(text),
    hides: speaks && (HIDES.test(text) || /@Exclude\(/.test(text)),
    unhides: /['"]\+password\w*['"]/.test(text),
    open: speaks ? openColumns(text, lines) : [],
    serializes,
  };
}

/** Records of people that go out with their passwords' hashes, and columns that are not left out where the project relies on it. */
export function exposedPeople(
  facts: ReadonlyMap<string, RouteFacts>,
  routes: readonly Route[],
): { file: string; line: number; name: string }[] {
  const all = [...facts].flatMap(([file, { people }]) => (people === undefined ? [] : [{ file, ...people }]));
  const some = (kind: 'stores' | 'hides' | 'unhides' | 'serializes') => all.some((each) => each[kind]);
  const open = all.flatMap((each) => each.open.map((place) => ({ file: each.file, ...place })));
  if (open.length > 0 && (some('unhides') || some('serializes'))) return open;
  if (!some('stores') || some('hides')) return [];
  return all.flatMap(({ file, sent }) =>
    sent
      .filter(
        ({ given, line }) =>
          given === undefined ||
          routes.some((route) => route.file === file && route.line <= line && route.endLine >= line),
      )
      .map(({ name, line }) => ({ file, name, line })),
  );
}
