import { type Statement, statements } from '@ambit/core/capability';
import { inline, singular } from './text.ts';
import { type Deed, verbOf } from './verbs.ts';

/** One thing that somebody does with the app. All texts are inline and safe to put into a document. */
export interface Feature {
  actor: string;
  deed: Deed;
  /** Base form of the verb, then the rest as written: `share`, `a note with a team`. */
  verb: string;
  rest: string;
  /** Singular noun the deed is about; empty when none was found. */
  object: string;
  benefit?: string;
  line: number;
  quote: string;
}

const MODAL =
  '(?:can|could|may|must|should|shall|will|would|needs? to|wants? to|has to|have to|(?:is|are|be) able to|get to)';
const story =
  /^as an? ([^,]{2,40}?),? (?:i|we) (?:want|need|would like|wish)(?: to be able)?(?: to)? (.+?)(?:,? so (?:that )?(.+))?$/iu;
const lets =
  /\b(?:lets?|allow(?:s|ing)?|enabl(?:e|es|ing)|help(?:s|ing)?) ((?:the |an? |our |all |any |registered )?[\p{L}-]+(?: [\p{L}-]+){0,2}?) (?:to )?(?=[\p{L}-]+)(.+)$/iu;
const able = new RegExp(
  `(?:^|[,;:(]\\s*|\\b(?:where|that|so that|which|and|while|when|but)\\s+)((?:(?:the|an?|each|every|all|any|only|registered|logged[- ]in|authenticated|new|other|our|my)\\s+)*[\\p{L}-]+(?:\\s[\\p{L}-]+){0,2}?)\\s+${MODAL}\\s+(?:also |then |only |not )?(?:be able to )?([\\p{L}-]+.*)$`,
  'iu',
);
const plain =
  /^(?:the |an? |each |every |all |any |only )?((?:[\p{L}-]+ ){0,2}?(?:users?|customers?|visitors?|admins?|administrators?|members?|people|players?|students?|teachers?|merchants?|sellers?|buyers?|managers?|staff|employees?|patients?|doctors?|editors?|authors?|readers?|owners?|guests?|clients?|drivers?|parents?|teams?|operators?|moderators?|organi[sz]ers?|participants?|subscribers?|developers?|agents?|tenants?|landlords?|nurses?|coaches|athletes?|musicians?|shoppers?|couriers?|candidates?|recruiters?|volunteers?|donors?|voters?|someone|anyone|everyone))\s+(?:also |then |only )?([\p{L}-]+.*)$/iu;
const product =
  /^(?:please |can you |could you |let'?s |i(?:'d| would)? (?:want|need|like)(?: you)?(?: to)? |we (?:want|need)(?: to)? )*(?:(?:build|create|make|develop|implement|design|write|set up|add|generate|code|prototype|ship|have)\s+)?(?:me |us )?(?:an? |the |our |my |some )(.+)$/iu;
