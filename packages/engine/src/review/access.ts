import type { Route } from '@ambit/scanner';
import type { AccessChange } from '../change-set/index.ts';

/** What decides who may use a route and how. */
const protecting = [
  'authentication',
  'authorization',
  'ownership',
  'signature',
  'csrf',
  'limit',
  'validation',
] as const;
type Protecting = (typeof protecting)[number];

const keyOf = (route: Route) => `${route.method} ${route.path}`;
const held = (route: Route): Protecting[] => protecting.filter((kind) => route.found[kind] !== undefined);

function byKey(routes: readonly Route[]): Map<string, Route> {
  const found = new Map<string, Route>();
  for (const route of routes) if (!found.has(keyOf(route))) found.set(keyOf(route), route);
  return found;
}

function compared(key: string, old: Route | undefined, now: Route | undefined): AccessChange | undefined {
  const route = now ?? old;
  if (!route) return undefined;
  const [had, has] = [old ? held(old) : [], now ? held(now) : []];
  const lost = now ? had.filter((kind) => !has.includes(kind)) : [];
  const gained = old ? has.filter((kind) => !had.includes(kind)) : [];
  if (old && now && lost.length === 0 && gained.length === 0) return undefined;
  const kind = !old ? 'added' : !now ? 'removed' : lost.length > 0 ? 'weakened' : 'strengthened';
  const first = lost[0];
  const was = first ? old?.found[first] : undefined;
  return {
    route: key,
    kind,
    path: route.file,
    line: route.line,
    protections: has,
    lost,
    gained,
    ...(was ? { was: `${was.file}:${was.line}` } : {}),
  };
}

const order: readonly AccessChange['kind'][] = ['weakened', 'added', 'removed', 'strengthened'];

/** Compares two inventories: what changed about who may do what, what was weakened first. */
export function compareAccess(before: readonly Route[], after: readonly Route[]): AccessChange[] {
  const [old, now] = [byKey(before), byKey(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .flatMap((key) => compared(key, old.get(key), now.get(key)) ?? [])
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.route < b.route ? -1 : 1));
}
