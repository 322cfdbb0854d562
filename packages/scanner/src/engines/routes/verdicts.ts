import type { LineTable } from '../syntax/lines.ts';
import { endOfBlock } from './brackets.ts';
import type { Place } from './gaps.ts';

/** Whether anything of what is asked below may stand in a file. */
const WAKES =
  /\b(?:compare|verify|check|timingSafeEqual|can|has|is|may|auth|currentUser|authori[sz]e|some|every|includes|get|env|headers?)\w*\s*\(|process\.env\.|headers\[/;

/** `const isMatch = await bcrypt.compare(…)`: a name, and the beginning of what it is filled with. */
const KEPT =
  /(?<![\w$.])(?:const|let|var)\s+(\w+)\s*(?::\s*[\w<>|\s]+?)?=\s*((?:await\s+)?[\w$.!?]+\s*(?:<[^>\n]*>)?\s*[([]?)/g;

/** Calls whose only use is their answer. */
const ANSWERS =
  /(?:^|[.\s])(?:compare(?:Sync|Passwords?|Hash|Digest)?|timingSafeEqual|(?:verify|check|validate|compare|match)_?(?:Password|Passwd|Signature|Hash|Hmac|Totp|Otp)\w*|(?:can|has)(?:Perform|Do|Access|Edit|Delete|Manage|View|Read|Write|Role|Permission|Any|Every|Admin|Scope)\w*|is(?:Owner|Admin|Member|Allowed|Authori[sz]ed|Permitted)\w*|totp\.verify|authenticator\.(?:check|verify))\s*\($/;
/** Names of answers, whatever gave them. */
const ANSWER =
  /^(?:is|has|have|can|may)(?:[A-Z]\w*)?(?:Access|Allowed|Permitted|Permissions?|Rights?|Roles?|Authori[sz]ed|Owner|Admin|Member|Valid|Match(?:es|ing)?|Password\w*|Correct|Verified|Signature\w*)$|^(?:passwords?|pass|pwd|signature|hash|token|otp|code)_?(?:Is)?(?:Valid|Match(?:es|ed|ing)?|Ok|Correct|Compared|Verified)$|^(?:allowed|permitted|authori[sz]ed|isMatch|passwordMatch|hasAccess)$/;
/** Secrets and credentials that are read to be compared. */
const CREDENTIAL = /\bheaders?\??\.get\(\s*$|\bheaders\[\s*$|\b(?:req|request|c\.req|ctx)\.(?:get|header)\(\s*$/;
const CREDENTIAL_NAME = /^['"](?:authorization|x-[\w-]*(?:secret|signature|token|key|csrf)[\w-]*|[\w-]*signature)['"]/i;
const SECRET = /^(?:process\.env|env)[.!?]+\w*(?:WEBHOOK|CRON|SIGNING)\w*/;

/** Whoever calls is looked up, and nobody asks who it is: `const session = await auth();`. */
const CALLER = /^(?:session|currentUser|authResult|viewer|claims|caller)$/;
const LOOKS_UP =
  /^await\s+(?:[\w.]*\bget(?:Server)?(?:Session|User|CurrentUser|Auth|Viewer|Claims)\w*|auth|[\w.]*\.getSession|currentUser)\s*\($/;

/** How far a block is read for its end. */
const FAR = 20_000;

const isPart = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || code === 36 || (code >= 97 && code <= 122);

/** Whether a name is written between two places by itself. */
function stands(text: string, name: string, from: number, end: number): boolean {
  for (let at = text.indexOf(name, from); at >= 0 && at < end; at = text.indexOf(name, at + name.length))
    if (!isPart(text.charCodeAt(at - 1)) && !isPart(text.charCodeAt(at + name.length))) return true;
  return false;
}

/** `if (…)` on an answer was taken out: a call that does nothing but answer, by itself in a line. */
const DROPPED =
  /\b((?:bcrypt\w*|argon2)\.(?:compare(?:Sync)?|verify)|(?:crypto\.)?timingSafeEqual(?!\(\s*([\w.]+)\s*,\s*\2\s*\))|comparePasswords?|(?:can|has)(?:Access|Permission|Role)\w*)\s*\([^;{}]*?\)\s*(?:;|\n)/g;
const BY_ITSELF = /[;{}]\s*(?:await\s+)?$/;
/** `const { success } = await limiter.limit(ip)`. */
const APART =
  /\b(?:const|let)\s+\{\s*(success|allowed|permitted|authori[sz]ed|isAllowed|isAuthori[sz]ed|isPermitted)\b(?:\s*:\s*(\w+))?[^{}=]*\}\s*=\s*await\s+[\w.]*(?:limit|check|authori[sz]e|allow|can)\w*\s*\(/g;
/** `.then((matching) => …)` and `(error, same) => …` of a comparison. */
const TOLD =
  /\bcompare(?:Sync|Passwords?)?\s*\([^;{}]*?(?:\)\s*\.then\(\s*(?:async\s*)?(?:function\s*)?\(?\s*(\w+)\s*\)?|,\s*(?:async\s*)?(?:function\s*)?\(\s*\w+\s*,\s*(\w+)\s*\))\s*(?:=>)?\s*\{/g;

/** A function that is told a secret to check something with: `const authenticate = async (token, secret) => {`. */
const TOLD_SECRET =
  /(?:\bfunction\s+\w+\s*|=\s*(?:async\s*)?)\(([^(){}]*\b(secret|signature|publicKey|passwordHash|hashedPassword)\b[^(){}]*)\)\s*(?::\s*[\w<>[\]|{}:;\s]{1,80}?)?(?:=>\s*)?\{/g;

/** Far cheaper than an expression over a whole file. */
const holds = (text: string, words: readonly string[]): boolean => words.some((word) => text.includes(word));

/** Functions that do nothing with the secret, signature or hash they are told. */
function idleSecrets(text: string): { name: string; at: number }[] {
  if (!holds(text, ['secret', 'signature', 'publicKey', 'passwordHash', 'hashedPassword'])) return [];
  return [...text.matchAll(TOLD_SECRET)].flatMap(({ 0: whole, 2: name = '', index }) => {
    const from = index + whole.length;
    const end = endOfBlock(text, from, FAR);
    // Nothing in it, or nothing yet.
    if (!/[;\n]/.test(text.slice(from, end).trim()) || /not implemented|TODO/i.test(text.slice(from, end))) return [];
    return stands(text, name, from, end) ? [] : [{ name, at: index }];
  });
}

/** Answers to questions about passwords, signatures and rights, and secrets to compare with, that nothing looks at. */
export function unaskedVerdicts(text: string, lines: LineTable): Place[] {
  if (!WAKES.test(text)) return [];
  const out: Place[] = [];
  for (const { 0: whole, 1: name = '', 2: value = '', index } of text.matchAll(KEPT)) {
    // What is offered to other files is asked there.
    if (/\bexport\s+$/.test(text.slice(Math.max(0, index - 10), index))) continue;
    const after = index + whole.length;
    const answers = ANSWERS.test(value) || (ANSWER.test(name) && /[\w$.]\s*\($/.test(value));
    const credential = CREDENTIAL.test(value) && CREDENTIAL_NAME.test(text.slice(after, after + 60));
    const secret = SECRET.test(value) && /^[ \t]/.test(text.slice(text.lastIndexOf('\n', index) + 1));
    const caller = CALLER.test(name) && LOOKS_UP.test(value);
    if (!answers && !credential && !secret && !caller) continue;
    if (!stands(text, name, after, endOfBlock(text, after, FAR))) out.push({ name, line: lines.at(index).line });
  }
  for (const { name, at } of idleSecrets(text)) out.push({ name, line: lines.at(at).line });
  for (const { 0: whole, 1: own = '', 2: renamed, index } of holds(text, [
    '{ success',
    '{ allowed',
    '{ permitted',
    '{ authori',
    '{ isA',
    '{ isP',
  ])
    ? text.matchAll(APART)
    : []) {
    const name = renamed ?? own;
    const after = index + whole.length;
    if (!stands(text, name, after, endOfBlock(text, after, FAR))) out.push({ name, line: lines.at(index).line });
  }
  for (const { 1: name = '', index } of holds(text, [
    'bcrypt',
    'argon2',
    'timingSafeEqual',
    'comparePassword',
    'Access(',
    'Permission(',
  ])
    ? text.matchAll(DROPPED)
    : [])
    if (BY_ITSELF.test(text.slice(Math.max(0, index - 40), index))) out.push({ name, line: lines.at(index).line });
  if (text.includes('compare'))
    for (const { 0: whole, 1: then, 2: told, index } of text.matchAll(TOLD)) {
      const name = then ?? told ?? '';
      const after = index + whole.length;
      if (!stands(text, name, after, endOfBlock(text, after, FAR))) out.push({ name, line: lines.at(index).line });
    }
  return out;
}
