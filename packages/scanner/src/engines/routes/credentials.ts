import type { LineTable } from '../syntax/lines.ts';
import type { Place } from './gaps.ts';
import type { Named } from './guards.ts';

/** Functions in which somebody becomes signed in, or is told apart from others by a password. */
const SIGNS_IN =
  /^_?(?:log_?in|sign_?in|authenticate|authorize|validate_?(?:user|login|credentials)|verify_?(?:login|user|credentials)|(?:user|account|password|email|local)_?(?:log_?in|sign_?in)|(?:handle|do|post|process|create)_?(?:log_?in|sign_?in|session)|log_?in_?(?:user|action|with\w*)|login\w*token|access_?token)$/i;
const HAS_PASSWORD = /\bpassword\b|\bpasswd\b|\bcredentials\b/i;
/** The account is looked up by what its owner is called. */
const LOOKS_UP =
  /\b(?:find\w*|get\w*|select|query|scalar|first|where|filter(?:_by)?|fetch\w*|by_?\w+|load\w*|prepare|execute)\s*\(?[\s\S]{0,160}\b(?:e?mail|user_?name|login|handle)\b|\bby_?(?:E?mail|User_?name)\s*\(/i;
/** The password is compared, or handed to something that does. */
const COMPARES =
  /\b\w*(?:compare|verify|check|match|valid|same|equal|authenticate|sign_?in|log_?in|hash|scrypt|pbkdf2|argon|bcrypt|digest)\w*\s*\(|\bpassword\w*\)?\s*[!=]==?|[!=]==?\s*(?:await\s+)?[\w.]*password|\bpassw(?:or)?d\w*\s*=\s*['"`]?(?:\$|\?|:\w|%s|\{)|\bfind\w*\s*\(\s*\{[^}]*\bpassword/i;
const CALLS_OTHER =
  /\b(?:auth|users?|accounts?|identity|credentials|session)_?(?:service|store|repository|manager|client)?\.\w*(?:log_?in|sign_?in|verify|validate|authenticate)\w*\s*\(/i;

const own = (body: string, name: string): string =>
  // The function's own name in a call of itself proves nothing.
  body.replaceAll(new RegExp(`\\b${name}\\s*\\(`, 'g'), '(');

/** The steps that come after a successful log-in; they compare nothing. */
const ISSUES =
  /\b(?:create|start|issue|sign|generate|make|set|commit|save)_?(?:access_?|auth_?|user_?|refresh_?)?(?:token|session|jwt|cookie)s?\w*\s*\(|\blog_?in_?user\s*\(|\blogin\s*\(\s*(?:request\s*,\s*)?user\b|\bjwt\.(?:sign|encode)\w*\s*\(|\.signAsync\s*\(|\bsign\s*\(|\bset_?cookie\s*\(/gi;

/** Names of functions that may take such steps at the end of a log-in. */
const MAY_ISSUE = /log_?in|sign_?in|token|session/i;

/** A function that looks an account up for a log-in and never looks at the password. */
export function looksAtNoPassword({ name, body: bodyOf, head }: Named): boolean {
  const issues = MAY_ISSUE.test(name);
  if (!issues && !SIGNS_IN.test(name)) return false;
  const body = bodyOf();
  if (!HAS_PASSWORD.test(head + body) || !LOOKS_UP.test(body)) return false;
  const rest = own(body, name).replaceAll(ISSUES, ' ');
  const signsIn = SIGNS_IN.test(name) || (issues && ISSUES.test(body));
  ISSUES.lastIndex = 0;
  return signsIn && !COMPARES.test(rest) && !CALLS_OTHER.test(rest);
}

/** `password === user.password`: the stored one is no hash then, or is taken for one. */
const COMPARED_PLAIN =
  /\b(?:(?:(?:\w+\??\.)*(?:password|passwd|plain_?[pP]assword|candidate\w*)\s*(?:===?)\s*(?:\w+\??\.)+(?:password\w*|hash\w*|\w+_?[hH]ash))|(?:(?:\w+\??\.)+(?:password\w*|\w+_?[hH]ash)\s*(?:===?)\s*(?:password|candidate\w*|(?:body|input|dto|data|credentials|form|payload|params)\.\w*[pP]assword\b))|(?:plain_?\w*|password)\s*===?\s*(?:hash(?:ed)?(?:_?[pP]assword)?)\b|(?:hash(?:ed)?(?:_?[pP]assword)?)\s*===?\s*(?:password|plain_?\w*)\b)/g;

const CONFIRMED = /confirm|repeat|again|retype|second|password2/i;

/** Passwords compared as they are, which makes the stored one readable or accepts the hash as a password. */
export function comparedPlain(text: string, lines: LineTable): Place[] {
  if (!/passw/i.test(text)) return [];
  return [...text.matchAll(COMPARED_PLAIN)].flatMap(({ 0: whole, index }) =>
    CONFIRMED.test(whole) ? [] : [{ name: whole.replaceAll(/\s+/g, ' ').slice(0, 60), line: lines.at(index).line }],
  );
}
