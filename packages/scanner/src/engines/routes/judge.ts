import type { Rule } from '@ambit/core/catalog';
import * as z from 'zod/mini';
import type { RawFinding } from '../../engine.ts';
import { unaskedEnds } from './expiry.ts';
import type { Route } from './inventory.ts';
import { type EvidenceKind, PLACE_KINDS, type RouteFacts, type RouteModel } from './model.ts';
import { type NamedPlace, oddQueries } from './odd-queries.ts';
import { exposedPeople } from './people.ts';
import { leftOut } from './refusals.ts';
import { believedColumns } from './tellers.ts';
import { ownersAsSent } from './told.ts';

/** The `match` block of route rules: what a route is, and how many of the routes it is compared with are better. */
export const routeMatch = z.strictObject({
  on: z.enum([
    'route',
    'row-query',
    'believed-owner',
    'owner-as-sent',
    'exposed-people',
    'unasked-end',
    'refusal-left-out',
    ...PLACE_KINDS,
  ]),
  is: z.optional(z.record(z.string(), z.boolean())),
  atLeast: z.optional(z.record(z.string(), z.number())),
});

const CHANGING = /^(POST|PUT|PATCH|DELETE|ACTION)$/;

interface Judged {
  route: Route;
  is: Record<string, boolean>;
  share: Record<string, number>;
}

/** Files whose name says that they are about getting in, whatever their routes are called. */
const ENTRANCE = /(^|[/_.-])(auth|login|oauth|signup|sign-up|webhook)s?([/_.-]|$)/i;

/** Handlers whose name says the same. */
const ENTERS =
  /(^|\.)(register|login|logIn|signup|signUp|signin|signIn|logout|logOut|auth|authenticate|forgot|reset)([A-Z_]\w*)?$/;

/** What a timer calls. */
const CRON = /(?:^|\/)crons?(?:\/|$)/i;

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/'));

const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1);

/** One route with what is asked about it again and again while the others are judged. */
interface Known {
  route: Route;
  changes: boolean;
  /** It changes something, and not everybody may. */
  guardedChange: boolean;
  byId: boolean;
  publicPath: boolean;
  admin: boolean;
}

/** All routes, grouped so that judging one does not look at every other one. */
interface Field {
  known: ReadonlyMap<Route, Known>;
  byRouter: ReadonlyMap<string, Known[]>;
  /** By each folder above the file, with the framework. */
  byFolder: ReadonlyMap<string, Known[]>;
  changing: Counter;
  limited: Counter;
  /** A file of the project is there to limit calls. */
  limiter: boolean;
  /** Of those that change something, how many have a token against other sites' forms. */
  tokened: Counter;
  authorized: Counter;
  /** Of those that read who is calling, how many have a guard that says so. */
  identified: Counter;
  /** Of those that change one record, how many ask for its owner or a right. */
  kept: Counter;
}

/** How many routes there are of a kind, and how many of them have what is asked about. */
interface Counter {
  all: number;
  having: number;
}

