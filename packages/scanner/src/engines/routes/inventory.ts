import type { Evidence, EvidenceKind, Guard, Middleware, MountFact, RouteFact, RouteFacts } from './model.ts';
import { GUARDING, type Reach, reachOf } from './reach.ts';

/** Where something that guards a route was found. */
export interface Found {
  file: string;
  line: number;
}

/** One entry point with everything in front of it, from all files. */
export interface Route {
  framework: string;
  method: string;
  path: string;
  file: string;
  line: number;
  endLine: number;
  router: string;
  /** Where the handler is, when it is in another file. */
  handler?: string;
  /** The same, found: `src/users.ts#list`. */
  handledAt?: string;
  /** What stands in front of its handler, as text. */
  guards: string[];
  found: Partial<Record<EvidenceKind, Found>>;
  /** Where its router is mounted was seen, so that everything in front of it was. */
  mounted: boolean;
  /** Its handler is in a place that could not be looked at. */
  unseen: boolean;
  /** A page inside a layout that asks who is signed in. */
  inside: boolean;
  /** What its handler asks about who is calling before it turns somebody away. */
  refusals?: string[];
}

function add(route: Route, evidence: Evidence, file: string, only?: readonly EvidenceKind[]): void {
  for (const [kind, line] of Object.entries(evidence) as [EvidenceKind, number][])
    if (only === undefined || only.includes(kind)) route.found[kind] ??= { file, line };
}

/** What the guards prove that stand in `file`: by their own text, and by what they do where they are made. */
function addGuards(route: Route, guards: readonly Guard[], file: string, reach: Reach): void {
  for (const { evidence, ref, decorated = [], untold } of guards) {
    add(route, evidence, file, GUARDING);
    const kinds = untold ? GUARDING.filter((kind) => kind !== 'authorization') : GUARDING;
    if (ref !== undefined) for (const each of reach.through(file, [ref])) add(route, each.evidence, each.file, kinds);
    for (const each of reach.decorated(decorated)) add(route, each.evidence, each.file);
  }
}

/** True when a mount at `mounted` sees requests for `path`. */
function covers(mounted: string, path: string): boolean {
  const base = mounted.replace(/\/?(\*|\(\.\*\)|:\w+\*|:\w+\(\.\*\))$/, '').replace(/\/$/, '');
  return base === '' || path === base || path.startsWith(`${base}/`);
}

const joined = (prefix: string, path: string): string =>
  `${prefix.replace(/\/$/, '')}/${path.replace(/^\//, '')}`.replace(/(.)\/$/, '$1');

/** Where a mounted router stands: its file, or `file#name` for one of the same file. */
function targetOf(file: string, { target }: MountFact, reach: Reach): string | undefined {
  if (target === undefined) return undefined;
  return reach.locate(file, target)?.file ?? `${file}#${target}`;
}

/** What stands before the routes of a mount; a mounted router is none of it, whatever it is called. */
function guardsOf(file: string, mount: MountFact, facts: ReadonlyMap<string, RouteFacts>, reach: Reach): Guard[] {
  const target = targetOf(file, mount, reach);
  const isRouter =
    target !== undefined &&
    ((facts.get(target)?.routes.length ?? 0) > 0 ||
      facts.get(file)?.routes.some(({ router }) => `${file}#${router}` === target) === true);
  return isRouter ? mount.guards.slice(0, -1) : mount.guards;
}

interface Mounted {
  file: string;
  mount: MountFact;
  /** Guards registered before it on the same router. */
  before: Guard[];
}

/** Mounts by the file (or by `file#name` of the router in the same file) that they put in place. */
function mountsByTarget(facts: ReadonlyMap<string, RouteFacts>, reach: Reach): Map<string, Mounted[]> {
  const out = new Map<string, Mounted[]>();
  for (const [file, { mounts }] of facts) {
    const made = new Map<MountFact, Guard[]>();
    const guards = (mount: MountFact): Guard[] => {
      const known = made.get(mount) ?? guardsOf(file, mount, facts, reach);
      made.set(mount, known);
      return known;
    };
    for (const mount of mounts) {
      const key = targetOf(file, mount, reach);
      if (key === undefined) continue;
      const before = mounts
        .filter((other) => other.router === mount.router && other.line < mount.line && covers(other.path, mount.path))
        .flatMap(guards);
      out.set(key, [...(out.get(key) ?? []), { file, mount, before }]);
    }
  }
  return out;
}

/** Routes that the middleware of a framework stands before. */
const OF_FRAMEWORK: Readonly<Record<Middleware['framework'], RegExp>> = {
  next: /^(?:next|server-action|trpc)/,
  sveltekit: /^sveltekit/,
  nuxt: /^nuxt/,
};

