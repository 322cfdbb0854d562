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
