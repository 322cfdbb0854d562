import type { LineTable } from '../syntax/lines.ts';
import type { Place } from './gaps.ts';
import type { RouteFacts } from './model.ts';

/** Whoever calls, as the frameworks name it. */
const CALLER =
  '(?:req|request|ctx|context|c|event|locals|session|state|this\\.req)?[?!]?\\.?(?:locals\\.|state\\.|session\\??\\.|auth\\??\\.|var\\.)?(?:user|session\\??\\.user|auth|currentUser|current_user|claims|payload|viewer|me|account|token|decoded|identity)[?!]?\\.(?:id|_id|sub|userId|uid|user_id|accountId)\\b';
const CALLER_ID =
  '(?:(?:session|req|request|ctx|locals|auth)[?!]?\\.(?:session\\.)?)?userId\\b|c\\.get\\([\'"](?:userId[\'"]\\)|(?:user|session|jwtPayload)[\'"]\\)[?!]?\\.(?:id|sub)\\b)|socket\\.data\\.\\w*[iI]d\\b';
/** What each of the two ends with: half the files have none of it. */
const SPEAKS_OF_CALLER =
  /(?:user|User|auth|claims|payload|viewer|me|account|token|decoded|identity)[?!]?\.(?:id|_id|sub|userId|uid|user_id|accountId)\b|userId\b|\bc\.get\(|\bsocket\.data\b/;
/** `ownerId: request.user.sub`, `eq(notes.ownerId, session.user.id)`: a column that says whose a row is. */
const KEPT = new RegExp(
  `\\b(\\w+)\\s*(?::|,(?=\\s*(?:await\\s+)?(?:${CALLER}|${CALLER_ID})\\s*\\)))\\s*(?:String\\(|new [\\w.]+\\()?(?:${CALLER}|${CALLER_ID})`,
  'g',
);
/** `event.organizerId !== viewer.id`. */
const COMPARED = new RegExp(`\\w[?!]?\\.(\\w+)\\s*[!=]==?\\s*(?:${CALLER}|${CALLER_ID})`, 'g');
/** The same column out of what was sent: `ownerId: request.body.ownerId`. */
const TOLD =
  /\b(\w+)\s*:\s*(?:String\(|Number\()?(?:(?:req|request|ctx\.request|c\.req|event)[?!]?\.(?:body|query|params)|body|input|parsedInput|query|dto|data|payload|args|values|parsed\.data|parsed\.output)[?!]?\.(\w+)\b|\b(\w+)\s*[:,]\s*(?:String\(|Number\()?(?:form|formData|data|body|searchParams|url\.searchParams|\w+\.req)\.(?:get|query)\(\s*['"](\w+)['"]|\b(\w+)\s*[:,]\s*\(await (?:c\.req|req|request)\.json\(\)\)\.(\w+)\b/g;
/** Columns that every row has, or that are nobody's. */
const NO_OWNER = /^(?:id|_id|sub|uid|key|name|email|role|default|case|user|data|where|ctx|payload|id_token)$/;

/** Columns in which this file keeps whoever calls. */
export function callerColumns(text: string): string[] {
  if (!SPEAKS_OF_CALLER.test(text)) return [];
  const names = [...text.matchAll(KEPT), ...text.matchAll(COMPARED)].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => !NO_OWNER.test(name));
}

/** Columns that are filled or asked for with what was sent under the same name. */
export function toldColumns(text: string, lines: LineTable): Place[] {
  return [...text.matchAll(TOLD)].flatMap(({ 1: column, 2: sent, 3: asked, 4: field, 5: filled, 6: read, index }) => {
    const name = column ?? asked ?? filled ?? '';
    return name === (sent ?? field ?? read) &&
      !NO_OWNER.test(name) &&
      /id$|by$|^(?:owner|author|user|member)$/i.test(name)
      ? [{ name, line: lines.at(index).line }]
      : [];
  });
}

/** Where whose row it is is believed to the sender, and the project puts whoever calls there elsewhere. */
export function believedColumns(facts: ReadonlyMap<string, RouteFacts>): Map<string, Place[]> {
  const kept = new Set([...facts.values()].flatMap(({ callers }) => callers ?? []));
  const out = new Map<string, Place[]>();
  for (const [file, { told = [] }] of facts) {
    const places = told.filter(({ name }) => kept.has(name));
    if (places.length > 0) out.set(file, places);
  }
  return out;
}
