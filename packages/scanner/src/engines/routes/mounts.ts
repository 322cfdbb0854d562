import type { CallFact } from '../flow/machine.ts';
import { guardOf } from './guard-of.ts';
import { evidenceIn, type Guard, type MountFact } from './model.ts';
import { argumentNodes, literalOf, type Reading, ROUTERS, routerName } from './reading.ts';

const MOUNTS: ReadonlySet<string> = new Set(['use', 'register', 'route', 'addHook', 'useGlobalGuards']);

/** What stands in front of routes: middleware, hooks and routers mounted under a path. */
function mount(collecting: Reading, fact: CallFact): MountFact | undefined {
  const { node } = fact;
  const method = fact.last;
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

const INCLUDES: ReadonlySet<string> = new Set(['include_router', 'register_blueprint']);
const PREFIX = /\b(?:url_)?prefix\s*=\s*f?['"]([^'"]*)['"]/;
const DEPENDENCIES = /\bdependencies\s*=\s*\[[\s\S]*\]/;

function guardText({ model, lines }: Reading, text: string, at: number): Guard {
  const line = lines.at(at).line;
  return { text: text.replaceAll(/\s+/g, ' ').slice(0, 60), line, evidence: evidenceIn(model, text, () => line) };
}

/** `app.include_router(admin.router, prefix='/admin', dependencies=[…])`, `app.register_blueprint(admin.bp)`. */
function included(reading: Reading, fact: CallFact): MountFact | undefined {
  const { node } = fact;
  if (!INCLUDES.has(fact.last) || node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression')
    return undefined;
  const target = fact.args[0]?.ref;
  const text = reading.machine.text.slice(node.callee.end, node.end);
  const dependencies = DEPENDENCIES.exec(text)?.[0];
  return {
    router: routerName(reading, node.callee.object),
    path: PREFIX.exec(text)?.[1] ?? '/',
    line: reading.lines.at(node.start).line,
    // The last one stands for the router itself.
    guards: [
      ...(dependencies === undefined ? [] : [guardText(reading, dependencies, node.start)]),
      { text: 'router', line: reading.lines.at(node.start).line, evidence: {} },
    ],
    ...(target === undefined ? {} : { target }),
  };
}

/** `router = APIRouter(dependencies=[Depends(current_user)])`: guards of everything on the router, and its prefix. */
function madeRouter(reading: Reading, fact: CallFact): (MountFact & { prefix: string }) | undefined {
  const name = fact.last;
  if (name !== 'APIRouter' && name !== 'Blueprint' && name !== 'FastAPI') return undefined;
  const { machine, lines } = reading;
  const start = machine.text.lastIndexOf('\n', fact.node.start) + 1;
  const router = /(\w+)\s*(?::\s*\w+\s*)?=\s*$/.exec(machine.text.slice(start, fact.node.start))?.[1];
  if (router === undefined) return undefined;
  const text = machine.text.slice(fact.node.start, fact.node.end);
  const prefix = PREFIX.exec(text)?.[1] ?? '';
  const dependencies = DEPENDENCIES.exec(text)?.[0];
  const guards = dependencies === undefined ? [] : [guardText(reading, dependencies, fact.node.start)];
  return { router, path: '/', line: lines.at(fact.node.start).line, guards, prefix };
}

/** `@bp.before_request`: a function in front of every route of a blueprint. */
const BEFORE_REQUEST = /^@(\w+)\.before_(?:app_)?request\b.*\n((?:@.*\n)*)def \w+\([^)]*\).*:\n((?:(?:[ \t].*)?\n)*)/gm;

function beforeRequests(reading: Reading): MountFact[] {
  const { text } = reading.machine;
  if (!/before_(?:app_)?request/.test(text)) return [];
  return [...text.matchAll(BEFORE_REQUEST)].map(({ 0: whole, 1: router = '', index }) => ({
    router,
    path: '/',
    line: 0,
    guards: [guardText(reading, whole, index)],
  }));
}

export interface Mounts {
  mounts: MountFact[];
  /** What the paths of a router begin with, by its name. */
  prefixes: ReadonlyMap<string, string>;
}

/** Everything in front of the routes of one file, and the routers it puts in place. */
export function mountsIn(reading: Reading, calls: readonly CallFact[]): Mounts {
  const mounts: MountFact[] = [...beforeRequests(reading)];
  const prefixes = new Map<string, string>();
  const python = reading.machine.path.endsWith('.py');
  for (const fact of calls) {
    const made = madeRouter(reading, fact);
    // `route` of Flask makes an entry point, and mounts nothing.
    const mounted = made ?? (python ? included(reading, fact) : mount(reading, fact));
    if (made !== undefined && made.prefix !== '') prefixes.set(made.router, made.prefix);
    if (mounted === undefined) continue;
    const { router, path, line, guards, target } = mounted;
    mounts.push({ router, path, line, guards, ...(target === undefined ? {} : { target }) });
  }
  return { mounts, prefixes };
}
