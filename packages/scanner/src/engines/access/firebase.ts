import type { Subject } from './subjects.ts';
import { normal } from './subjects.ts';

interface Token {
  text: string;
  line: number;
}

const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_$][\w$.-]*|\S|\n/g;

function tokens(text: string): Token[] {
  const out: Token[] = [];
  let line = 1;
  for (const [piece] of text.matchAll(TOKEN)) {
    if (piece.startsWith('//')) continue;
    if (piece.startsWith('/*') || piece === '\n') {
      line += piece.split('\n').length - 1;
      continue;
    }
    out.push({ text: piece, line });
  }
  return out;
}

/** Reads on until one of `stops` at the current depth; gives the text and moves `at` behind it. */
function readUntil(list: readonly Token[], from: number, stops: readonly string[]): { text: string; next: number } {
  let depth = 0;
  let text = '';
  for (let at = from; at < list.length; at++) {
    const piece = list[at]?.text ?? '';
    if (depth === 0 && stops.includes(piece)) return { text: text.trim(), next: at };
    if (/[([{]/.test(piece)) depth++;
    if (/[)\]}]/.test(piece)) depth--;
    if (depth < 0) return { text: text.trim(), next: at };
    text += `${piece} `;
  }
  return { text: text.trim(), next: list.length };
}

const tidy = (text: string): string =>
  text.replaceAll(/ ?([.(),[\]{}]) ?/g, '$1').replaceAll(/ ?([=!<>&|]) ([=&|])/g, ' $1$2');

interface Allow {
  path: string;
  operations: string[];
  condition: string;
  line: number;
}

/** What a file of rules allows, and the line of the first thing that could not be read. */
export interface Subjects {
  subjects: Subject[];
  unread?: number;
}

/** A function of the rules: what it gives back, in terms of its parameters. */
interface RulesFunction {
  parameters: string[];
  body: string;
}

interface Rules {
  unread?: number;
  allows: Allow[];
  functions: Map<string, RulesFunction>;
  service: string;
}

function parseRules(text: string): Rules {
  const list = tokens(text);
  const out: Rules = { allows: [], functions: new Map(), service: 'firestore' };
  const path: string[] = [];
  const depths: number[] = [];
  let depth = 0;
  for (let at = 0; at < list.length; at++) {
    const token = list[at];
    if (token === undefined) break;
    if (token.text === 'service') out.service = list[at + 1]?.text.includes('storage') ? 'storage' : 'firestore';
    else if (token.text === 'match') {
      const found = pathOf(list, at + 1);
      path.push(found.text);
      depths.push(depth);
      at = found.next;
      depth++;
    } else if (token.text === 'function') {
      const name = list[at + 1]?.text ?? '';
      const open = list.findIndex((each, i) => i > at && each.text === '{');
      const body = readUntil(list, open + 1, []);
      const parameters = list.slice(at + 2, open).flatMap(({ text: each }) => (/^\w+$/.test(each) ? [each] : []));
      out.functions.set(name, {
        parameters,
        body: tidy(body.text.replace(/^.*\breturn\b/s, '').replace(/;\s*$/, '')),
      });
      at = body.next;
    } else if (token.text === 'allow') {
      const operations = readUntil(list, at + 1, [':', ';']);
      const condition =
        list[operations.next]?.text === ':'
          ? readUntil(list, operations.next + 1, [';'])
          : { text: 'if true', next: operations.next };
      // Only before a closing brace may the sign at the end be missing.
      if (!/^[;}]$/.test(list[condition.next]?.text ?? '') || /\ballow\b/.test(condition.text))
        out.unread ??= token.line;
      out.allows.push({
        path: path.join(''),
        operations: operations.text.split(',').map((each) => each.trim()),
        condition: tidy(condition.text.replace(/^if\s+/, '')),
        line: token.line,
      });
      at = condition.next;
    } else if (token.text === '{') depth++;
    else if (token.text === '}') {
      depth--;
      if (depth < 0) out.unread ??= token.line;
      if (depths.length > 0 && depths[depths.length - 1] === depth) {
        depths.pop();
        path.pop();
      }
    }
  }
  if (depth > 0) out.unread ??= list.at(-1)?.line ?? 1;
  return out;
}

/** A path such as `/users/{id}` up to the brace that opens its block. */
function pathOf(list: readonly Token[], from: number): { text: string; next: number } {
  let text = '';
  for (let at = from; at < list.length; at++) {
    const piece = list[at]?.text ?? '';
    if (piece === '{' && !text.endsWith('/')) return { text, next: at };
    if (piece === '{') {
      const close = readUntil(list, at + 1, ['}']);
      text += `{${close.text.replaceAll(' ', '')}}`;
      at = close.next;
    } else text += piece;
  }
  return { text, next: list.length };
}

