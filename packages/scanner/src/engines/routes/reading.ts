import type { CallFact, Machine } from '../flow/machine.ts';
import type { Value } from '../flow/value.ts';
import type { LineTable } from '../syntax/lines.ts';
import type { FunctionNode, Node, Program } from '../syntax/tree.ts';
import type { References } from './calls.ts';
import { type Evidence, evidenceIn, type RouteModel, type Shown, shownBy } from './model.ts';

/** What collecting the routes of one file needs. */
export interface Collecting {
  machine: Machine;
  model: RouteModel;
  lines: LineTable;
  program: Program;
  calls: readonly CallFact[];
  asked: Asked;
}

/** What has been asked of a file so far. */
export interface Asked {
  /** What parts of the code show, by their span. */
  shown: Map<string, Evidence>;
  /** How long those are together, and what the whole file shows once they are longer than it. */
  length: number;
  whole: Shown | undefined;
  named: LocalFunctions | undefined;
}

/** The functions of a file that have a name, and where they are called. */
interface LocalFunctions {
  functions: readonly { name: string; node: FunctionNode }[];
  calls: readonly { name: string; start: number; end: number }[];
  /** Whether any is named as what a framework is to call before. */
  depends: boolean;
}

export const nothingAsked = (): Asked => ({ shown: new Map(), length: 0, whole: undefined, named: undefined });

interface Span {
  start: number;
  end: number;
}

/** With what other files can be asked about. */
export interface Reading extends Collecting {
  references: References;
}

/** Variables and calls that routes hang on. */
export const ROUTERS =
  /(^|[.?/])(app|router|server|api|routes?|\w*[rR]outer|fastify|hono|web|instance|koa|bp|blueprint|\w+_(?:bp|blueprint|router|api)|Router\(\)|express\(\)|fastify\(\)|Hono\(\)|OpenAPIHono\(\))(\(\))*(\.route\(\))?(\.(get|post|put|patch|delete|all)\(\))*$/;

/** Where a part this short begins and ends may matter to what it shows: it is asked by itself. */
const SHORT = 200;

export function codeEvidence({ model, machine, lines, asked }: Collecting, { start, end }: Span): Evidence {
  const { shown } = asked;
  const span = `${start}-${end}`;
  let evidence = shown.get(span);
  if (evidence === undefined) {
    const isShort = end - start <= SHORT;
    if (!isShort) asked.length += end - start;
    if (asked.length > machine.text.length) asked.whole ??= shownBy(model, machine.text);
    const whole = isShort ? undefined : asked.whole;
    evidence = evidenceIn(model, machine.text.slice(start, end), (at) => lines.at(start + at).line, whole);
    shown.set(span, evidence);
  }
  return { ...evidence };
}

const isPart = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);

/** A call of a function by its name: it stands by itself, a bracket behind it. */
function callsOf(text: string, names: ReadonlySet<string>): LocalFunctions['calls'] {
  const out: LocalFunctions['calls'][number][] = [];
  for (let open = text.indexOf('('); open >= 0; open = text.indexOf('(', open + 1)) {
    let end = open;
    while (end > 0 && text.charCodeAt(end - 1) <= 32) end -= 1;
    let start = end;
    while (start > 0 && isPart(text.charCodeAt(start - 1))) start -= 1;
    if (end - start < 3) continue;
    const name = text.slice(start, end);
    if (names.has(name)) out.push({ name, start, end: open + 1 });
  }
  return out;
}

/** Number of the first call that does not start before `from`. */
function firstFrom(calls: LocalFunctions['calls'], from: number): number {
  let [low, high] = [0, calls.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((calls[middle]?.start ?? from) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function localFunctions({ machine: { text, closures }, asked }: Collecting): LocalFunctions {
  if (asked.named === undefined) {
    const functions = [...closures.values()].flatMap(({ name, node }) =>
      name !== undefined && /^\w{3,}$/.test(name) ? [{ name, node }] : [],
    );
    const calls = callsOf(text, new Set(functions.map(({ name }) => name)));
    asked.named = { functions, calls, depends: /(?:Depends|Security)\(/.test(text) };
  }
  return asked.named;
}

/** `invoice: Invoice = Depends(own_invoice)`: FastAPI calls it before. */
const dependsOn = (code: string, name: string): boolean =>
  code.includes(`Depends(${name})`) || code.includes(`Security(${name}`);

/** The local functions that a function calls or depends on, and that do not stand in it. */
function helpersOf(collecting: Collecting, node: Span): FunctionNode[] {
  const { functions, calls, depends } = localFunctions(collecting);
  const called = new Set<string>();
  for (let i = firstFrom(calls, node.start); i < calls.length; i += 1) {
    const { name, start, end } = calls[i] as (typeof calls)[number];
    if (start >= node.end) break;
    if (end <= node.end) called.add(name);
  }
  if (called.size === 0 && !depends) return [];
  const code = depends ? collecting.machine.text.slice(node.start, node.end) : '';
  return functions.flatMap(({ name, node: other }) =>
    (other.start >= node.start && other.end <= node.end) || !(called.has(name) || dependsOn(code, name)) ? [] : [other],
  );
}

/** What a function shows, the local functions that it calls or depends on included. */
export function functionEvidence(collecting: Collecting, node: Span): Evidence {
  const found = codeEvidence(collecting, node);
  for (const other of helpersOf(collecting, node))
    Object.assign(found, { ...codeEvidence(collecting, other), ...found });
  return found;
}

/** What evidence in front of a route speaks of. */
const GUARDS =
  /auth|user|session|token|role|admin|staff|permi|owner|member|tenant|account|access|sign|csrf|limit|throttl|forbid|\b4(?:0[139]|29)\b|jwt|scope|claim|verif|valid|schema|parse|protect|allow|secret|key/i;

/** Whether a function, or a local one that it calls, may turn somebody away: asked of the text as it stands. */
export function mayGuard(collecting: Collecting, node: Span): boolean {
  const { model, machine } = collecting;
  const refuses = model.evidence.get('refuses');
  const texts = [node, ...helpersOf(collecting, node)].map(({ start, end }) => machine.text.slice(start, end));
  return texts.some((text) => refuses?.test(text) !== false) && texts.some((text) => GUARDS.test(text));
}

export function argumentNodes(node: Node): readonly Node[] {
  return node.type === 'CallExpression' ? node.arguments : [];
}

/** The variable a route hangs on, without the calls chained to it. */
export function routerName(collecting: Collecting, node: Node): string {
  let at = node;
  while (at.type === 'CallExpression' && at.callee.type === 'MemberExpression') at = at.callee.object;
  return collecting.machine.text.slice(at.start, Math.min(at.end, at.start + 40));
}

export function literalOf(value: Value | undefined): string | undefined {
  if (typeof value?.literal === 'string') return value.literal;
  if (value?.text?.startsWith('/')) return value.text.replaceAll(/[\uFFFC\uFFFB]/g, ':x');
  return undefined;
}
