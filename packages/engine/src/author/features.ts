import { type Statement, statements } from '@ambit/core/capability';
import { type Automatic, type AutomaticDeed, automaticDeed, automaticDeeds } from './automatic.ts';
import { changeIn, thirdPerson } from './changes.ts';
import { inline, phrase, plural, singular } from './text.ts';
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
  /** The prompt says that nobody else may do it. */
  only?: boolean;
  /** The condition it waits for, where the text names one. */
  when?: string;
  /** The program does it of itself. */
  auto?: { kind: Automatic; when?: string; object: string };
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
const roles =
  'users?|customers?|visitors?|admins?|administrators?|members?|people|players?|students?|teachers?|merchants?|sellers?|buyers?|managers?|staff|employees?|patients?|doctors?|editors?|authors?|readers?|owners?|guests?|clients?|drivers?|parents?|teams?|operators?|moderators?|organi[sz]ers?|participants?|subscribers?|developers?|agents?|tenants?|landlords?|nurses?|coaches|athletes?|musicians?|shoppers?|couriers?|candidates?|recruiters?|volunteers?|donors?|voters?|someone|anyone|everyone';
const plain = new RegExp(
  `^(?:the |an? |each |every |all |any |only )?((?:[\\p{L}-]+ ){0,2}?(?:${roles}))\\s+(?:also |then |only )?([\\p{L}-]+.*)$`,
  'iu',
);
/** `nurses record values and doctors get an alert`: another actor begins another clause. */
const nextActor = new RegExp(
  `;\\s*|:\\s+|,\\s+(?:and\\s+|while\\s+)?(?=(?:[\\p{L}-]+ ){1,2}?(?:can|may|must|should)\\b|[\\p{L}-]{3,}s [\\p{L}-]+ )|\\s+and\\s+(?=(?:the |all )?(?:${roles})\\s+(?:can |may |must |should )?[\\p{L}-]+\\s)`,
  'iu',
);
const manyActors =
  /^(?:the |all |any |only |our )?((?:[\p{L}-]+ )?[\p{L}-]{3,}s)\s+(?:also |then |only )?([\p{L}-]+ .*)$/iu;
const purpose = /\b(?:is|are) (?:designed|used|meant|intended|built|there) to (.+)$/iu;
const thatDoes =
  /\b(?:tool|app|application|service|site|website|platform|bot|assistant|system|page|api|server|program|script|library|extension|backend|game|saas|software|portal|widget|plugin|endpoint|agent|dashboard|function|worker|job)\b[^,;:]{0,40}?\b(?:that|which|to)\s+(?:also |automatically |can )?([\p{L}-]+\s.+)$/iu;
/** `a store with login, a cart and an admin panel where admins refund orders` */
const withParts =
  /\b(?:with|including|featuring)\s+([^.;:]+?(?:,|\band\b)[^.;:]+?),?\s+(?:where|so that|in which)\s+(.+)$/iu;
const product =
  /^(?:please |can you |could you |let'?s |i(?:'d| would)? (?:want|need|like)(?: you)?(?: to)? |we (?:want|need)(?: to)? )*(?:(?:build|create|make|develop|implement|design|write|set up|add|generate|code|prototype|ship|have)\s+)?(?:me |us )?(?:an? |the |our |my |some )(.+)$/iu;