/** The condition with the bodies of the rules' own functions in place of their calls. */
function expanded(condition: string, functions: ReadonlyMap<string, RulesFunction>, depth = 3): string {
  if (depth === 0) return condition;
  return condition.replaceAll(/(?<![\w.])([A-Za-z_]\w*)\(([^()]*)\)/g, (whole, name: string, given: string) => {
    const found = functions.get(name);
    if (found === undefined) return whole;
    const args = given.split(',').map((each) => each.trim());
    const body = found.parameters.reduce(
      (text, parameter, i) =>
        text.replaceAll(new RegExp(`(?<![\\w.])${parameter}\\b`, 'g'), () => args[i] ?? parameter),
      found.body,
    );
    const meant = expanded(body, functions, depth - 1).trim();
    // What stands behind the call lost its space when brackets were drawn together.
    return /^[\w.]+$/.test(meant) ? `${meant} ` : `(${meant})`;
  });
}

const WRITES = /^(write|create|update|delete)$/;
/** Whoever asks is compared with something: an owner, a part of the path, a list of members. */
const OWNS =
  /request\.auth\.uid ?(?:==|in\b)|(?:==|!=) ?request\.auth\.uid|[[(]request\.auth\.uid[\])]|\$\(request\.auth\.uid\)|request\.auth\.uid\)/;
/** A right that users cannot give themselves, or that another document holds. */
const CLAIM = /request\.auth\.token\.(?!firebase|email_verified)/;
const LOOKED_UP = /\b(?:get|exists|existsafter|getafter)\(/;
/** Somebody is signed in, with an address of their own or not: signing up is enough. */
const SIGNED_IN =
  /^(?:request\.auth(?:\.uid)? ?!= ?null|request\.auth\.token\.email_verified(?: ?== ?true)?|request\.auth\.token\.firebase\.sign_in_provider ?!= ?'anonymous'|exists\((?:(?!request\.auth)[^&|])*\)|true)$/;
const UPLOAD_LIMIT = /^request\.resource\.(?:size|contenttype)\b/;
const CHECKS_DATA = /request\.resource\.data|request\.resource\.(?:size|contenttype)|affectedkeys/;

/** The parts of a condition between the signs `||` or `&&` that stand outside of brackets. */
function partsOf(condition: string, sign: '||' | '&&'): string[] {
  const out: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < condition.length; at++) {
    const char = condition[at] ?? '';
    if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (depth === 0 && condition.startsWith(sign, at)) {
      out.push(condition.slice(from, at).trim());
      from = at + 2;
    }
  }
  return [...out, condition.slice(from).trim()].map(normal);
}

/** Everything that must hold at once, those in brackets included. */
function demands(condition: string): string[] {
  const parts = partsOf(condition, '&&');
  return parts.length === 1 ? parts : parts.flatMap(demands);
}

/** Another document is looked up, and who asks has to do with it. */
const asksRight = (condition: string): boolean =>
  CLAIM.test(condition) ||
  (LOOKED_UP.test(condition) && /request\.auth\b/.test(condition.replaceAll(/request\.auth(?:\.uid)? ?!= ?null/g, '')));

/** `request.resource.data.owner == request.auth.uid`: whose the record is, and nothing of what is in it. */
const SETS_OWNER =
  /request\.resource\.data(?:\.\w+|\[[^\]]*\]) ?== ?request\.auth\.uid|request\.auth\.uid ?== ?request\.resource\.data(?:\.\w+|\[[^\]]*\])/g;

interface Judged {
  allow: Allow;
  condition: string;
  writes: boolean;
  owns: boolean;
  right: boolean;
}

function judgedOf({ allows, functions }: Rules): Judged[] {
  return allows.map((allow) => {
    const condition = normal(expanded(allow.condition, functions));
    const guarded = partsOf(condition, '||').every((each) => OWNS.test(each) || asksRight(each) || each === 'false');
    return {
      allow,
      condition,
      writes: allow.operations.some((each) => WRITES.test(each)),
      owns: guarded && OWNS.test(condition),
      right: guarded && asksRight(condition),
    };
  });
}

/** The other rules of the same path, and of the file, that this one is compared with. */
function neighbours(own: Judged, all: readonly Judged[]): Record<string, boolean> {
  const others = all.filter((each) => each !== own);
  const beside = others.filter(({ allow }) => allow.path === own.allow.path);
  const writing = beside.filter(({ writes }) => writes);
  return {
    besideOwned: writing.some(({ owns }) => owns),
    // What only administrators may write is made to be read.
    published:
      writing.length > 0 && writing.every(({ right, owns, condition }) => (right && !owns) || condition === 'false'),
    besideChecked: writing.some(({ condition }) => CHECKS_DATA.test(condition.replaceAll(SETS_OWNER, ''))),
    besideKeys: writing.some(({ condition }) => /affectedkeys|\.keys\(\)/.test(condition)),
    othersTyped: others.some((each) => /resource\.contenttype/.test(each.condition)),
    besideAsked: beside.some(
      ({ writes, owns, condition }) => (owns && !writes) || /request\.auth\.uid in /.test(condition),
    ),
    unvalidated: writesData(own) && !VALIDATOR.test(own.allow.condition) && validated(beside),
  };
}