const endpoint = /\b(GET|POST|PUT|PATCH|DELETE)\b[^/\n]{0,40}["'`]?(\/[\w{}:$.<>/-]*)/u;
const quotedEndpoint = /["'`](\/[\w{}:$.<>/-]+)["'`]/u;

const pronoun = /^(?:them|it|these|those|this|that|one|ones)\b/iu;
const determiner =
  /^(?:the|an?|their|his|her|its|your|my|our|own|new|all|any|some|each|every|other|another|one|more|existing|multiple|several|different|various|simple|nice|beautiful|modern|easy|quick|fast|great|good|basic|secure|user-friendly|robust|scalable|clean|appropriate|relevant|flexible|intuitive|efficient|up|out|in|for|to|on|through|and|or|with|at|by)\s+/iu;
const objectEnd =
  /\s*(?:[,;:.!?()]|\b(?:by|with|from|to|into|onto|in|on|at|using|via|when|while|if|so|that|which|who|where|after|before|until|through|and|or|as|for|within|without|based|per|against|including|because|then|only|whenever|daily|every|online|is|are|has|have|will|can)\b).*$/isu;

function objectOf(rest: string): string {
  let text = rest;
  for (let step = 0; step < 6; step++) {
    const next = text.replace(determiner, '');
    if (next === text) break;
    text = next;
  }
  const noun = text.replace(objectEnd, '').trim();
  const words = noun.split(' ').slice(0, 3).join(' ');
  return /^[\p{L}][\p{L}\d' -]*$/u.test(words) ? singular(words.toLowerCase()) : '';
}

const method: Record<string, Deed> = { GET: 'view', POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' };
const methodVerb: Record<string, string> = {
  GET: 'read',
  POST: 'create',
  PUT: 'replace',
  PATCH: 'change',
  DELETE: 'delete',
};

function fromEndpoint(statement: Statement): Feature | undefined {
  const match = endpoint.exec(statement.text);
  const verb = match?.[1] ?? /\b(GET|POST|PUT|PATCH|DELETE)\b/.exec(statement.text)?.[1];
  const path = match?.[2] ?? quotedEndpoint.exec(statement.text)?.[1];
  if (!verb || !path) return undefined;
  const parts = path.split('/').filter((part) => part && !/^[{:<$]/.test(part) && !/^(api|v\d+)$/i.test(part));
  const last = (parts.at(-1) ?? '')
    .replaceAll(/[^\p{L}\d]+/gu, ' ')
    .trim()
    .toLowerCase();
  if (!last) return undefined;
  const known = verbOf(last.replace('-', ' ')) ?? (/^(sign|log)/.test(last) ? verbOf(last) : undefined);
  const noun = singular((known ? last.split(' ').slice(1).join(' ') || (parts.at(-2) ?? '') : last).toLowerCase());
  const object = noun.replaceAll(/[^\p{L}\d ]+/gu, ' ').trim();
  return {
    actor: 'client',
    deed: known?.deed ?? method[verb] ?? 'use',
    verb: known?.base ?? methodVerb[verb] ?? 'call',
    rest: object
      ? `${object} records through ${verb} ${inline(path.replaceAll(/[{}<>]/g, ''), 60)}`
      : `data through ${verb} ${inline(path, 60)}`,
    object,
    line: statement.line,
    quote: inline(statement.text),
  };
}

/** Splits `create, edit and delete notes` into three verb phrases that share what they are about. */
function verbPhrases(text: string): string[] {
  const parts = text.split(/\s*(?:,\s*(?:and |or |then )?|;\s*|\s+and\s+(?:then\s+)?|\s+or\s+)(?=([\p{L}-]+))/u);
  const found: string[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const part = (parts[index] ?? '').trim();
    if (!part) continue;
    const last = found.at(-1);
    const lead = part.replace(/^(?:also|then|to|be able to|optionally|easily|quickly|securely)\s+/iu, '');
    if (index === 0 || last === undefined || verbOf(lead)) found.push(lead);
    else found[found.length - 1] = `${last}, ${part}`;
  }
  return found;
}

function toFeatures(actor: string, text: string, statement: Statement, benefit?: string): Feature[] {
  const phrases = verbPhrases(text.replace(/[.!?…]+$/u, ''));
  const made = phrases.map((phrase) => {
    const verb = verbOf(phrase);
    const words = phrase.split(' ');
    const rest = words.slice(1).join(' ');
    const base = verb?.base ?? (words[0] ?? '').toLowerCase();
    return { verb: base, deed: verb?.deed ?? ('use' as Deed), rest, object: objectOf(rest), known: verb !== undefined };
  });
  let later = '';
  for (const entry of made.toReversed()) {
    if (!entry.object && !entry.rest && later) [entry.object, entry.rest] = [later, later];
    later = entry.object || later;
  }
  let earlier = '';
  return made
    .filter((entry, index) => entry.known || index === 0)
    .map((entry) => {
      if (pronoun.test(entry.rest) && earlier) {
        entry.rest = entry.rest.replace(pronoun, `the ${earlier}`);
        entry.object = earlier;
      }
      earlier = entry.object || earlier;
      return {
        actor: singular(inline(actor.replace(determiner, '').replace(determiner, ''), 40).toLowerCase()) || 'user',
        deed: entry.deed,
        verb: inline(entry.verb, 30),
        rest: inline(entry.rest, 100),
        object: inline(entry.object, 40),
        line: statement.line,
        quote: inline(statement.text),
        ...(benefit ? { benefit: inline(benefit.replace(/[.!]+$/u, ''), 100) } : {}),
      };
    });
}

const nounFeatures: readonly (readonly [RegExp, string])[] = [
  [/\b(login|log-?in|sign-?in|authentication|auth|user accounts?|accounts?)\b/i, 'sign in with an account'],
  [/\b(registration|sign-?ups?)\b/i, 'register an account'],
  [/\bcomments?\b/i, 'write comments'],
  [/\b(ratings?|reviews?|votes?|likes?)\b/i, 'rate items'],
  [/\b(search|filters?|filtering)\b/i, 'search items'],
  [/\b(payments?|checkout|billing|subscriptions?)\b/i, 'pay for an order'],
  [/\b(notifications?|reminders?|alerts?|e-?mails?)\b/i, 'receive notifications'],
  [/\b(uploads?|attachments?|photos?|images?)\b/i, 'upload files'],
  [/\b(dashboards?|reports?|analytics|charts?|statistics)\b/i, 'view reports'],
  [/\b(export|csv|pdf)\b/i, 'export data'],
  [/\bimports?\b/i, 'import data'],
  [/\b(chat|messaging|messages?)\b/i, 'send messages'],
  [/\b(cart|basket)\b/i, 'add products to a cart'],
  [/\b(leader ?boards?|high ?scores?)\b/i, 'view the leaderboard'],
  [/\badmin (panel|area|dashboard)\b/i, 'manage records'],
];

function fromNouns(list: string, statement: Statement): Feature[] {
  return list.split(/,| and | plus | & |;/u).flatMap((piece) => {
    const noun = piece
      .trim()
      .replace(/[.!?]+$/u, '')
      .replace(determiner, '');
    if (!noun || noun.length > 60) return [];
    if (verbOf(noun) && /\s/.test(noun)) return toFeatures('user', noun, statement);
    const known = nounFeatures.find(([pattern]) => pattern.test(noun))?.[1];
    return known ? toFeatures('user', known, statement) : toFeatures('user', `view ${noun}`, statement);
  });
}

function fromStatement(statement: Statement): Feature[] {
  const text = statement.text
    .replace(/^\s*(?:[-*+•]|\d+[.)]|#{1,6})\s*(?:\[[ x]\]\s*)?/iu, '')
    .replace(/[.!?]+$/u, '')
    .trim();
  if (text.length < 3 || /^[\p{L}\s]{3,40}:$/u.test(text)) return [];
  const told = story.exec(text);
  if (told) return toFeatures(told[1] ?? 'user', told[2] ?? '', statement, told[3]);
  const route = fromEndpoint(statement);
  if (route) return [route];
  const letting = lets.exec(text);
  if (letting && verbOf(letting[2] ?? '')) return toFeatures(letting[1] ?? 'user', letting[2] ?? '', statement);
  const ability = able.exec(text);
  if (ability) return toFeatures(ability[1] ?? 'user', ability[2] ?? '', statement);
  const declared = plain.exec(text);
  if (declared && verbOf(declared[2] ?? '')) return toFeatures(declared[1] ?? 'user', declared[2] ?? '', statement);
  return fromProduct(text, statement);
}

function fromProduct(text: string, statement: Statement): Feature[] {
  const made = product.exec(text)?.[1];
  const tail = made ? /\b(?:that|which|to)\s+(.+)$/iu.exec(made)?.[1] : undefined;
  if (tail && verbOf(tail)) return toFeatures('user', tail, statement);
  const parts = made ? /\b(?:with|including|featuring|has|supports?)\s+(.+)$/iu.exec(made)?.[1] : undefined;
  if (parts) return fromNouns(parts, statement);
  const listed =
    /^(?:it|the (?:app|application|site|system|service|server|api|tool))\s+(?:should |must |shall |will |also )*(?:be able to )?(.+)$/iu.exec(
      text,
    )?.[1];
  if (listed && verbOf(listed)) return toFeatures('user', listed, statement);
  if (verbOf(text) && /\s/.test(text) && !made) return toFeatures('user', text, statement);
  return [];
}

function same(a: Feature, b: Feature): boolean {
  return a.deed === b.deed && a.object === b.object && (a.verb === b.verb || a.object !== '');
}

/** Features of a prompt in its order, each once; at most `limit`. Deterministic; empty when no sentence names a deed. */
export function features(prompt: string, limit = 12): Feature[] {
  const found: Feature[] = [];
  for (const statement of statements(prompt)) {
    for (const feature of fromStatement(statement)) {
      if (feature.verb && !found.some((known) => same(known, feature))) found.push(feature);
      if (found.length >= limit) return found;
    }
  }
  return found;
}
