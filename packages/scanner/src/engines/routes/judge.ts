import type { Rule } from '@ambit/core/catalog';
import * as z from 'zod/mini';
import type { RawFinding } from '../../engine.ts';
import type { Route } from './inventory.ts';
import { inventory } from './inventory.ts';
import type { EvidenceKind, RouteFacts, RouteModel } from './model.ts';

/** The `match` block of route rules: what a route is, and how many of the routes it is compared with are better. */
export const routeMatch = z.strictObject({
  on: z.enum(['route', 'unused-guard']),
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

const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1);

/** Routes that do the same kind of thing in the same place: one router, or neighbours in the folder tree. */
function siblings(route: Route, routes: readonly Route[]): Route[] {
  const own = routes.filter((other) => other !== route && other.file === route.file && other.router === route.router);
  if (own.length > 0) return own;
  const folder = folderOf(folderOf(route.file).slice(0, -1));
  return routes.filter(
    (other) => other !== route && folder !== '' && other.file.startsWith(folder) && other.framework === route.framework,
  );
}

function share(routes: readonly Route[], kind: EvidenceKind): number {
  if (routes.length === 0) return 0;
  return routes.filter((route) => route.found[kind] !== undefined).length / routes.length;
}

function judge(route: Route, routes: readonly Route[], model: RouteModel): Judged {
  const has = (kind: EvidenceKind) => route.found[kind] !== undefined;
  const changesState = (each: Route) =>
    CHANGING.test(each.method) || (each.method === 'ANY' && each.found.writes !== undefined);
  const near = siblings(route, routes);
  const changing = routes.filter((each) => each !== route && changesState(each) && !model.open.test(each.path));
  const nearById = near.filter((each) => each.found.byId !== undefined || /:\w+/.test(each.path));
  const nearBody = near.filter((each) => each.found.body !== undefined && changesState(each));
  const nearReads = near.filter((each) => !model.public.test(each.path) || each.found.authentication !== undefined);
  return {
    route,
    is: {
      authentication: has('authentication'),
      authorization: has('authorization'),
      ownership: has('ownership'),
      validation: has('validation'),
      limit: has('limit'),
      csrf: has('csrf'),
      signature: has('signature'),
      reads: has('reads'),
      writes: has('writes'),
      body: has('body'),
      changes: changesState(route),
      byId: has('byId') || /:\w+/.test(route.path),
      public: model.public.test(route.path),
      open: model.open.test(route.path) || ENTRANCE.test(route.file),
      login: model.login.test(route.path),
      admin: model.admin.test(route.path),
      webhook: model.webhook.test(route.path) && route.method !== 'GET',
      action: route.method === 'ACTION',
    },
    share: {
      changingAuthenticated: share(changing, 'authentication'),
      siblingsAuthenticated: nearReads.length >= 2 ? share(nearReads, 'authentication') : 0,
      siblingsOwned: nearById.length >= 1 ? share(nearById, 'ownership') : 0,
      siblingsValidated: nearBody.length >= 1 ? share(nearBody, 'validation') : 0,
      limited: share(
        routes.filter((each) => each !== route),
        'limit',
      ),
      authorized: share(
        routes.filter((each) => each !== route && model.admin.test(each.path)),
        'authorization',
      ),
    },
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
  paths: readonly string[],
  model: RouteModel,
): RawFinding[] {
  const compiled = rules.map((rule) => ({ rule, match: routeMatch.parse(rule.match) }));
  const routes = inventory(facts, paths);
  const findings: RawFinding[] = [];
  for (const route of routes) {
    const judged = judge(route, routes, model);
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
    if (match.on === 'unused-guard')
      for (const [file, { unused }] of facts)
        for (const { name, line } of unused)
          findings.push({
            ruleId: rule.id,
            file,
            line,
            endLine: line,
            message: rule.message.replaceAll('{name}', `\`${name}\``),
          });
  return findings;
}
