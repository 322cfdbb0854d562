import type { CallFact, Machine } from '../flow/machine.ts';
import { lastName } from '../flow/pattern.ts';
import type { Value } from '../flow/value.ts';
import type { LineTable } from '../syntax/lines.ts';
import type { FunctionNode, Node, Program } from '../syntax/tree.ts';
import { conventionRoutes, middlewareOf } from './conventions.ts';
import { djangoViews } from './django.ts';
import { type Place, uncleanedFields, unvalidatedProperties } from './gaps.ts';
import { guardPlaces } from './guards.ts';
import {
  type Evidence,
  evidenceIn,
  type Guard,
  type MountFact,
  type PlaceKind,
  type RouteFact,
  type RouteFacts,
  type RouteModel,
} from './model.ts';
import { nestRoutes } from './nest.ts';
import { ormQueries } from './orm-queries.ts';
import { rowQueries, unusedOwners } from './ownership.ts';
import { procedure, resolvers } from './procedures.ts';
import { HANDLERS } from './wake.ts';

/** What collecting the routes of one file needs. */
export interface Collecting {
  machine: Machine;
  model: RouteModel;
  lines: LineTable;
  program: Program;
  calls: readonly CallFact[];
}

const METHODS: ReadonlySet<string> = new Set([
  'get',
  'post',
  'put',
  'patch',
  'delete',
  'del',
  'all',
  'options',
  'head',
]);
const ROUTERS =
  /(^|[.?/])(app|router|server|api|routes?|\w*[rR]outer|fastify|hono|web|instance|koa|bp|blueprint|\w+_(?:bp|blueprint|router|api)|Router\(\)|express\(\)|fastify\(\)|Hono\(\)|OpenAPIHono\(\))(\(\))*(\.route\(\))?(\.(get|post|put|patch|delete|all)\(\))*$/;

function codeEvidence({ model, machine, lines }: Collecting, node: { start: number; end: number }): Evidence {
  return evidenceIn(model, machine.text.slice(node.start, node.end), (at) => lines.at(node.start + at).line);
}

/** What a function shows, the local functions it calls included. */
export function functionEvidence(collecting: Collecting, node: FunctionNode): Evidence {
  const found = codeEvidence(collecting, node);
  const code = collecting.machine.text.slice(node.start, node.end);
  for (const closure of collecting.machine.closures.values()) {
    const own = closure.node.start >= node.start && closure.node.end <= node.end;
    if (own || closure.name === undefined || !/^\w{3,}$/.test(closure.name)) continue;
    if (code.includes(closure.name) && new RegExp(`\\b${closure.name}\\s*\\(`).test(code))
      Object.assign(found, { ...codeEvidence(collecting, closure.node), ...found });
  }
  return found;
}

function argumentNodes(node: Node): readonly Node[] {
  return node.type === 'CallExpression' ? node.arguments : [];
}

function guardOf(collecting: Collecting, node: Node, value: Value | undefined): Guard {
  const { machine, lines } = collecting;
  const text = machine.text.slice(node.start, node.end);
  const evidence = codeEvidence(collecting, node);
  if (value?.fn !== undefined) Object.assign(evidence, { ...functionEvidence(collecting, value.fn.node), ...evidence });
  if (collecting.model.optional.test(text)) {
    evidence.optional = lines.at(node.start).line;
    delete evidence.authentication;
  }
  return { text: text.replaceAll(/\s+/g, ' ').slice(0, 60), line: lines.at(node.start).line, evidence };
}

/** The variable a route hangs on, without the calls chained to it. */
function routerName(collecting: Collecting, node: Node): string {
  let at = node;
  while (at.type === 'CallExpression' && at.callee.type === 'MemberExpression') at = at.callee.object;
  return collecting.machine.text.slice(at.start, Math.min(at.end, at.start + 40));
}

/** `onCall(async (request) => …)` of Firebase: an entry point by the name it is exported under. */
function callable(collecting: Collecting, fact: CallFact): RouteFact | undefined {
  if (lastName(fact.ref) !== 'onCall' || !/firebase-functions|https\.onCall|^onCall$/.test(fact.ref)) return undefined;
  const handler = fact.args.find((arg) => arg.fn !== undefined)?.fn;
  if (handler === undefined) return undefined;
  const { machine, lines } = collecting;
  const before = machine.text.slice(machine.text.lastIndexOf('\n', fact.node.start) + 1, fact.node.start);
  const name = /(\w+)\s*[:=]\s*$/.exec(before)?.[1] ?? 'call';
  return {
    framework: 'callable',
    method: 'CALL',
    path: `/${name}`,
    line: lines.at(fact.node.start).line,
    endLine: lines.at(fact.node.end).line,
    router: machine.path,
    guards: [],
    evidence: functionEvidence(collecting, { ...handler.node, start: fact.node.start }),
  };
}

function literalOf(value: Value | undefined): string | undefined {
  if (typeof value?.literal === 'string') return value.literal;
  if (value?.text?.startsWith('/')) return value.text.replaceAll(/[\uFFFC\uFFFB]/g, ':x');
  return undefined;
}