function middlewareSees(matchers: readonly string[], path: string): boolean {
  return matchers.some((matcher) => {
    if (matcher.includes('(?!')) {
      const excluded = /\(\?!([^)]*)/.exec(matcher)?.[1]?.split('|') ?? [];
      return !excluded.some(
        (part) => part !== '' && /^[\w/-]+$/.test(part) && path.slice(1).startsWith(part.replace(/^\//, '')),
      );
    }
    return covers(matcher.replace(/:\w+\*$/, '').replace(/\/:\w+$/, ''), path);
  });
}

/** Groups of SvelteKit, `/(app)`, stand in the path of the file alone. */
const seesGroup = (matchers: readonly string[], file: string): boolean =>
  matchers.some((matcher) => matcher.startsWith('/(') && file.includes(`routes${matcher.replace(/\/$/, '')}/`));

function routeOf(file: string, fact: RouteFact, reach: Reach): Route {
  const { evidence, guards, skips: _, calls = [], ...rest } = fact;
  const route: Route = {
    ...rest,
    file,
    guards: guards.map(({ text }) => text),
    found: {},
    // All that stands before a method of a controller is in its file, or global.
    mounted: fact.framework === 'nest',
    unseen: false,
    inside: false,
  };
  add(route, evidence, file);
  addGuards(route, guards, file, reach);
  for (const each of reach.through(file, calls)) add(route, each.evidence, each.file);
  return route;
}

/** The routes of the whole project, each with what guards it and where that stands. */
export function inventory(facts: ReadonlyMap<string, RouteFacts>, paths: readonly string[]): Route[] {
  const reach = reachOf(facts, paths);
  const mounted = mountsByTarget(facts, reach);
  const middlewares = [...facts].flatMap(([file, { middleware }]) =>
    middleware === undefined ? [] : [{ file, ...middleware }],
  );
  const globalGuards = [...facts].flatMap(([file, { globalGuard }]) => (globalGuard ? [file] : []));
  const globalLimit = [...facts].find(([, each]) => each.globalLimit === true)?.[0];
  const layouts = [...facts].flatMap(([file, { routes: own }]) =>
    own.some(({ method, evidence }) => method === 'LAYOUT' && evidence.authentication !== undefined)
      ? [file.slice(0, file.lastIndexOf('/') + 1)]
      : [],
  );
  const routes: Route[] = [];
  for (const [file, { routes: own, mounts }] of facts)
    for (const fact of own) {
      const route = routeOf(file, fact, reach);
      const here = mounts.filter(
        (mount) =>
          (mount.router === fact.router && mount.line < fact.line && mount.target === undefined) ||
          (mount.router === fact.router && mount.line < fact.line && covers(mount.path, fact.path)),
      );
      for (const mount of here)
        if (covers(mount.path, fact.path)) addGuards(route, guardsOf(file, mount, facts, reach), file, reach);
      const outside = [...(mounted.get(`${file}#${fact.router}`) ?? []), ...(mounted.get(file) ?? [])];
      for (const { file: from, mount, before } of outside) {
        if (from === file && mount.router === fact.router) continue;
        route.mounted = true;
        addGuards(route, guardsOf(from, mount, facts, reach), from, reach);
        addGuards(route, before, from, reach);
        if (fact.framework === 'express') route.path = joined(mount.path, fact.path);
      }
      for (const middleware of middlewares)
        if (
          middleware.evidence.authentication !== undefined &&
          OF_FRAMEWORK[middleware.framework].test(fact.framework) &&
          (middlewareSees(middleware.matchers, route.path) || seesGroup(middleware.matchers, file))
        )
          add(route, middleware.evidence, middleware.file, ['authentication', 'limit', 'csrf']);
      route.inside = layouts.some((folder) => file.startsWith(folder));
      if (fact.framework === 'nest' && globalLimit !== undefined) route.found.limit ??= { file: globalLimit, line: 1 };
      if ((fact.framework === 'nest' || fact.framework === 'django') && fact.skips === undefined)
        for (const from of globalGuards)
          if (from.endsWith('.py') === file.endsWith('.py')) route.found.authentication ??= { file: from, line: 1 };
      addHandler(route, fact, facts, reach);
      routes.push(route);
    }
  return routes.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

function addHandler(route: Route, fact: RouteFact, facts: ReadonlyMap<string, RouteFacts>, reach: Reach): void {
  if (fact.handler === undefined) return;
  const at = reach.locate(route.file, fact.handler);
  if (at !== undefined) route.handledAt = `${at.file}#${at.name}`;
  const shown = at === undefined ? undefined : facts.get(at.file);
  const evidence = at === undefined ? undefined : shown?.functions[at.name];
  if (evidence === undefined || at === undefined || shown === undefined) {
    route.unseen = true;
    return;
  }
  add(route, evidence, at.file);
  const asked = shown.refusals?.[at.name];
  if (asked !== undefined) route.refusals = [...(route.refusals ?? []), ...asked];
  for (const each of reach.through(at.file, shown.calls[at.name] ?? [])) add(route, each.evidence, each.file);
}
