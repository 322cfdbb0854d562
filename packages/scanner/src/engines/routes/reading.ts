import type { CallFact, Machine } from '../flow/machine.ts';
import type { Value } from '../flow/value.ts';
import type { LineTable } from '../syntax/lines.ts';
import type { Node, Program } from '../syntax/tree.ts';
import type { References } from './calls.ts';
import { type Evidence, evidenceIn, type RouteModel } from './model.ts';

/** What collecting the routes of one file needs. */
export interface Collecting {
  machine: Machine;
  model: RouteModel;
  lines: LineTable;
  program: Program;
  calls: readonly CallFact[];
  /** What parts of the code show, by their span, as far as it has been asked. */
  shown: Map<string, Evidence>;
}

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

export function codeEvidence({ model, machine, lines, shown }: Collecting, { start, end }: Span): Evidence {
  const span = `${start}-${end}`;
  let evidence = shown.get(span);
  if (evidence === undefined) {
    evidence = evidenceIn(model, machine.text.slice(start, end), (at) => lines.at(start + at).line);
    shown.set(span, evidence);
  }
  return { ...evidence };
}

const isPart = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);

/** Whether code calls a function of this name: it stands by itself, a bracket behind it. */
function calls(code: string, name: string): boolean {
  for (let at = code.indexOf(name); at >= 0; at = code.indexOf(name, at + 1)) {
    if (at > 0 && isPart(code.charCodeAt(at - 1))) continue;
    let next = at + name.length;
    while (code.charCodeAt(next) <= 32) next += 1;
    if (code[next] === '(') return true;
  }
  return false;
}

/** `invoice: Invoice = Depends(own_invoice)`: FastAPI calls it before. */
const dependsOn = (code: string, name: string): boolean =>
  code.includes(`Depends(${name})`) || code.includes(`Security(${name}`);

/** What a function shows, the local functions that it calls or depends on included. */
export function functionEvidence(collecting: Collecting, node: Span): Evidence {
  const found = codeEvidence(collecting, node);
  const code = collecting.machine.text.slice(node.start, node.end);
  for (const closure of collecting.machine.closures.values()) {
    const own = closure.node.start >= node.start && closure.node.end <= node.end;
    if (own || closure.name === undefined || !/^\w{3,}$/.test(closure.name)) continue;
    if (calls(code, closure.name) || dependsOn(code, closure.name))
      Object.assign(found, { ...codeEvidence(collecting, closure.node), ...found });
  }
  return found;
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