/** `router.route('/x').get(handler)`: the path is in the call before. */
function chainedPath(node: Node): string | undefined {
  let at: Node = node;
  while (at.type === 'CallExpression' && at.callee.type === 'MemberExpression') {
    const name = at.callee.property.type === 'Identifier' ? at.callee.property.name : '';
    const first = at.arguments[0];
    if (name === 'route' && first?.type === 'Literal') return String(first.value);
    at = at.callee.object;
  }
  return undefined;
}

/** `@app.route('/x', methods=['GET', 'POST'])`. */
function flaskMethod(text: string): string {
  const methods = /\bmethods\s*=\s*[[(]([^\])]*)/.exec(text)?.[1] ?? '';
  return (/\b(POST|PUT|PATCH|DELETE)\b/.exec(methods)?.[1] ?? 'GET').toLowerCase();
}

function expressRoute(collecting: Collecting, fact: CallFact): RouteFact | undefined {
  const { node } = fact;
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return undefined;
  const called = lastName(fact.ref);
  const flask = called === 'route' && collecting.machine.path.endsWith('.py');
  if (!METHODS.has(called) && !flask) return undefined;
  const method = flask ? flaskMethod(collecting.machine.text.slice(node.start, node.end)) : called;
  const receiver = fact.ref.slice(0, -(called.length + 1));
  const name = routerName(collecting, node.callee.object);
  if (!ROUTERS.test(receiver) && !ROUTERS.test(name)) return undefined;
  const chained = chainedPath(node.callee.object);
  const path = chained ?? literalOf(fact.args[0]);
  const rest = argumentNodes(node)
    .map((each, i) => ({ node: each, value: fact.args[i] }))
    .slice(chained === undefined ? 1 : 0);
  const last = rest[rest.length - 1];
  if (path === undefined || last === undefined) return undefined;
  if (last.value?.fn === undefined && last.value?.ref === undefined) return undefined;
  if (!path.startsWith('/') && path !== '*' && path !== '') return undefined;
  const { lines } = collecting;
  const handler = last.value.fn;
  // The name of a handler in another file says nothing: `getUsers` guards nobody.
  const named = last.node.type === 'Identifier' || last.node.type === 'MemberExpression';
  const evidence =
    handler !== undefined
      ? functionEvidence(collecting, handler.node)
      : named
        ? {}
        : codeEvidence(collecting, last.node);
  return {
    framework: 'express',
    method: method === 'all' ? 'ANY' : method === 'del' ? 'DELETE' : method.toUpperCase(),
    path,
    line: lines.at(node.callee.property.start).line,
    endLine: lines.at(node.end).line,
    router: name,
    guards: rest.slice(0, -1).map((each) => guardOf(collecting, each.node, each.value)),
    evidence,
    ...(handler === undefined && last.value.ref !== undefined ? { handler: last.value.ref } : {}),
  };
}

const MOUNTS: ReadonlySet<string> = new Set([
  'use',
  'register',
  'route',
  'addHook',
  'useGlobalGuards',
  'include_router',
]);

function mount(collecting: Collecting, fact: CallFact): MountFact | undefined {
  const { node } = fact;
  const method = lastName(fact.ref);
  if (!MOUNTS.has(method) || node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression')
    return undefined;
  const name = routerName(collecting, node.callee.object);
  const receiver = fact.ref.slice(0, -(method.length + 1));
  if (!ROUTERS.test(receiver) && !ROUTERS.test(name)) return undefined;
  const nodes = method === 'register' ? argumentNodes(node).slice(0, 1) : argumentNodes(node);
  const path =
    method === 'addHook'
      ? undefined
      : literalOf(method === 'register' ? fact.args[1]?.props?.get('prefix') : fact.args[0]);
  const rest = nodes
    .map((each, i) => ({ node: each, value: fact.args[i] }))
    .slice(method === 'register' || (path === undefined && method !== 'addHook') ? 0 : 1);
  const last = rest[rest.length - 1];
  const target =
    last?.node.type === 'Identifier'
      ? last.value?.ref?.startsWith('.') || last.value?.ref?.startsWith('@/')
        ? last.value.ref
        : last.node.name
      : last?.value?.ref;
  return {
    router: name,
    path: path ?? '/',
    line: collecting.lines.at(node.start).line,
    guards: rest.map((each) => guardOf(collecting, each.node, each.value)),
    ...(target === undefined ? {} : { target }),
  };
}

/** `router = APIRouter(dependencies=[Depends(current_user)])`: guards of everything on the router. */
function madeRouter(collecting: Collecting, fact: CallFact): MountFact | undefined {
  const name = lastName(fact.ref);
  if (name !== 'APIRouter' && name !== 'Blueprint' && name !== 'FastAPI') return undefined;
  const { machine, lines } = collecting;
  const start = machine.text.lastIndexOf('\n', fact.node.start) + 1;
  const router = /(\w+)\s*(?::\s*\w+\s*)?=\s*$/.exec(machine.text.slice(start, fact.node.start))?.[1];
  if (router === undefined) return undefined;
  const line = lines.at(fact.node.start).line;
  return { router, path: '/', line, guards: [guardOf(collecting, fact.node, undefined)] };
}

/** Names that guard something and occur only where they are imported or made. */
function unusedGuards({ machine, model, program, lines }: Collecting): Place[] {
  const names: { name: string; at: number }[] = [];
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration' && statement.importKind !== 'type')
      for (const { local } of statement.specifiers) names.push({ name: local.name, at: local.start });
    if (
      statement.type === 'ExpressionStatement' &&
      statement.expression.type === 'AssignmentExpression' &&
      statement.expression.left.type === 'Identifier'
    )
      names.push({ name: statement.expression.left.name, at: statement.expression.left.start });
    if (statement.type === 'VariableDeclaration')
      for (const { id } of statement.declarations) {
        if (id.type === 'Identifier') names.push({ name: id.name, at: id.start });
        if (id.type === 'ObjectPattern')
          for (const property of id.properties)
            if (property.type === 'Property' && property.value.type === 'Identifier')
              names.push({ name: property.value.name, at: property.value.start });
      }
  }
  return names
    .filter(({ name }) => model.guardNames.test(name))
    .filter(
      ({ name }) =>
        [...machine.text.matchAll(new RegExp(`(?<![\\w$'"/-])${name.replaceAll('$', '\\$')}(?![\\w$'"/-])`, 'g'))]
          .length === 1,
    )
    .map(({ name, at }) => ({ name, line: lines.at(at).line }));
}

