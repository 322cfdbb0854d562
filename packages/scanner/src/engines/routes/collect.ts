import type { CallFact } from '../flow/machine.ts';
import { isFunction, type Node } from '../syntax/tree.ts';
import { type Offered, offeredBy, offeredEvidence, referencesOf } from './calls.ts';
import { chainQueries } from './chain-queries.ts';
import { conventionRoutes, middlewareOf } from './conventions.ts';
import { comparedPlain } from './credentials.ts';
import { decoratedBy, offeredDefinition, onlyDecorates } from './definitions.ts';
import { djangoViews, unownedSaves, unscopedSets } from './django.ts';
import { expiryFacts } from './expiry.ts';
import { type Place, uncleanedFields, unvalidatedProperties, wholeRecords } from './gaps.ts';
import { guardOf } from './guard-of.ts';
import { guardPlaces } from './guards.ts';
import type { Evidence, PlaceKind, RouteFact, RouteFacts } from './model.ts';
import { mountsIn } from './mounts.ts';
import { nestRoutes } from './nest.ts';
import { ormQueries } from './orm-queries.ts';
import { rowQueries, unusedOwners } from './ownership.ts';
import { passedOn } from './passes.ts';
import { peopleFacts } from './people.ts';
import { procedure, resolvers, schemaField } from './procedures.ts';
import { changedByLinks, idleHooks, rightsOfNeighbours, unboundTexts, unheardForms } from './python-peers.ts';
import {
  argumentNodes,
  type Collecting,
  codeEvidence,
  functionEvidence,
  literalOf,
  mayGuard,
  type Reading,
  ROUTERS,
  routerName,
} from './reading.ts';
import { refusalsIn } from './refusals.ts';
import { routeObject } from './route-object.ts';
import { callerColumns, toldColumns } from './tellers.ts';
import { idleSignatures, ownersIn, toldOwners } from './told.ts';
import { unaskedRights, unlookedValidations, unmeasuredUploads } from './unlooked.ts';
import { unaskedVerdicts } from './verdicts.ts';
import { HANDLERS } from './wake.ts';

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
const ASKS_CALLER =
  /\b(?:request|context|req|data|ctx)\??\.auth\b|\{[^}]*\bauth\b[^}]*\}|\b(?:require|ensure|assert|check|verify)\w*\(/;

/** `onCall(async (request) => …)` of Firebase: an entry point by the name it is exported under. */
function callable(collecting: Collecting, fact: CallFact): RouteFact | undefined {
  if (fact.last !== 'onCall' || !/firebase-functions|https\.onCall|^onCall$/.test(fact.ref)) return undefined;
  const handler = fact.args.find((arg) => arg.fn !== undefined)?.fn;
  if (handler === undefined) return undefined;
  const { machine, lines } = collecting;
  const before = machine.text.slice(machine.text.lastIndexOf('\n', fact.node.start) + 1, fact.node.start);
  const name = /(\w+)\s*[:=]\s*$/.exec(before)?.[1] ?? 'call';
  const evidence = functionEvidence(collecting, { ...handler.node, start: fact.node.start });
  // `getAuth()` is the administration of accounts here, not a question who is calling.
  if (!ASKS_CALLER.test(machine.text.slice(fact.node.start, fact.node.end))) delete evidence.authentication;
  return {
    framework: 'callable',
    method: 'CALL',
    path: `/${name}`,
    line: lines.at(fact.node.start).line,
    endLine: lines.at(fact.node.end).line,
    router: machine.path,
    guards: [],
    evidence,
  };
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

const EDGE = /(?:^|\/)functions\/([\w-]+)\/index\.[jt]sx?$/;

/** `Deno.serve(async (request) => …)` of an edge function: an entry point by the folder it is in. */
function edgeFunction(collecting: Reading, fact: CallFact): RouteFact | undefined {
  if (fact.last !== 'serve') return undefined;
  const { machine, lines, references } = collecting;
  const name = EDGE.exec(machine.path)?.[1];
  const handler = fact.args.find((arg) => arg.fn !== undefined)?.fn;
  if (name === undefined || handler === undefined) return undefined;
  return {
    framework: 'edge',
    method: 'ANY',
    path: `/${name}`,
    line: lines.at(fact.node.start).line,
    endLine: lines.at(fact.node.end).line,
    router: machine.path,
    guards: [],
    calls: references.between(handler.node),
    evidence: functionEvidence(collecting, handler.node),
  };
}

const isPython = ({ machine }: Reading): boolean => machine.path.endsWith('.py');

/** `bookings = APIRouter(prefix='/bookings')`: a router by what it is made of, whatever it is called. */
const isMadeRouter = (collecting: Reading, name: string): boolean =>
  isPython(collecting) &&
  /^\w+$/.test(name) &&
  new RegExp(`^${name}\\s*(?::[^=\\n]*)?=\\s*(?:\\w+\\.)?(?:APIRouter|Blueprint|FastAPI|Flask)\\(`, 'm').test(
    collecting.machine.text,
  );

function expressRoute(collecting: Reading, fact: CallFact): RouteFact | undefined {
  const { node } = fact;
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return undefined;
  const called = fact.last;
  const flask = called === 'route' && isPython(collecting);
  if (!METHODS.has(called) && !flask) return undefined;
  const method = flask ? flaskMethod(collecting.machine.text.slice(node.start, node.end)) : called;
  const receiver = fact.ref.slice(0, -(called.length + 1));
  const name = routerName(collecting, node.callee.object);
  if (!ROUTERS.test(receiver) && !ROUTERS.test(name) && !isMadeRouter(collecting, name)) return undefined;
  const chained = chainedPath(node.callee.object);
  const path = chained ?? literalOf(fact.args[0]);
  const rest = argumentNodes(node)
    .map((each, i) => ({ node: each, value: fact.args[i] }))
    .slice(chained === undefined ? 1 : 0);
  const last = rest[rest.length - 1];
  if (path === undefined || last === undefined) return undefined;
  if (last.value?.fn === undefined && last.value?.ref === undefined) return undefined;
  if (!path.startsWith('/') && path !== '*' && path !== '') return undefined;
  const { lines, references } = collecting;
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
    // A decorator ends before the function it stands on.
    endLine: lines.at(isPython(collecting) ? (handler?.node.end ?? node.end) : node.end).line,
    router: name,
    calls: [
      ...references.between({ start: node.callee.property.start, end: node.end }),
      ...(handler === undefined ? [] : references.between(handler.node)),
    ],
    guards: rest.slice(0, -1).map((each) => guardOf(collecting, each.node, each.value)),
    evidence,
    ...(handler === undefined && last.value.ref !== undefined
      ? { handler: collecting.references.own(last.value.ref) ?? last.value.ref }
      : {}),
  };
}

/** Where code comes from that is there to keep others out. */
const KEEPERS =
  /^(?:helmet|@fastify\/(?:helmet|rate-limit|csrf-protection)|koa-helmet|bcrypt(?:js)?|argon2|@node-rs\/(?:argon2|bcrypt)|scrypt-kdf|express-rate-limit|rate-limiter-flexible|koa-ratelimit|hono-rate-limiter|csurf|csrf-csrf|lusca|hpp|express-mongo-sanitize|(?:isomorphic-)?dompurify|sanitize-html|sanitize-filename|xss|express-validator|hono\/(?:jwt|csrf|secure-headers|bearer-auth)|graphql-depth-limit|nuxt-security|svix)$/;

interface Name {
  name: string;
  at: number;
  /** Whether it keeps somebody out, by where it comes from or what it does: asked of few. */
  keeps?: () => boolean;
}

/** The module of `require('helmet')`. */
function required(node: Node | null | undefined): string | undefined {
  if (node?.type !== 'CallExpression' || node.callee.type !== 'Identifier' || node.callee.name !== 'require')
    return undefined;
  const first = node.arguments[0];
  return first?.type === 'Literal' ? String(first.value) : undefined;
}

function namesOf(collecting: Collecting): Name[] {
  const names: Name[] = [];
  // A function of its own that turns people away.
  const refuses = (node: Node): boolean => {
    if (collecting.machine.path.endsWith('.py')) return false;
    const { refuses: away, authentication, authorization } = codeEvidence(collecting, node);
    return away !== undefined && (authentication ?? authorization) !== undefined;
  };
  for (const statement of collecting.program.body) {
    if (statement.type === 'ImportDeclaration' && statement.importKind !== 'type')
      for (const { local } of statement.specifiers)
        names.push({ name: local.name, at: local.start, keeps: () => KEEPERS.test(String(statement.source.value)) });
    if (
      statement.type === 'ExpressionStatement' &&
      statement.expression.type === 'AssignmentExpression' &&
      statement.expression.left.type === 'Identifier'
    )
      names.push({ name: statement.expression.left.name, at: statement.expression.left.start });
    // Functions of Python are used by other files without being exported, and by what decorates them.
    if (statement.type === 'FunctionDeclaration' && statement.id && !collecting.machine.path.endsWith('.py'))
      names.push({ name: statement.id.name, at: statement.id.start, keeps: () => refuses(statement) });
    if (statement.type === 'VariableDeclaration')
      for (const { id, init } of statement.declarations) {
        const keeps = () => KEEPERS.test(required(init) ?? '');
        if (id.type === 'Identifier')
          names.push({
            name: id.name,
            at: id.start,
            keeps: () => keeps() || (init && isFunction(init) && refuses(init)) === true,
          });
        if (id.type === 'ObjectPattern')
          for (const property of id.properties)
            if (property.type === 'Property' && property.value.type === 'Identifier')
              names.push({ name: property.value.name, at: property.value.start, keeps });
      }
  }
  return names;
}

const BESIDE = /[\w$'"/-]/;

/** Whether a name is written once, strings and paths that hold it left aside. */
function standsAlone(text: string, name: string): boolean {
  if (name === '') return false;
  let seen = false;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    if (BESIDE.test(text[at - 1] ?? '') || BESIDE.test(text[at + name.length] ?? '')) continue;
    if (seen) return false;
    seen = true;
  }
  return seen;
}

/** Names that guard something and occur only where they are imported or made. */
function unusedGuards(collecting: Collecting): Place[] {
  const { machine, model, lines } = collecting;
  return namesOf(collecting)
    .filter(({ name }) => standsAlone(machine.text, name))
    .filter(({ name, keeps }) => model.guardNames.test(name) || keeps?.() === true)
    .map(({ name, at }) => ({ name, line: lines.at(at).line }));
}

/** What the file shows without its routes; kinds with nothing to show are left out. */
function placesIn(collecting: Collecting): RouteFacts['places'] {
  const { machine, program, lines } = collecting;
  const { hollow, swallowed, through, passwordless } = guardPlaces(collecting);
  const found: Record<PlaceKind, Place[]> = {
    'unused-guard': unusedGuards(collecting),
    'hollow-guard': [...hollow, ...idleHooks(machine, lines)],
    'swallowed-refusal': swallowed,
    'idle-cleaner': through,
    'no-password': passwordless,
    'plain-password': comparedPlain(machine.text, lines),
    'idle-signature': idleSignatures(collecting),
    'told-owner': toldOwners(collecting),
    'unused-owner': unusedOwners(machine, lines),
    'unvalidated-property': unvalidatedProperties(machine, program, lines),
    'unbound-text': unboundTexts(machine, lines),
    'uncleaned-field': uncleanedFields(machine, lines),
    'unlooked-validation': [...unlookedValidations(machine.text, lines), ...unheardForms(machine, lines)],
    'right-of-neighbours': rightsOfNeighbours(machine, lines),
    'changed-by-link': changedByLinks(machine, lines),
    'unasked-right': unaskedRights(machine.text, lines),
    'unasked-verdict': unaskedVerdicts(machine.text, lines),
    'unmeasured-upload': unmeasuredUploads(machine.text, lines),
    'unscoped-set': unscopedSets(collecting),
    'unowned-save': unownedSaves(collecting),
    'whole-record': wholeRecords(machine, lines),
  };
  return Object.fromEntries(Object.entries(found).filter(([, places]) => places.length > 0));
}

/** A guard of NestJS or Django in front of every route, other than one that counts calls or looks at roles alone. */
const GLOBAL_GUARD =
  /\bprovide:\s*APP_GUARD\s*,\s*use(?:Class|Existing):\s*(?!\w*(?:Throttler|Roles?|RateLimit|Permission))\w+|\buseGlobalGuards\(\s*(?!new \w*(?:Throttler|Roles?))\S|['"]DEFAULT_PERMISSION_CLASSES['"]\s*:\s*[[(]\s*['"][\w.]*\.(?!AllowAny|IsAuthenticatedOrReadOnly)[A-Z]\w*['"]/;

/** The same, for one that counts calls. */
const GLOBAL_LIMIT = /\bprovide:\s*APP_GUARD\s*,\s*use(?:Class|Existing):\s*\w*Throttler/;

/** Functions that others rely on to turn away who is not signed in. */
export const GUARDING = /^(require|ensure|assert|protect)[A-Z]/;

/** Functions that stand in front of others. */
const MIDDLEWARE = /\bNextFunction\b|\brequestContext\b|\bnext\(\)/;

/** Makes what others put before their entry points. */
const MAKES_GUARDS =
  /\bapplyDecorators\(|(?:Procedure|Action|ActionClient)\s*=\s*[\w.]+\s*(?:\(|\.)|\brate_?[lL]imit\w*\(/;

/** The innermost function around a place. */
function around({ machine }: Collecting, at: number): { text: string; start: number } {
  let best: { start: number; end: number } | undefined;
  for (const { node } of machine.closures.values())
    if (node.start <= at && node.end > at && (best === undefined || node.end - node.start < best.end - best.start))
      best = node;
  return best === undefined
    ? { text: '', start: 0 }
    : { text: machine.text.slice(best.start, best.end), start: best.start };
}

/** The calls of a file, each once: a function that is called is read again with other arguments. */
function callsOnce({ calls }: Collecting): CallFact[] {
  const seen = new Set<Node>();
  return calls.filter(({ how, node }) => {
    if (how !== 'call' || seen.has(node)) return false;
    seen.add(node);
    return true;
  });
}

/** What handlers of requests are told, by the names and types of parameters. */
const TOLD_REQUEST =
  /\b_{0,2}(?:req|request|ctx|context|c|event|res|reply|response|h|info|args|input)\b|[rR]equest|Context|Event\b/;
const KNOWS_CALLER = /user|session|auth|identity|account|viewer|caller|claims|token|member|owner|role|admin|permi/i;

/** What turns people away is short; longer ones are whole modules and machines. */
const GUARD_MOST = 4_000;

/**
 * A function of no use to a route: it is told something other than a request, turns nobody away, and is not by its name about
 * who is calling. Most of what libraries offer is of this kind.
 */
const saysNothing = (collecting: Reading, { name, node, head }: Offered): boolean =>
  head.length > 0 &&
  !/\(\s*\)/.test(head) &&
  !isPython(collecting) &&
  !TOLD_REQUEST.test(head) &&
  !KNOWS_CALLER.test(name) &&
  (node.end - node.start > GUARD_MOST || !mayGuard(collecting, node));

/** What a route asks about who is calling, where its handler stands in the same file. */
function askedBy(collecting: Reading, route: RouteFact): void {
  if (isPython(collecting)) return;
  const { lines, machine } = collecting;
  const asked = refusalsIn(machine.text.slice(lines.startOf(route.line), lines.startOf(route.endLine + 1)));
  if (asked.length > 0) route.refusals = asked;
}

/** What the functions show that a file offers to others. */
function offeredIn(collecting: Reading): {
  functions: Record<string, Evidence>;
  called: Record<string, string[]>;
  refusals: Record<string, string[]>;
} {
  const { machine, references } = collecting;
  const functions: Record<string, Evidence> = {};
  const called: Record<string, string[]> = {};
  const refusals: Record<string, string[]> = {};
  const decorates = machine.text.includes('.decorate(');
  const handles = HANDLERS.test(machine.path) && !isPython(collecting);
  for (const offered of offeredBy(collecting)) {
    const { name, node } = offered;
    const text = machine.text.slice(node.start, node.end);
    if (decorates && onlyDecorates(text)) continue;
    const made = offered.made === undefined ? undefined : offeredDefinition(collecting, name, offered.made);
    if (made !== undefined && Object.keys(made).length === 0) continue;
    functions[name] =
      made ??
      (saysNothing(collecting, offered)
        ? {}
        : offeredEvidence(collecting, offered, functionEvidence(collecting, node)));
    const asked = handles ? refusalsIn(text) : [];
    if (asked.length > 0) refusals[name] = asked;
    const onward = references.between(node);
    if (onward.length > 0) called[name] = onward;
  }
  return { functions, called, refusals };
}

/** Everything about routes that one file shows. */
export function collectRoutes(parts: Collecting): RouteFacts | undefined {
  const references = referencesOf(parts);
  const collecting: Reading = { ...parts, references };
  const routes: RouteFact[] = [];
  const calls = callsOnce(collecting);
  const { mounts, prefixes } = mountsIn(collecting, calls);
  for (const fact of calls) {
    const route =
      expressRoute(collecting, fact) ??
      routeObject(collecting, fact) ??
      callable(collecting, fact) ??
      edgeFunction(collecting, fact) ??
      procedure(collecting, fact, functionEvidence) ??
      schemaField(collecting, fact);
    if (route !== undefined) routes.push({ ...route, path: `${prefixes.get(route.router) ?? ''}${route.path}` });
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
    ...ormQueries(collecting.machine.text, collecting.lines, (at) => around(collecting, at).text),
    ...chainQueries(collecting.machine.path, collecting.machine.text, collecting.lines, (at) => around(collecting, at)),
  ];
  const globalGuard = GLOBAL_GUARD.test(collecting.machine.text);
  const callers = callerColumns(collecting.machine.text);
  const told = routes.length === 0 ? [] : toldColumns(collecting.machine.text, collecting.lines);
  const people = isPython(collecting) ? undefined : peopleFacts(collecting.machine.text, collecting.lines);
  const expiry = isPython(collecting) ? undefined : expiryFacts(collecting.machine.text, collecting.lines);
  const decorated = decoratedBy(calls, (node) => functionEvidence(collecting, node));
  const owners = ownersIn(collecting);
  const passes = passedOn(collecting);
  const interesting =
    globalGuard ||
    GLOBAL_LIMIT.test(collecting.machine.text) ||
    (people ?? expiry ?? owners ?? passes) !== undefined ||
    routes.length + mounts.length + queries.length + callers.length + Object.keys(places).length > 0 ||
    middleware !== undefined ||
    [...collecting.machine.exports.keys()].some((name) => GUARDING.test(name)) ||
    HANDLERS.test(collecting.machine.path) ||
    Object.keys(decorated).length > 0 ||
    MIDDLEWARE.test(collecting.machine.text) ||
    MAKES_GUARDS.test(collecting.machine.text);
  if (!interesting) return undefined;
  for (const route of routes) {
    route.calls ??= references.inLines(route.line, route.endLine);
    askedBy(collecting, route);
  }
  const { functions, called, refusals } = offeredIn(collecting);
  return {
    routes,
    mounts,
    functions,
    calls: called,
    ...(Object.keys(refusals).length === 0 ? {} : { refusals }),
    places,
    globalGuard,
    ...(GLOBAL_LIMIT.test(collecting.machine.text) ? { globalLimit: true as const } : {}),
    queries,
    ...(middleware === undefined ? {} : { middleware }),
    ...(Object.keys(decorated).length === 0 ? {} : { decorated }),
    ...(callers.length === 0 ? {} : { callers }),
    ...(told.length === 0 ? {} : { told }),
    ...(people === undefined ? {} : { people }),
    ...(expiry === undefined ? {} : { expiry }),
    ...(owners === undefined ? {} : { owners }),
    ...(passes === undefined ? {} : { passes }),
  };
}