/** A part of a path that says which record is meant, and not which file, page or code. */
const BY_ID_PATH =
  /\/[:{]\w+|<(?!path:)(?:\w+:)?(?!(?:path|file|filename|name|username|handle|slug|token|code|lang|page|year|month|day)>)\w+>/;

/** Somebody signed in changes one record. */
const isKeepable = ({ changes, byId, admin, route: { found } }: Known): boolean =>
  changes && byId && !admin && found.authentication !== undefined && found.signature === undefined;

/** Frameworks in which nothing stands in front of a route but what its file says. */
const BY_FILE = /^(?:next|server-action|sveltekit|remix|nuxt|edge)/;
const LIMITER_FILE = /(?:rate-?limit|limiter|throttl)\w*\.(?:[jt]sx?|py)$/i;

/** Paths that list people. */
const PEOPLE = /(?:^|[/_-])(?:users?|accounts?|members?|customers?|people|patients?|employees?|profiles?)\/?$/i;

function put<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function countOf(list: readonly Known[], kind: EvidenceKind): Counter {
  return { all: list.length, having: list.filter(({ route }) => route.found[kind] !== undefined).length };
}

function fieldOf(routes: readonly Route[], paths: readonly string[], model: RouteModel): Field {
  const all = routes.map((route): Known => {
    const changes = CHANGING.test(route.method) || (route.method === 'ANY' && route.found.writes !== undefined);
    return {
      route,
      changes,
      guardedChange: changes && !model.open.test(route.path),
      byId: route.found.byId !== undefined || BY_ID_PATH.test(route.path),
      publicPath: model.public.test(route.path),
      admin: model.admin.test(route.path),
    };
  });
  const byRouter = new Map<string, Known[]>();
  const byFolder = new Map<string, Known[]>();
  for (const each of all) {
    const { file, router, framework } = each.route;
    put(byRouter, `${file}\0${router}`, each);
    for (let folder = folderOf(file); folder !== ''; folder = folderOf(folder.slice(0, -1)))
      put(byFolder, `${framework}\0${folder}`, each);
  }
  return {
    known: new Map(all.map((each) => [each.route, each])),
    byRouter,
    byFolder,
    changing: countOf(
      all.filter((each) => each.guardedChange),
      'authentication',
    ),
    limited: countOf(all, 'limit'),
    limiter: paths.some((path) => LIMITER_FILE.test(path)),
    tokened: countOf(
      all.filter((each) => each.changes),
      'csrf',
    ),
    authorized: countOf(
      all.filter((each) => each.admin),
      'authorization',
    ),
    identified: countOf(
      all.filter(({ route }) => route.found.identity !== undefined),
      'authentication',
    ),
    kept: keptOf(all.filter(isKeepable)),
  };
}

/** So many routes that read who is calling, and nearly all with a guard, show how this project does it. */
function isHabit({ all, having }: Counter): boolean {
  return having >= 4 && having / all >= 0.6;
}

/** It uses a body, or its handler could not be looked at and its method sends one. */
function hasBody({ found, unseen, method }: Route): boolean {
  return found.body !== undefined || (unseen && /^(POST|PUT|PATCH)$/.test(method));
}

/** Routes that do the same kind of thing in the same place: one router, or neighbours in the folder tree. */
function siblings({ route }: Known, field: Field, least: number): Known[] {
  const own = (field.byRouter.get(`${route.file}\0${route.router}`) ?? []).filter((other) => other.route !== route);
  if (own.length >= least) return own;
  const folder = folderOf(folderOf(route.file).slice(0, -1));
  const near = (field.byFolder.get(`${route.framework}\0${folder}`) ?? []).filter((other) => other.route !== route);
  return own.length === 0 ? near : [...own, ...near.filter((other) => !own.includes(other))];
}

function share({ all, having }: Counter): number {
  return all === 0 ? 0 : having / all;
}

/** Routes that not every user may call: for the owner, or, where they change something, for a role. */
const isKept = ({ changes, route: { found } }: Known): boolean =>
  found.ownership !== undefined || (changes && found.authorization !== undefined);

function keptOf(list: readonly Known[]): Counter {
  return { all: list.length, having: list.filter(isKept).length };
}

/** The share among all other routes: without this one, where it is counted. */
function shareOfOthers({ all, having }: Counter, counted: boolean, has: boolean): number {
  return share(counted ? { all: all - 1, having: having - (has ? 1 : 0) } : { all, having });
}

/** Whoever sends a password that is hashed and stored is making an account. */
const isSignUp = ({ changes, byId, route: { found, method } }: Known): boolean =>
  changes &&
  !byId &&
  method === 'POST' &&
  found.takesPassword !== undefined &&
  found.checksPassword !== undefined &&
  found.identity === undefined;

const ARGUMENTS = /^([\w.]+)\(\s*(.*)\)$/;

/** Behind a guard that is told nothing, where every route beside it on the same path tells it whom it is for. */
function emptied({ route }: Known, near: readonly Known[]): boolean {
  const empty = route.guards.flatMap((text) => {
    const call = ARGUMENTS.exec(text);
    return call?.[2] === '' ? [call[1]] : [];
  });
  const same = near.filter((each) => each.route.path === route.path);
  return empty.some(
    (name) =>
      same.length > 0 &&
      same.every((each) =>
        each.route.guards.some((text) => ARGUMENTS.exec(text)?.[1] === name && !text.endsWith('()')),
      ),
  );
}

const SIGN_UP = /register|registration|sign-?up/i;

/** Only the limit of the whole application is in front of it, where the routes beside it have a narrower one. */
function onlyGenerally({ file, path, found: { limit } }: Route, near: readonly Known[]): boolean {
  return (
    limit !== undefined &&
    limit.file !== file &&
    !SIGN_UP.test(path) &&
    near.some((each) => each.route.found.limit?.file === file)
  );
}

/** How many of the routes beside it, or of the whole project, have what is asked about. */
function sharesOf(own: Known, field: Field, near: readonly Known[]): Record<string, number> {
  const { route } = own;
  const has = (kind: EvidenceKind) => route.found[kind] !== undefined;
  const nearIdentity = near.filter(
    ({ route: other }) => other.found.identity !== undefined && other.found.optional === undefined,
  );
  const general = route.mounted ? shareOfOthers(field.identified, has('identity'), has('authentication')) : 0;
  const nearById = near.filter((each) => each.byId);
  const nearBody = near.filter((each) => hasBody(each.route) && each.changes);
  const nearChanges = near.filter(({ changes, route: { found } }) => changes && found.authentication !== undefined);
  const nearReads = siblings(own, field, 2).filter(
    (each) => !each.publicPath || each.route.found.authentication !== undefined,
  );
  return {
    changingAuthenticated: shareOfOthers(field.changing, own.guardedChange, has('authentication')),
    siblingsAuthenticated: nearReads.length >= 2 ? share(countOf(nearReads, 'authentication')) : 0,
    siblingsOwned: share(own.changes ? keptOf(nearById) : countOf(nearById, 'ownership')),
    createsOwned: share(
      countOf(
        near.filter((each) => !each.byId && each.changes && each.route.found.writes !== undefined),
        'ownership',
      ),
    ),
    identitySiblings: Math.max(
      nearIdentity.length < 2 ? 0 : share(countOf(nearIdentity, 'authentication')),
      field.identified.having < 3 ? 0 : general,
    ),
    projectKept: field.kept.having < 3 ? 0 : shareOfOthers(field.kept, isKeepable(own), isKept(own)),
    changesAuthorized: nearChanges.length < 2 ? 0 : share(countOf(nearChanges, 'authorization')),
    nearAuthorized: share(countOf(near, 'authorization')),
    nearOwned: share(countOf(near, 'ownership')),
    // A procedure has nothing to read but what `.input(…)` describes.
    siblingsValidated: route.framework === 'trpc' ? 1 : share(countOf(nearBody, 'validation')),
    tokened: shareOfOthers(field.tokened, own.changes, has('csrf')),
    limited: Math.max(
      shareOfOthers(field.limited, true, has('limit')),
      field.limiter && BY_FILE.test(route.framework) ? 0.01 : 0,
    ),
    authorized: shareOfOthers(field.authorized, own.admin, has('authorization')),
  };
}

function judge(own: Known, field: Field, model: RouteModel): Judged {
  const { route } = own;
  const has = (kind: EvidenceKind) => route.found[kind] !== undefined;
  const near = siblings(own, field, 1);
  const guardedNear = near.filter((each) => each.changes || !each.publicPath);
  // Reading `req.user` guards nothing by itself; where the routes beside it have a guard that sets it, it is missing here.
  const missed = guardedNear.length > 0 && share(countOf(guardedNear, 'authentication')) >= 0.5;
  // The same holds where all that stands in front of the route was seen, and other routes of the project have a guard.
  const bare = route.mounted && field.changing.having > 0 && share(field.changing) >= 0.3;
  const leaning = has('identity') && !missed && !bare && !isHabit(field.identified);
  const authenticated = has('authentication') || leaning;
  return {
    route,
    is: {
      authentication: authenticated,
      unchecked: has('unchecked') && (route.found.authentication?.file ?? route.file) === route.file && !route.inside,
      authorization: has('authorization'),
      ownership: has('ownership'),
      validation: has('validation'),
      limit: has('limit') && !onlyGenerally(route, near),
      csrf: has('csrf'),
      signature: has('signature'),
      reads: has('reads') || route.unseen,
      writes: has('writes'),
      does: has('reads') || has('writes') || hasBody(route) || route.unseen || route.framework !== 'next',
      body: hasBody(route),
      coerced: has('coerced'),
      takesPassword: has('takesPassword'),
      checksPassword: has('checksPassword'),
      signsIn: has('signsIn'),
      optional: has('optional'),
      identity: has('identity'),
      emptied: emptied(own, near),
      changes: own.changes,
      byId: own.byId,
      public: own.publicPath || has('published'),
      open: has('identity')
        ? // Who uses the caller is one of those who got in, wherever the way in is.
          model.open.test(lastOf(route.path)) || ENTERS.test(route.handler ?? '')
        : model.open.test(route.path) || isSignUp(own) || ENTRANCE.test(route.file) || ENTERS.test(route.handler ?? ''),
      login: model.login.test(route.path) || (has('takesPassword') && has('signsIn') && route.method === 'POST'),
      admin: own.admin,
      seen: !route.unseen,
      people: PEOPLE.test(route.path) || (route.path === '/' && PEOPLE.test(route.file.replace(/\.[^/]*$/, ''))),
      webhook: (model.webhook.test(route.path) || has('event')) && route.method !== 'GET',
      cron: CRON.test(route.path),
      action: route.method === 'ACTION',
      callable: route.framework === 'callable',
    },
    share: sharesOf(own, field, near),
  };
}

interface RouteRule {
  rule: Rule;
  match: z.infer<typeof routeMatch>;
}

function applies({ match }: RouteRule, judged: Judged): boolean {
  return (
    Object.entries(match.is ?? {}).every(([field, wanted]) => judged.is[field] === wanted) &&
    Object.entries(match.atLeast ?? {}).every(([field, least]) => (judged.share[field] ?? 0) >= least)
  );
}

/** Findings about routes: each is compared with the project's own other routes. */
export function judgeRoutes(
  rules: readonly Rule[],
  facts: ReadonlyMap<string, RouteFacts>,
  routes: readonly Route[],
  paths: readonly string[],
  model: RouteModel,
): RawFinding[] {
  const compiled = rules.map((rule) => ({ rule, match: routeMatch.parse(rule.match) }));
  const findings: RawFinding[] = [];
  const field = fieldOf(routes, paths, model);
  for (const [route, known] of field.known) {
    const judged = judge(known, field, model);
    for (const each of compiled)
      if (each.match.on === 'route' && applies(each, judged))
        findings.push({
          ruleId: each.rule.id,
          file: route.file,
          line: route.line,
          endLine: route.endLine,
          message: each.rule.message.replaceAll('{route}', `\`${route.method} ${route.path}\``),
        });
  }
  for (const { rule, match } of compiled)
    if (match.on !== 'route')
      for (const { file, line, name } of placesOf(match.on, facts, model, routes))
        findings.push({
          ruleId: rule.id,
          file,
          line,
          endLine: line,
          message: rule.message.replaceAll('{name}', `\`${name}\``),
        });
  return findings;
}

/** What the rules that are not about one route look at. */
function placesOf(
  on: Exclude<z.infer<typeof routeMatch>['on'], 'route'>,
  facts: ReadonlyMap<string, RouteFacts>,
  model: RouteModel,
  routes: readonly Route[],
): NamedPlace[] {
  if (on === 'owner-as-sent') return sentOwners(facts, routes, model);
  if (on === 'told-owner') return toldOwners(facts, routes, model);
  if (on === 'exposed-people') return exposedPeople(facts, routes);
  if (on === 'unasked-end') return unaskedEnds(facts);
  if (on === 'refusal-left-out')
    return leftOut(
      routes,
      ({ path, handler, file }) => model.open.test(path) || ENTERS.test(handler ?? '') || ENTRANCE.test(file),
    );
  if (on === 'believed-owner') return believedOwners(facts, routes, model);
  if (on !== 'row-query')
    return [...facts].flatMap(([file, { places }]) => (places[on] ?? []).map((place) => ({ file, ...place })));
  return oddQueries(facts, routes, model);
}

/** Who is meant is believed to whoever sends it, in a project that finds out elsewhere who is calling. */
function toldOwners(facts: ReadonlyMap<string, RouteFacts>, routes: readonly Route[], model: RouteModel): NamedPlace[] {
  const knows =
    routes.some(({ found }) => found.identity !== undefined || found.authentication !== undefined) ||
    [...facts.values()].some(({ functions }) =>
      Object.values(functions).some(({ identity, authentication }) => (identity ?? authentication) !== undefined),
    );
  if (!knows) return [];
  return [...facts].flatMap(([file, { places }]) =>
    (places['told-owner'] ?? []).flatMap(({ name, line }) => {
      const own = routes.find((route) => route.file === file && route.line <= line && route.endLine >= line);
      const open =
        own !== undefined &&
        (own.found.authorization !== undefined ||
          own.found.signature !== undefined ||
          model.admin.test(own.path) ||
          model.open.test(own.path));
      return open || model.admin.test(file) ? [] : [{ file, line, name }];
    }),
  );
}

/** Whose row it is, taken from what is sent, where whoever calls is known and needs no right. */
function believedOwners(
  facts: ReadonlyMap<string, RouteFacts>,
  routes: readonly Route[],
  model: RouteModel,
): NamedPlace[] {
  return [...believedColumns(facts)].flatMap(([file, places]) =>
    places.flatMap(({ name, line }) => {
      const own = routes.find((route) => route.file === file && route.line <= line && route.endLine >= line);
      if (own === undefined || (own.found.authorization ?? own.found.signature) !== undefined) return [];
      if (model.admin.test(own.path) || model.admin.test(file) || own.found.authentication === undefined) return [];
      const shows = !CHANGING.test(own.method) && own.found.writes === undefined;
      const openly =
        model.public.test(own.path) || own.found.published !== undefined || own.found.identity !== undefined;
      return shows && openly ? [] : [{ file, line, name }];
    }),
  );
}

/** Owners as they are sent, where no right is asked for and no other rule speaks of them. */
function sentOwners(facts: ReadonlyMap<string, RouteFacts>, routes: readonly Route[], model: RouteModel): NamedPlace[] {
  const owners = new Map([...facts].flatMap(([file, each]) => (each.owners ? [[file, each.owners] as const] : [])));
  const spoken = new Set(
    [...believedOwners(facts, routes, model), ...toldOwners(facts, routes, model)].map(
      ({ file, line }) => `${file}:${line}`,
    ),
  );
  return ownersAsSent(owners).filter(({ file, line }) => {
    if (spoken.has(`${file}:${line}`)) return false;
    const own = routes.find((route) => route.file === file && route.line <= line && route.endLine >= line);
    const { authorization, signature } = own?.found ?? {};
    return authorization === undefined && signature === undefined && !model.admin.test(own?.path ?? '');
  });
}
