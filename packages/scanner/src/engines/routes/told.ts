import type { Place } from './gaps.ts';
import type { Collecting } from './reading.ts';

/** Whose rows are meant, read from a body, a query or a form. */
const TOLD =
  /\b(?:req|request|ctx\.request|c\.req|event)\??\.(?:body|query|queryStringParameters|form|args|json)(?:\(\))?\??(?:\.get\(\s*|\.|\[\s*)['"]?(userId|user_id|uid|ownerId|owner_id|authorId|author_id|customerId|customer_id)\b(?!['"\])]*\s*[!=]==?)/g;
/** Whoever calls is known here, or somebody with a right or a secret is let in instead. */
const KNOWN =
  /\b(?:req|request|ctx|c|event|locals|context)\??\.(?:user|auth|session|locals|state\.user)\b|\bcurrent_user\b|\b(?:session|user|claims|viewer|me)\??\.(?:id|_id|sub|user|userId|uid|role|isAdmin|is_admin)\b|\.get\(['"](?:user|userId|jwtPayload|session)['"]\)|\bauthorizer\b|\b(?:require|ensure|assert|check|verify|get|current)_?(?:User|Auth|Session|Role|Admin|Permission|Group|Owner|Login|Signed|Signature|Claims|Caller)\w*\(|\bcaller\w*\(|\b(?:hmac|createHmac|signature|secret|admin|token|otp|code)\b/i;

/** The innermost function around a place. */
function around({ machine }: Collecting, at: number): { start: number; end: number; body: string } | undefined {
  let best: { start: number; end: number } | undefined;
  let body = '';
  for (const { node } of machine.closures.values())
    if (node.start <= at && node.end > at && (best === undefined || node.end - node.start < best.end - best.start)) {
      best = node;
      body = machine.text.slice(node.body?.start ?? node.start, node.end);
    }
  return best === undefined ? undefined : { ...best, body };
}

/** Reads of an owner from what is sent, in functions where nobody else says who that is. */
export function toldOwners(collecting: Collecting): Place[] {
  const { machine, lines } = collecting;
  return [...machine.text.matchAll(TOLD)].flatMap(({ 1: name = '', index }) => {
    const own = around(collecting, index);
    if (own === undefined || KNOWN.test(own.body.replaceAll(TOLD, ' '))) return [];
    return [{ name, line: lines.at(index).line }];
  });
}

const MADE = /(?:\b(?:const|let|var)\s+)?\b(\w+)\s*(?::\s*\w+\s*)?=\s*(?:(?:crypto\.)?createHmac\(|hmac\.new\()/g;

/** `expected = hmac.new(…)` that nothing is compared with. */
export function idleSignatures(collecting: Collecting): Place[] {
  const { machine, lines } = collecting;
  if (!machine.text.includes('createHmac(') && !machine.text.includes('hmac.new(')) return [];
  return [...machine.text.matchAll(MADE)].flatMap(({ 1: name = '', index }) => {
    const own = around(collecting, index);
    const text = own?.body ?? machine.text;
    const uses = [...text.matchAll(new RegExp(`(?<![\\w$.])${name}(?![\\w$])`, 'g'))].length;
    return uses === 1 ? [{ name, line: lines.at(index).line }] : [];
  });
}

/** Names of what says whose a record is. */
const OWNER =
  '(?:user|owner|author|creator|seller|buyer|customer|account|tenant|borrower|sender|member)(?:_?[iI]d|Id)?|created_?[bB]y|pk|uid';
/** What is known of whoever calls. */
const CALLER =
  '(?:String\\(|str\\(|await\\s+)?(?:\\w*(?:[uU]ser|[sS]ub|[sS]ubject|[oO]wner|[cC]aller)\\w*(?:Of|_of)|get\\w*(?:User|Sub|Caller)\\w*)\\((?:event|req|request|ctx|c|context)\\b|(?:request|req|ctx|context|event|session|decoded|claims|user|viewer|locals|current_user|g|auth)\\b[.?!\\w]*\\.(?:uid|sub|id|_id|user_id|userId|user)\\b';
const SENT =
  '\\(?(?:await\\s+)?(?:\\(?\\b(?:event|req|request|ctx|c)\\??\\.(?:queryStringParameters|body|headers|query|form|args|data|json\\(\\)|get_json\\(\\)|GET|POST)|event\\[["\'](?:queryStringParameters|body|headers)["\']\\]|body\\b|payload\\b|parsed\\.data|JSON\\.parse\\([^()\\n]*\\))\\)?\\??(?:\\.data)?(?:\\.(?!data\\b)\\w+|\\[["\'][\\w-]+["\']\\])';
const BOUND = new RegExp(
  `\\b(${OWNER})(?:['"]?\\s*[:=]\\s*|(?<=\\.\\w+)\\s*[!=]==?\\s*|(?<=['"]\\w+)['"]\\s*,\\s*(?:['"]==?['"]\\s*,\\s*)?)(?:${CALLER})`,
  'g',
);
const TOLD_BY = new RegExp(`(?<![.\\w])(${OWNER})['"]?\\s*(?::|(?<=[(,]\\s*\\w+\\s*)=(?!=))\\s*(?:${SENT})`, 'g');
/** Accounts that a server's own rights are used on. */
const ACCOUNT_TOLD = new RegExp(`\\.auth\\.admin\\.(deleteUser|updateUserById)\\(\\s*(?:${SENT})`, 'g');
/** Somebody with a right, or with a secret, may say whom it is for. */
const MAY_SAY = /admin|role|group|scope|permission|moderator|staff|hmac|signature|secret|constructEvent|webhook/i;
const ASSIGNS = /(?:user|owner|author|creator|seller|buyer|customer|account|tenant|created_?by|pk|uid)/i;

/** Owners of records as code writes them: from whoever calls, or as they are sent. */
export interface Owners {
  /** Names that are bound to whoever calls. */
  bound: string[];
  told: Place[];
}

const known = (name: string): string => name.toLowerCase().replaceAll('_', '');

/** Where owners of records come from in one file. */
export function ownersIn(collecting: Collecting): Owners | undefined {
  const { machine, lines } = collecting;
  const { text } = machine;
  if (!ASSIGNS.test(text)) return undefined;
  const bound = [...text.matchAll(BOUND)].map((match) => known(match[1] ?? ''));
  const told = [...text.matchAll(TOLD_BY), ...text.matchAll(ACCOUNT_TOLD)].flatMap(({ 1: name = '', index }) => {
    const own = around(collecting, index);
    const body = own?.body.replaceAll(/\.auth\.admin\b|\badmin\(\)/g, ' ');
    if (own === undefined || body === undefined || MAY_SAY.test(body)) return [];
    return [{ name, line: lines.at(index).line }];
  });
  return bound.length + told.length === 0 ? undefined : { bound: [...new Set(bound)], told };
}

/** Owners that are taken as they are sent, of a name that the project binds to whoever calls elsewhere. */
export function ownersAsSent(all: ReadonlyMap<string, Owners>): { file: string; name: string; line: number }[] {
  const bound = new Set([...all.values()].flatMap((each) => each.bound));
  return [...all].flatMap(([file, { told }]) =>
    told
      .filter(({ name }) => bound.has(known(name)) || (/^(?:deleteUser|updateUserById)$/.test(name) && bound.size > 0))
      .map((place) => ({ file, ...place })),
  );
}