const writesData = ({ allow }: Judged): boolean =>
  allow.operations.some((each) => /^(?:write|create|update)$/.test(each));

/** A function of the rules that is told all that somebody wants to write. */
const VALIDATOR =
  /\b\w*(?:valid|check|schema|shape|wellformed)\w*\((?:[^()]*,)?\s*(?:request\.resource(?:\.data)?)?\s*\)/i;
const validated = (beside: readonly Judged[]): boolean =>
  beside.some((each) => writesData(each) && VALIDATOR.test(each.allow.condition));

/** Only whose the record is going to be, and not whose it is. */
function asksNewOwnerOnly({ allow, condition, owns }: Judged): boolean {
  if (!owns || !allow.operations.some((each) => each === 'update' || each === 'write')) return false;
  // A field that may not change is as good.
  if (/affectedkeys|unchangedkeys|\bdiff\(/.test(condition)) return false;
  const old = condition.replaceAll(SETS_OWNER, ' ').replaceAll(/request\.resource\.data/g, ' ');
  return condition.match(SETS_OWNER) !== null && !OWNS.test(old) && !asksRight(old) && !/\bresource\b/.test(old);
}

/** Whether signing up is all that is asked for, apart from how large an upload is and of which type. */
function anyUser(condition: string): Record<string, boolean> {
  const all = partsOf(condition, '||').length > 1 ? [] : demands(condition);
  const rest = all.filter((each) => !UPLOAD_LIMIT.test(each));
  const signedIn = rest.some((each) => each !== 'true') && rest.every((each) => SIGNED_IN.test(each));
  return { anyUser: signedIn, anyUserReads: signedIn && rest.length === all.length };
}

/** What a `firestore.rules` or `storage.rules` file allows. */
export function firebaseSubjects(file: string, text: string): Subjects {
  const rules = parseRules(text);
  const all = judgedOf(rules);
  const subjects = all.map((own): Subject => {
    const { allow, condition, writes, owns, right } = own;
    return {
      on: 'allow',
      file,
      line: allow.line,
      name: allow.path.replace(/^\/(databases\/\{\w+\}\/documents|b\/\{\w+\}\/o)/, '') || '/',
      fields: {
        service: rules.service,
        path: allow.path,
        everything: /\{\w+=\*\*\}\s*$/.test(allow.path) && /\/(documents|o)\/\{\w+=\*\*\}\s*$/.test(allow.path),
        writes,
        updates: allow.operations.some((each) => each === 'update' || each === 'write'),
        onlyDelete: allow.operations.every((each) => each === 'delete'),
        reads: allow.operations.some((each) => !WRITES.test(each)),
        condition,
        open: /^(true|1 ?== ?1)?$/.test(condition),
        owns,
        right,
        signedIn: /request\.auth/.test(condition),
        checksData: CHECKS_DATA.test(condition),
        creates: allow.operations.some((each) => each === 'create'),
        asksNewOwnerOnly: asksNewOwnerOnly(own),
        ...anyUser(condition),
        ...neighbours(own, all),
      },
    };
  });
  return { subjects, ...(rules.unread === undefined ? {} : { unread: rules.unread }) };
}

/** What a Realtime Database rules file says, key by key. */
export function realtimeSubjects(file: string, text: string): Subjects {
  const out: Subject[] = [];
  const stack: string[] = [];
  let key = '';
  let line = 1;
  let unread: number | undefined;
  for (const [piece] of text.matchAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"|[{}]|true|false|\n|:|["']/g)) {
    if (piece === '\n' || piece.startsWith('/')) {
      line += piece.split('\n').length - 1;
    } else if (piece === '"' || piece === "'") unread ??= line;
    else if (piece === '{') stack.push(key);
    else if (piece === '}') {
      if (stack.length === 0) unread ??= line;
      stack.pop();
    } else if (piece !== ':') {
      if (key === '.read' || key === '.write') {
        const condition = normal(piece.replace(/^"|"$/g, ''));
        out.push({
          on: 'realtime',
          file,
          line,
          name: stack.slice(2).join('/') || '/',
          fields: {
            rule: key,
            condition,
            path: `/${stack.slice(2).join('/')}`,
            open: condition === 'true',
            root: stack.length <= 2,
            ofUser: /^\$(?:uid|user\w*|owner\w*|account\w*)$/i.test(stack.at(-1) ?? ''),
          },
        });
      }
      key = piece.startsWith('"') ? piece.slice(1, -1) : '';
    }
  }
  if (stack.length > 0) unread ??= line;
  return { subjects: out, ...(unread === undefined ? {} : { unread }) };
}