/** What the file shows without its routes; kinds with nothing to show are left out. */
function placesIn(collecting: Collecting): RouteFacts['places'] {
  const { machine, program, lines } = collecting;
  const { hollow, swallowed, through } = guardPlaces(collecting);
  const found: Record<PlaceKind, Place[]> = {
    'unused-guard': unusedGuards(collecting),
    'hollow-guard': hollow,
    'swallowed-refusal': swallowed,
    'idle-cleaner': through,
    'unused-owner': unusedOwners(machine, lines),
    'unvalidated-property': unvalidatedProperties(machine, program, lines),
    'uncleaned-field': uncleanedFields(machine, lines),
  };
  return Object.fromEntries(Object.entries(found).filter(([, places]) => places.length > 0));
}

/** A guard of NestJS in front of every route, other than one that counts calls or looks at roles alone. */
const GLOBAL_GUARD =
  /\bprovide:\s*APP_GUARD\s*,\s*use(?:Class|Existing):\s*(?!\w*(?:Throttler|Roles?|RateLimit|Permission))\w+|\buseGlobalGuards\(\s*(?!new \w*(?:Throttler|Roles?))\S/;

/** Functions that others rely on to turn away who is not signed in. */
export const GUARDING = /^(require|ensure|assert|protect)[A-Z]/;

/** The innermost function around a place, as text. */
function textAround({ machine }: Collecting, at: number): string {
  let best: { start: number; end: number } | undefined;
  for (const { node } of machine.closures.values())
    if (node.start <= at && node.end > at && (best === undefined || node.end - node.start < best.end - best.start))
      best = node;
  return best === undefined ? '' : machine.text.slice(best.start, best.end);
}

/** Everything about routes that one file shows. */
export function collectRoutes(collecting: Collecting): RouteFacts | undefined {
  const routes: RouteFact[] = [];
  const mounts: MountFact[] = [];
  const seen = new Set<Node>();
  for (const fact of collecting.calls) {
    if (fact.how !== 'call' || seen.has(fact.node)) continue;
    seen.add(fact.node);
    const route =
      expressRoute(collecting, fact) ?? callable(collecting, fact) ?? procedure(collecting, fact, functionEvidence);
    if (route !== undefined) routes.push(route);
    const mounted = mount(collecting, fact) ?? madeRouter(collecting, fact);
    if (mounted !== undefined) mounts.push(mounted);
  }
  routes.push(
    ...conventionRoutes(collecting, functionEvidence),
    ...nestRoutes(collecting, functionEvidence),
    ...resolvers(collecting, functionEvidence),
    ...djangoViews(collecting),
  );
  const middleware = middlewareOf(collecting);
  const places = placesIn(collecting);
  const queries = [
    ...rowQueries(collecting.machine.text, collecting.lines),
    ...ormQueries(collecting.machine.text, collecting.lines, (at) => textAround(collecting, at)),
  ];
  const globalGuard = GLOBAL_GUARD.test(collecting.machine.text);
  const interesting =
    globalGuard ||
    routes.length + mounts.length + queries.length + Object.keys(places).length > 0 ||
    middleware !== undefined ||
    [...collecting.machine.exports.keys()].some((name) => GUARDING.test(name)) ||
    HANDLERS.test(collecting.machine.path);
  if (!interesting) return undefined;
  const functions: Record<string, Evidence> = {};
  for (const [name, closure] of collecting.machine.exports)
    functions[name] = functionEvidence(collecting, closure.node);
  return {
    routes,
    mounts,
    functions,
    places,
    globalGuard,
    queries,
    ...(middleware === undefined ? {} : { middleware }),
  };
}
