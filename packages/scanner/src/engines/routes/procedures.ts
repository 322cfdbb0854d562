import type { CallFact } from '../flow/machine.ts';
import type { FunctionNode } from '../syntax/tree.ts';
import { definitionEvidence, namesLooseSchema, rootOf } from './definitions.ts';
import { type Evidence, evidenceIn, type RouteFact } from './model.ts';
import type { Collecting } from './reading.ts';
import { isAsked } from './unchecked.ts';

type EvidenceOf = (collecting: Collecting, node: FunctionNode) => Evidence;

const ENDS: ReadonlyMap<string, string> = new Map([
  ['query', 'GET'],
  ['mutation', 'POST'],
  ['subscription', 'GET'],
  ['action', 'ACTION'],
  ['stateAction', 'ACTION'],
  ['handler', 'ACTION'],
]);
const PROCEDURE = /procedure$/i;
/** What typed actions and calls begin with: `authAction.schema(…).action(…)`, `authed.input(…).handler(…)`. */
const ACTION = /action(?:client)?$|^(?:action)?client$|procedure$|^(?:authed|protected|pub|base|os|createServerFn)$/i;

/** Procedures that anybody may call. */
const OPEN = /^(?:public|base|open)(?:Procedure|Action)/;
/** Whoever calls, used as if there were always somebody. */
const CALLER = /\b(ctx\.(?:session!?\.)?user|ctx\.session|ctx\.auth)!?\.(?:id|userId|user\.id|email)\b/;

/** `create: protectedProcedure.input(schema).mutation(handler)` of tRPC, `create = authAction.schema(…).action(handler)`. */
export function procedure(collecting: Collecting, fact: CallFact, evidenceOf: EvidenceOf): RouteFact | undefined {
  const method = ENDS.get(fact.last);
  const { node } = fact;
  if (method === undefined || node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression')
    return undefined;
  const root = rootOf(node.callee);
  const acts = method === 'ACTION';
  if (root.type !== 'Identifier' || !(acts ? ACTION : PROCEDURE).test(root.name)) return undefined;
  const { machine, lines, model } = collecting;
  const name = /(\w+)\s*[:=]\s*$/.exec(machine.text.slice(Math.max(0, root.start - 60), root.start))?.[1];
  if (name === undefined) return undefined;
  const chain = machine.text.slice(root.start, node.callee.property.start);
  const line = lines.at(root.start).line;
  const handler = fact.args.find((arg) => arg.fn !== undefined)?.fn;
  const evidence = handler === undefined ? {} : evidenceOf(collecting, handler.node);
  const shown = evidenceIn(model, chain, () => line);
  if (shown.shaped !== undefined && namesLooseSchema(machine.text, chain)) delete shown.shaped;
  if (OPEN.test(root.name) && handler !== undefined) {
    const code = machine.text.slice(handler.node.start, handler.node.end);
    const used = CALLER.exec(code);
    if (used !== null && !isAsked(code, used[1]?.replaceAll('.', '\\.') ?? ''))
      evidence.unchecked ??= lines.at(handler.node.start + used.index).line;
  }
  const own = root.name === name ? undefined : definitionEvidence(collecting, root.name);
  return {
    framework: acts ? 'server-action' : 'trpc',
    method,
    path: acts ? `${machine.path}#${name}` : `/${name}`,
    line,
    endLine: lines.at(node.end).line,
    router: machine.path,
    guards: [
      {
        text: chain.replaceAll(/\s+/g, ' ').slice(0, 60),
        line,
        evidence: { ...own, ...shown },
      },
    ],
    // What comes in was described by `.input(…)`, so a handler that uses it has a body.
    evidence: { ...evidence, ...(method !== 'GET' && /\binput\b|[iI]nput\(/.test(chain) ? { body: line } : {}) },
  };
}

/** A field of GraphQL as an entry point, without what its code shows. */
function fieldAt(
  { machine, lines }: Collecting,
  node: { start: number; end: number },
  name: string,
  method: string,
): Omit<RouteFact, 'evidence'> {
  const [line, endLine] = [lines.at(node.start).line, lines.at(node.end).line];
  return { framework: 'graphql', method, path: `/${name}`, line, endLine, router: machine.path, guards: [] };
}

/** `builder.mutationField('cancel', (t) => t.field({ authScopes: …, resolve }))` of Pothos. */
export function schemaField(collecting: Collecting, fact: CallFact): RouteFact | undefined {
  const name = fact.args[0]?.literal;
  const { node } = fact;
  if (!/^(?:query|mutation)Field$/.test(fact.last) || typeof name !== 'string' || node.type !== 'CallExpression')
    return undefined;
  const { machine, lines, model } = collecting;
  const line = lines.at(node.start).line;
  const text = machine.text.slice(node.start, node.end);
  const scopes = /\bauthScopes:\s*(\{[^}]*\}|\w+)/.exec(text)?.[1];
  const right =
    scopes !== undefined &&
    /\b(?!(?:signedIn|loggedIn|user|isUser|authenticated|public|true|false)\b)\w+\s*:/.test(scopes);
  return {
    ...fieldAt(collecting, node, name, fact.last === 'mutationField' ? 'POST' : 'GET'),
    evidence: {
      ...evidenceIn(model, text, (at) => lines.at(node.start + at).line),
      ...(scopes === undefined ? {} : { authentication: line }),
      ...(right ? { authorization: line } : {}),
      ...(/\bt\.arg\.id\(|\bid:\s*t\.arg/.test(text) ? { byId: line } : {}),
      ...(/\binput\b/.test(text) ? { body: line } : {}),
    },
  };
}

const ROOTS: Readonly<Record<string, string>> = { Query: 'GET', Mutation: 'POST' };

/** `Mutation: { cancelOrder: async (_, { id }, context) => … }` of GraphQL. */
export function resolvers(collecting: Collecting, evidenceOf: EvidenceOf): RouteFact[] {
  const { machine, lines } = collecting;
  const roots = [...machine.text.matchAll(/\b(Query|Mutation)\s*:\s*\{/g)];
  if (roots.length === 0) return [];
  const out: RouteFact[] = [];
  for (const { node } of machine.closures.values()) {
    const name = /(\w+)\s*:?\s*$/.exec(machine.text.slice(Math.max(0, node.start - 60), node.start))?.[1];
    const root = roots.findLast(({ index }) => index < node.start);
    if (name === undefined || root === undefined || node.params.length < 2) continue;
    if (depthBetween(machine.text, root.index + root[0].length, node.start) !== 0) continue;
    const parameters = machine.text.slice(node.start, node.body?.start ?? node.end);
    const line = lines.at(node.start).line;
    out.push({
      ...fieldAt(collecting, node, name, ROOTS[root[1] ?? ''] ?? 'GET'),
      evidence: {
        ...evidenceOf(collecting, node),
        ...(/\{[^}]*\b(?:id|\w+Id)\b/.test(parameters) ? { byId: line } : {}),
      },
    });
  }
  return out;
}

/** Farther than this from the beginning of the resolvers, nothing is read as one of them. */
const FARTHEST = 40_000;

/** Brackets opened and not closed between two places; one, where they are too far apart to count. */
function depthBetween(text: string, from: number, to: number): number {
  if (to - from > FARTHEST) return 1;
  let depth = 0;
  for (let i = from; i < to; i++) {
    const char = text[i] ?? '';
    if ('({['.includes(char)) depth++;
    else if (')}]'.includes(char)) depth--;
  }
  return depth;
}
