import { closing } from './brackets.ts';
import type { Route } from './inventory.ts';
import type { NamedPlace } from './odd-queries.ts';

/** How long a question, and what is done on its answer, may be. */
const LONGEST = 320;
const DOES = 500;
/** More questions than a handler asks about who is calling. */
const MOST = 24;

const IF = /\bif\s*\(/g;
const TURNS_AWAY =
  /\b(?:return|throw|redirect|notFound|forbidden|unauthorized)\b|\b(?:ctx|c|res|reply)\.(?:throw|status|sendStatus|code)\(|\bnext\(\s*[^)\s]/;
/** Words without which none of it is about who is calling. */
const SPEAKS =
  /auth|session|user|role|permission|owner|author|member|admin|access|viewer|caller|claims|allowed|scope|secret/i;

/** `!session?.user`, `!auth.success || !auth.user`: nobody, or nobody known, is calling. */
const NOBODY =
  /^\(?!\(?(?:await)?(?:[\w.]*(?:auth(?!or)|session|user|account|claims|viewer|caller|identity)\w*|me)(?:\.\w+)*\)?(?:\|\||$)/i;
const ROLE =
  /\.(?:role|roles|permissions?|isAdmin|is_admin|admin|moderator|scopes?|allowed)\b|\b\w*(?:[cC]an|[hH]as|[cC]heck|[iI]s|[mM]ay)(?:[A-Z]\w*)?(?:Permission|Role|Access|Admin|Owner|Member|Allowed|Right|Scope)\w*\(/;
const CALLER_ID =
  /\b(?:(?:(?:req|request|ctx|c|context|locals|event|this)\.)?(?:\w*[uU]ser|session|auth(?!or)\w*|me|viewer|caller|claims|payload|token|decoded|profile|account|state)(?:\.\w+)*\.(?:id|_id|sub|uid|userId|email)|(?<!\.)(?:userId|currentUserId|uid))\b/g;
const OWNED =
  /\.(?:\w*(?:owner|author|user|creator|account|tenant|org|team|seller|customer|member)\w*(?:\.\w+)?|created_?[bB]y)\b/i;
const COMPARES = /[^=!<>][!=]==?[^=]|\.equals\(/;
/** Who is calling, as what a role or right is asked of. */
const OF_CALLER =
  /\b(?:session|user|req|request|ctx|context|auth(?!or)\w*|currentUser|me|viewer|caller|membership|member|claims|token|payload|profile|c|event|locals|this)\b/;

/** A secret or a signature that is brought along instead. */
const SECRET = /secret|cron|signature|api_?key/i;

/** What such a question is about: nobody signed in, a right, whose a record is, or a secret. */
function kindOf(condition: string, written: string): 'A' | 'R' | 'O' | 'S' | undefined {
  if (SECRET.test(written)) return 'S';
  if (ROLE.test(condition)) return OF_CALLER.test(condition) ? 'R' : undefined;
  if (COMPARES.test(condition)) {
    const rest = condition.replaceAll(CALLER_ID, ' ');
    if (rest !== condition && OWNED.test(rest)) return 'O';
  }
  return NOBODY.test(condition) ? 'A' : undefined;
}

/** The same question in the same words, whatever it is asked of by name and however it is laid out. */
const plain = (condition: string): string =>
  condition
    .replaceAll(/(['"`])(?:\\.|(?!\1)[^\\])*\1/g, "''")
    .replaceAll(/[?!](?=\.)/g, '')
    .replaceAll(/\s+/g, '');

/** Calls that turn somebody away themselves. */
const DEMAND =
  /\b((?:require|ensure|assert|must|protect|enforce|authorize|verify|validate|check|throwIf)(?:\w*?(?:User|Auth\w*|Session|Role|Admin|Owner\w*|Member\w*|Permission|Access|Token|Login|Signed)\w*)?)\(/g;

/** How a handler turns people away, each question with its kind before it: `A:!session.user`. */
export function refusalsIn(code: string): string[] {
  if (!SPEAKS.test(code)) return [];
  const out = new Set<string>();
  for (const match of code.matchAll(IF)) {
    const open = match.index + match[0].length - 1;
    const end = closing(code, open, LONGEST);
    if (end < 0) continue;
    const written = code.slice(open + 1, end);
    const condition = plain(written);
    const kind = kindOf(condition, written);
    if (kind === undefined) continue;
    const after = code.slice(end + 1, end + 1 + DOES);
    const block = /^\s*\{/.test(after) ? closing(after, after.indexOf('{'), DOES) : after.search(/[;\n]\s*(?=[\n}\w])/);
    if (TURNS_AWAY.test(block < 0 ? after : after.slice(0, block + 1))) out.add(`${kind}:${condition}`);
    if (out.size >= MOST) break;
  }
  for (const [, name = ''] of code.matchAll(DEMAND)) out.add(`D:${name}`);
  return [...out];
}

const RIGHT = /role|permission|admin|owner|scope|polic|abilit|staff|moderator|manager/i;
/** What says something about an entry point, and asks nothing. */
const GUARD_NAME = /^@?([\w.]+)/;

/** Guards in front that are about rights, by their names. */
function guardNames({ guards }: Route): string[] {
  return guards.flatMap((text) => {
    const name = GUARD_NAME.exec(text)?.[1] ?? '';
    return RIGHT.test(name) && !/^Api[A-Z]/.test(name) ? [`G:${name}`] : [];
  });
}

const CHANGES = /^(?:POST|PUT|PATCH|DELETE|ACTION)$/;
const SKIPPED = /^(?:OPTIONS|HEAD|LAYOUT)$/;
/** What is everybody's own. */
const OF_ONESELF = /\/(?:me|self|mine|profile|account|settings|logout|password)(?:\/|$)/;

interface Asked {
  route: Route;
  all: ReadonlySet<string>;
  changes: boolean;
}

const hasKind = ({ all }: Asked, kinds: RegExp): boolean => [...all].some((each) => kinds.test(each));

/** What the own one asks instead of it. */
function asksOtherwise(own: Asked, kind: string, having: readonly Asked[]): boolean {
  const others = new Set(having.flatMap(({ all }) => [...all]));
  const demands = [...own.all].some((each) => each.startsWith('D:') && !others.has(each));
  if (demands || hasKind(own, /^S:/)) return true;
  if (kind === 'A') return hasKind(own, /^[AR]:/);
  // Whoever is calling may be part of the condition by which the record is found.
  if (kind === 'O') return usesCaller(own) || hasKind(own, /^[OR]:|^G:/);
  return hasKind(own, /^[ORG]:/);
}

const usesCaller = ({ route: { found } }: Asked): boolean => (found.identity ?? found.ownership) !== undefined;

function share(question: string, among: readonly Asked[]): readonly Asked[] {
  return among.filter(({ all }) => all.has(question));
}

/** The routes that all but this one ask something, and are like it: on its path, or of its kind in its file. */
function likeIt(question: string, own: Asked, group: readonly Asked[]): readonly Asked[] {
  const kind = question[0];
  const others = group.filter((each) => each !== own);
  const samePath = others.filter(({ route, changes }) => changes && route.path === own.route.path);
  if (own.changes && kind !== 'A' && samePath.length > 0) {
    const having = share(question, samePath);
    const sure = having.length > 1 || kind === 'O' || !usesCaller(own);
    if (having.length === samePath.length && sure) return having;
  }
  const ofKind = kind === 'A' ? others : others.filter(({ changes }) => changes === own.changes);
  const among = ofKind.length >= 2 ? ofKind : others;
  const having = share(question, among);
  const least = kind === 'O' ? 0.75 : 0.65;
  // What anybody may read is not asked what those are who change it.
  if (!own.changes && kind === 'A' && having.every(({ changes }) => changes)) return [];
  // Who uses whoever is calling may mean it that way, unless all others ask.
  if (usesCaller(own) && /[RG]/.test(kind ?? '') && having.length < among.length) return [];
  return having.length >= 2 && having.length / among.length >= least ? having : [];
}

/** Frameworks with one or few entry points in each file. */
const BY_FILE = /^(?:next|edge|nuxt)/;
const FEWEST_FILES = 4;

const aboveOf = (file: string): string => file.split('/').slice(0, -2).join('/');

function grouped(routes: readonly Route[]): Asked[][] {
  const groups = new Map<string, Asked[]>();
  const put = (key: string, each: Asked) => groups.set(key, [...(groups.get(key) ?? []), each]);
  for (const route of routes) {
    if (SKIPPED.test(route.method)) continue;
    const all = new Set([...(route.refusals ?? []), ...guardNames(route)]);
    put(`${route.file}\0${route.router}`, { route, all, changes: CHANGES.test(route.method) });
  }
  for (const [key, [only, second]] of [...groups])
    if (only !== undefined && second === undefined && BY_FILE.test(only.route.framework)) {
      groups.delete(key);
      put(`${only.route.framework}\0${aboveOf(only.route.file)}/`, only);
    }
  return [...groups].flatMap(([key, group]) => (group.length >= (key.endsWith('/') ? FEWEST_FILES : 2) ? [group] : []));
}

/** All others of its kind ask for a right, each in its own words, and it asks for none and uses nothing of whoever calls. */
function onlyOneWithout(own: Asked, group: readonly Asked[]): string | undefined {
  const others = group.filter((each) => each !== own);
  const among = own.changes ? others : others.filter(({ changes }) => !changes);
  if (others.length < 3 || among.length === 0 || own.route.found.ownership !== undefined) return undefined;
  if (OF_ONESELF.test(own.route.path) || !others.every((each) => hasKind(each, /^R:/))) return undefined;
  const question = [...(among[0]?.all ?? [])].find((each) => each.startsWith('R:'));
  return question === undefined || asksOtherwise(own, 'R', among) ? undefined : question;
}

/** Routes that do not ask what the others of their file ask before they go on. */
export function leftOut(routes: readonly Route[], isOpen: (route: Route) => boolean): NamedPlace[] {
  return grouped(routes).flatMap((group) => {
    const questions = new Set(group.flatMap(({ all }) => [...all].filter((each) => /^[AROG]:/.test(each))));
    if (questions.size === 0) return [];
    return group.flatMap((own): NamedPlace[] => {
      if (isOpen(own.route) || (own.route.unseen && own.all.size === 0 && own.route.guards.length === 0)) return [];
      for (const question of questions) {
        if (own.all.has(question)) continue;
        if (/^[GR]:/.test(question) && OF_ONESELF.test(own.route.path)) continue;
        if (question.startsWith('G:') && !own.changes) continue;
        const having = likeIt(question, own, group);
        if (having.length === 0 || asksOtherwise(own, question.slice(0, 1), having)) continue;
        return [{ file: own.route.file, line: own.route.line, name: question.slice(2, 70) }];
      }
      const right = onlyOneWithout(own, group);
      return right === undefined ? [] : [{ file: own.route.file, line: own.route.line, name: right.slice(2, 70) }];
    });
  });
}