const endpoints = /\b(GET|POST|PUT|PATCH|DELETE)\b[^/\n.]{0,30}["'`]?(\/[\w{}:$<>/-]+)/gu;
const quotedEndpoint = /["'`](\/[\w{}:$.<>/-]+)["'`]/u;

const pronoun = /^(?:them|it|these|those|this|that|one|ones)\b/iu;
const determiner =
  /^(?:the|an?|their|his|her|its|your|my|our|own|new|all|any|some|each|every|other|another|one|more|existing|multiple|several|different|various|simple|nice|beautiful|modern|easy|quick|fast|great|good|basic|secure|user-friendly|robust|scalable|clean|appropriate|relevant|flexible|intuitive|efficient|up|out|in|for|to|on|through|and|or|with|at|by)\s+/iu;
const objectEnd =
  /\s*(?:[,;:.!?()]|\b(?:of|by|with|about|over|under|between|among|like|near|nearby|around|inside|outside|from|to|into|onto|in|on|at|using|via|when|while|if|so|that|which|who|where|after|before|until|through|and|or|as|for|within|without|based|per|against|including|because|then|only|whenever|daily|every|online|is|are|has|have|will|can)\b).*$/isu;

/** `pay with Stripe`: what stands behind the preposition is a means, not a thing that is kept. */
const means = /^(?:with|via|using|by|through)\s/iu;
/** `a list of invoices` is about invoices; `the invoices of a month` too. */
const container =
  /^(?:(?:an?|the|their|my|our|all|any|every|each)\s+)*(?:list|set|copy|number|kind|type|history|overview|summary|collection)s?\s+of\s+/iu;

export function objectOf(rest: string): string {
  if (means.test(rest)) return '';
  // The doctor's patients' results are results.
  let text = rest.replace(container, '').replaceAll(/(?:^|(?<=\s))[\p{L}-]+(?:['’]s|s['’])\s+/gu, '');
  for (let step = 0; step < 6; step++) {
    const next = text.replace(determiner, '');
    if (next === text) break;
    text = next;
  }
  const noun = text.replace(objectEnd, '').trim();
  const words = noun.split(' ').slice(0, 3).join(' ');
  if (!/^[\p{L}][\p{L}\d' -]*$/u.test(words) || /^(?:by|with|from|to|on|in|at|for|about)$/iu.test(words)) return '';
  return singular(
    words.replaceAll(/[\p{L}\d'-]+/gu, (word) => (/^[A-Z]{2,}s?$/.test(word) ? word : word.toLowerCase())),
  );
}

const method: Record<string, Deed> = { GET: 'view', POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' };

function endpointFeature(verb: string, path: string, statement: Statement): Feature | undefined {
  const parts = path.split('/').filter((part) => part && !/^[{:<$]/.test(part) && !/^(api|v\d+)$/i.test(part));
  const last = (parts.at(-1) ?? '')
    .replaceAll(/[^\p{L}\d]+/gu, ' ')
    .trim()
    .toLowerCase();
  if (!last) return undefined;
  const known = /s$/.test(last) ? undefined : verbOf(last);
  const noun = known ? last.split(' ').slice(1).join(' ') || (parts.at(-2) ?? '') : last;
  return {
    actor: 'client',
    deed: known?.deed ?? method[verb] ?? 'use',
    verb: 'use',
    rest: `${verb} ${inline(path.replaceAll(/[{}<>]/g, ''), 60)}`,
    object: inline(singular(noun.toLowerCase()), 40)
      .replaceAll(/[^\p{L}\d ]+/gu, ' ')
      .trim(),
    line: statement.line,
    quote: inline(statement.text),
  };
}

function fromEndpoints(statement: Statement): Feature[] {
  const found = [...statement.text.matchAll(endpoints)].flatMap((match) => {
    const feature = endpointFeature(match[1] ?? '', match[2] ?? '', statement);
    return feature ? [feature] : [];
  });
  if (found.length > 0) return found;
  const verb = /\b(GET|POST|PUT|PATCH|DELETE)\b/.exec(statement.text)?.[1];
  const path = quotedEndpoint.exec(statement.text)?.[1];
  const feature = verb && path ? endpointFeature(verb, path, statement) : undefined;
  return feature ? [feature] : [];
}

function joiner(text: string, part: string): string {
  if (text.includes(` and ${part}`)) return ' and ';
  return text.includes(` or ${part}`) ? ' or ' : ', ';
}

/** `get an alert when a value is critical`: the condition is no part of the deed. */
const condition = /^(.*?),?\s+(?:when|whenever|if|as soon as|every time)\s+(.+)$/iu;

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
    else found[found.length - 1] = `${last}${joiner(text, part)}${part}`;
  }
  return found;
}

/** Who a pronoun stands for when a person describes what they want. */
const speakers: Record<string, string> = {
  i: 'operator',
  we: 'operator',
  you: 'user',
  it: 'user',
  they: 'they',
  people: 'user',
  everyone: 'user',
  everybody: 'user',
  someone: 'user',
  anyone: 'visitor',
  anybody: 'visitor',
  'both sides': 'user',
};

function actorOf(text: string): string {
  let name = text;
  for (let step = 0; step < 4; step++)
    name = name.replace(/^(?:the|an?|only|all|any|each|every|our|my|registered|other|new)\s+/iu, '');
  const lower = phrase(name, 40).toLowerCase();
  return speakers[lower] ?? (singular(lower) || 'user');
}

const fileWords =
  /\b(files?|photos?|pictures?|images?|videos?|audio|documents?|pdfs?|avatars?|attachments?|archives?|zips?|spreadsheets?|csv|logos?|scans?|receipts?|songs?|clips?|recordings?|cvs?|resumes?)\b/iu;

/** What a verb means beside its object: a recipe is entered, not uploaded; a comment is what is made, not what it is on. */
function adjust(deed: Deed, verb: string, rest: string, object: string): { deed: Deed; object: string } {
  if (deed === 'login' || deed === 'converse') return { deed, object: '' };
  if (deed === 'upload' && !fileWords.test(rest)) return { deed: 'create', object };
  if (deed === 'change') return { deed, object: '' };
  if (/^(?:comment|reply)$/.test(verb) && deed === 'create')
    return { deed, object: verb === 'reply' ? 'reply' : 'comment' };
  return { deed, object };
}

function toFeatures(actor: string, text: string, statement: Statement, benefit?: string): Feature[] {
  const phrases = verbPhrases(text.replace(/[.!?…]+$/u, ''));
  const made = phrases.map((one) => {
    const verb = verbOf(one);
    const words = one.split(' ');
    const said = words.slice(1).join(' ');
    const when = condition.exec(said)?.[2];
    const rest = said.replace(condition, '$1');
    const base = verb?.base ?? (words[0] ?? '').toLowerCase();
    return {
      verb: base,
      deed: verb?.deed ?? ('use' as Deed),
      rest,
      object: objectOf(rest),
      known: verb !== undefined,
      when,
    };
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
      const adjusted = adjust(entry.deed, entry.verb, entry.rest, entry.object);
      return {
        actor: actorOf(actor),
        ...(/^only\b/iu.test(actor) ? { only: true } : {}),
        deed: adjusted.deed,
        verb: phrase(entry.verb, 30),
        rest: phrase(thirdPerson(entry.rest)),
        object: phrase(adjusted.object, 40),
        line: statement.line,
        quote: inline(statement.text),
        ...(entry.when ? { when: phrase(thirdPerson(entry.when)) } : {}),
        ...(benefit ? { benefit: phrase(benefit.replace(/[.!]+$/u, '')) } : {}),
      };
    });
}

const nounFeatures: readonly (readonly [RegExp, string])[] = [
  [/\bpassword resets?\b|\bforgot(?:ten)? passwords?\b/i, 'reset a password'],
  [/\badmin (panel|area|dashboard|page)\b|\bback ?office\b/i, 'manage records'],
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
];

function fromNouns(list: string, statement: Statement): Feature[] {
  return list.split(/,| and | plus | & |;/u).flatMap((piece) => {
    const noun = piece
      .trim()
      .replace(/[.!?]+$/u, '')
      .replace(determiner, '');
    if (!noun || noun.length > 60 || /^(?:GET|POST|PUT|PATCH|DELETE)\b|^endpoints?$/u.test(noun)) return [];
    const known = nounFeatures.find(([pattern]) => pattern.test(noun))?.[1];
    const isDeed = verbOf(noun) && /\s/.test(noun) && (!known || noun.split(' ').length > 3);
    if (isDeed) return toFeatures('user', noun, statement);
    if (known === 'manage records') return toFeatures('admin', known, statement);
    return known ? toFeatures('user', known, statement) : toFeatures('user', `view ${noun}`, statement);
  });
}

const fixed = [
  (text: string) => lets.exec(text),
  (text: string) => able.exec(text),
  (text: string) => plain.exec(text),
  (text: string) => manyActors.exec(text),
] as const;

/** One clause with an actor: `moderators approve them`. */
function fromClause(text: string, statement: Statement): Feature[] {
  for (const match of fixed) {
    const found = match(text);
    const deed = found?.[2] ?? '';
    if (found && (verbOf(deed) || match === fixed[1])) return toFeatures(found[1] ?? 'user', deed, statement);
  }
  return [];
}

/** `members book classes, owners see revenue`: clauses that stand side by side. */
function fromClauses(text: string, statement: Statement): Feature[] {
  const pieces = text.split(nextActor);
  return pieces.length < 2 ? [] : pieces.flatMap((piece) => fromClause(piece.trim(), statement));
}

function fromStatement(statement: Statement): Feature[] {
  const text = statement.text
    .replace(/^\s*(?:[-*+•]|\d+[.)]|#{1,6})\s*(?:\[[ x]\]\s*)?/iu, '')
    .replace(/[.!?;]+$/u, '')
    .trim();
  if (text.length < 3 || /:$/u.test(text)) return [];
  const asked = changeIn(text, statement, (words) => nounFeatures.some(([pattern]) => pattern.test(words)));
  if (asked) return [asked];
  const alone = automaticDeeds(text);
  if (alone.length > 0) return fromAutomatic(alone, statement);
  const told = story.exec(text);
  if (told) return toFeatures(told[1] ?? 'user', told[2] ?? '', statement, told[3]);
  const routes = fromEndpoints(statement);
  if (routes.length > 0) return routes;
  const named = withParts.exec(text);
  if (named) return [...fromNouns(named[1] ?? '', statement), ...fromClause(named[2] ?? '', statement)];
  const several = fromClauses(text, statement);
  if (several.length > 1) return several;
  const one = fromClause(text, statement);
  return one.length > 0 ? one : fromProduct(text, statement);
}

const deedOf: Record<Automatic, Deed> = {
  receive: 'record',
  pull: 'import',
  tell: 'send',
  start: 'schedule',
  work: 'process',
};

function fromAutomatic(deeds: readonly AutomaticDeed[], statement: Statement): Feature[] {
  let earlier = '';
  return deeds.map(({ kind, verb, rest, when }) => {
    const points = pronoun.test(rest) && earlier !== '';
    const said = points ? rest.replace(pronoun, `the ${plural(earlier)}`) : rest;
    const object = points ? earlier : phrase(objectOf(rest), 40);
    earlier = object || earlier;
    return {
      actor: 'maintainer',
      auto: { kind, object, ...(when ? { when } : {}) },
      deed: deedOf[kind],
      verb,
      rest: phrase(thirdPerson(said)),
      // Only what it takes in is kept by it.
      object: kind === 'receive' || kind === 'pull' ? object : '',
      line: statement.line,
      quote: inline(statement.text),
    };
  });
}

function fromProduct(text: string, statement: Statement): Feature[] {
  const tail = thatDoes.exec(text)?.[1] ?? purpose.exec(text)?.[1];
  if (tail && verbOf(tail)) return toFeatures('user', tail, statement);
  const shown = /\b(?:showing|displaying|listing|visuali[sz]ing)\s+(.+)$/iu.exec(text)?.[1];
  if (shown) return toFeatures('user', `view ${shown}`, statement);
  const made =
    product.exec(text)?.[1] ??
    /\b(?:app|application|site|website|tool|platform|store|shop)\s+(with\s.+)$/iu.exec(text)?.[1];
  const managed =
    /\bfor (?:managing|tracking|organi[sz]ing|storing|keeping) ((?:[\p{L}-]+ ){0,2}?[\p{L}-]+)(?=\s+(?:with|that|which|and|in|on|for)\b|[.,;]|$)/iu.exec(
      text,
    )?.[1];
  if (managed) return toFeatures('user', `create, view, update and delete ${managed}`, statement);
  const parts = made ? /\b(?:with|including|featuring|has|supports?)\s+(.+)$/iu.exec(made)?.[1] : undefined;
  if (parts) return fromNouns(parts, statement);
  const itself =
    /^(?:it|the (?:app|application|site|system|service|server|api|tool))\s+(?:should |must |shall |will |also )*(?:be able to )?(.+)$/iu.exec(
      text,
    )?.[1];
  if (itself && verbOf(itself)) return toFeatures('user', itself, statement);
  const verb = verbOf(text);
  if (!verb || !/\s/.test(text) || /^#/.test(statement.text)) return [];
  // Nobody is named who would do it: «Send a daily digest to each subscriber» is the program's own work.
  const own = verb.deed === 'send' ? automaticDeed(text) : undefined;
  if (own) return fromAutomatic([own], statement);
  const listed = /^\s*(?:[-*+•]|\d+[.)])/u.test(statement.text);
  if (listed || !/^(?:add|create|build|make|implement|develop|write|design|set|enable|support|show|use)\b/iu.test(text))
    return toFeatures('user', text, statement);
  return fromOrder(text, statement);
}

/** `Add dark mode`: an order to the developer, not something that users do. */
function fromOrder(text: string, statement: Statement): Feature[] {
  const what = text.replace(/^\S+\s+/u, '');
  const head = what.split(' ').slice(0, 3).join(' ');
  const known = nounFeatures.find(([pattern]) => pattern.test(head));
  if (known) return toFeatures('user', known[1], statement);
  if (isProduct(what)) return [];
  const [feature] = toFeatures('user', text, statement);
  return feature ? [{ ...feature, deed: 'change', object: '' }] : [];
}

const isProduct = (text: string) =>
  /\b(app|application|site|website|platform|tool|system|service|api|tracker|manager|planner|shortener|clone|store|shop|marketplace|game|bot|blog|forum|wiki|page)\b/iu.test(
    text,
  );

function same(a: Feature, b: Feature): boolean {
  return (
    a.deed === b.deed &&
    a.object === b.object &&
    a.actor === b.actor &&
    (a.rest === b.rest || (a.object !== '' && a.verb === b.verb))
  );
}

/** Words of one feature that point back to the one before it. */
function resolved(raw: Feature, before: Feature | undefined): Feature {
  const feature = raw.actor === 'they' ? { ...raw, actor: before?.actor ?? 'user' } : raw;
  if (!before?.object) return feature;
  if (pronoun.test(feature.rest) && (!feature.object || pronoun.test(feature.object)))
    return { ...feature, object: before.object, rest: feature.rest.replace(pronoun, `the ${before.object}`) };
  return feature.object === '' && feature.deed === 'search' ? { ...feature, object: before.object } : feature;
}

/** Features of a prompt in its order, each once; at most `limit`. Deterministic; empty when no sentence names a deed. */
export function features(prompt: string, limit = 12): Feature[] {
  const found: Feature[] = [];
  const all = statements(prompt).flatMap(fromStatement);
  const routes = all.some((feature) => feature.actor === 'client');
  for (const raw of all) {
    const feature = resolved(raw, found.at(-1));
    if (routes && feature.actor !== 'client' && purpose.test(feature.quote)) continue;
    if (feature.verb && !found.some((known) => same(known, feature))) found.push(feature);
    if (found.length >= limit) return found;
  }
  return found;
}
