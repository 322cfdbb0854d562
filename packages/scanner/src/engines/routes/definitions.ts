import type { CallFact } from '../flow/machine.ts';
import { isFunction, type Node, type Program } from '../syntax/tree.ts';
import type { Evidence } from './model.ts';
import { type Collecting, codeEvidence, functionEvidence } from './reading.ts';

/** `limit = rateLimit(…)`, `adminProcedure = authedProcedure.use(…)`: what a file makes by a call and gives a name. */
export interface Definition {
  name: string;
  made: Node;
}

function declared(statement: Node): Node | undefined {
  return statement.type === 'ExportNamedDeclaration' ? (statement.declaration ?? undefined) : statement;
}

/** `exports.limit = rateLimit(…)`, `module.exports.limit = …`. */
function assigned(statement: Node): Definition | undefined {
  if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression')
    return undefined;
  const { left, right } = statement.expression;
  if (left.type !== 'MemberExpression' || left.property.type !== 'Identifier' || right.type !== 'CallExpression')
    return undefined;
  return { name: left.property.name, made: right };
}

export function definitionsOf({ body }: Program): Definition[] {
  return body.flatMap((statement): Definition[] => {
    const node = declared(statement);
    if (node?.type !== 'VariableDeclaration') {
      const made = assigned(statement);
      return made === undefined ? [] : [made];
    }
    return node.declarations.flatMap(({ id, init }): Definition[] =>
      id.type === 'Identifier' && init?.type === 'CallExpression' ? [{ name: id.name, made: init }] : [],
    );
  });
}

/** The name a chain of calls begins with: `protectedProcedure.input(…).mutation(…)`. */
export function rootOf(node: Node): Node {
  let at = node;
  for (;;) {
    if (at.type === 'CallExpression') at = at.callee;
    else if (at.type === 'MemberExpression') at = at.object;
    else return at;
  }
}

/** What using something that was made by a call proves: also by what it was made from in the same file. */
export function definitionEvidence(collecting: Collecting, name: string, left = 4): Evidence | undefined {
  const found = definitionsOf(collecting.program).find((each) => each.name === name);
  if (found === undefined) return undefined;
  const evidence = codeEvidence(collecting, found.made);
  const root = rootOf(found.made);
  if (left > 1 && root.type === 'Identifier' && root.name !== name)
    Object.assign(evidence, { ...definitionEvidence(collecting, root.name, left - 1), ...evidence });
  // Who counts calls refuses some, whatever it is called that does so.
  if (evidence.limit !== undefined) evidence.refuses ??= evidence.limit;
  return evidence;
}

/** `list = catchAsync(async (req, res) => …)`: a handler in a wrapper, and nothing that others are made with. */
const isWrapped = (made: Node): boolean =>
  made.type === 'CallExpression' &&
  made.callee.type === 'Identifier' &&
  made.arguments.some((each) => isFunction(each));

/** What a file offers under a name that a call made: who is let in, and nothing about the entry points made with it. */
export function offeredDefinition(collecting: Collecting, name: string, made: Node): Evidence {
  if (isWrapped(made)) return functionEvidence(collecting, made);
  const { authentication, authorization, limit, signature, csrf, refuses } = definitionEvidence(collecting, name) ?? {};
  const shown = { authentication, authorization, limit, signature, csrf, refuses };
  return Object.fromEntries(Object.entries(shown).filter(([, line]) => line !== undefined));
}

/** A plugin that only puts functions on the application guards nothing by being there. */
export const onlyDecorates = (text: string): boolean => /\.decorate\(/.test(text) && !/\.addHook\(/.test(text);

const DECORATED = /\b(?:app|fastify|server|instance|this|request\.server)\.(\w+)\b(?!\s*\()/g;

/** `[app.authenticate, app.adminOnly]`: names of what plugins put on the application. */
export function decoratedIn(text: string): string[] {
  return [...text.matchAll(DECORATED)].map(([, name = '']) => name);
}

/** `app.decorate('authenticate', async (request, reply) => …)`. */
export function decoratedBy(
  calls: readonly CallFact[],
  evidenceOf: (node: { start: number; end: number }) => Evidence,
): Record<string, Evidence> {
  const out: Record<string, Evidence> = {};
  for (const { last, args } of calls) {
    const name = args[0]?.literal;
    const made = args[1]?.fn;
    if (last === 'decorate' && typeof name === 'string' && made !== undefined) out[name] = evidenceOf(made.node);
  }
  return out;
}

const NAMED_SCHEMA = /\b(?:body:|input\(|schema\(|inputSchema\()\s*([A-Za-z_$][\w$]*)\b/;
const LETS_THROUGH = /\.(?:passthrough|loose|catchall)\(|\bz\.(?:any|unknown|record|looseObject)\(/;

/** A schema of this file, called by its name in `text`, lets properties through that it does not name. */
export function namesLooseSchema(file: string, text: string): boolean {
  const name = NAMED_SCHEMA.exec(text)?.[1];
  if (name === undefined || name === 'z') return false;
  const made = new RegExp(`\\b(?:const|let)\\s+${name.replaceAll('$', '\\$')}\\b[^;]*`).exec(file)?.[0];
  if (made === undefined) return false;
  const closes = /\bType\.Object\(|\btype:\s*['"]object['"]/.test(made);
  return LETS_THROUGH.test(made) || (closes && !/additionalProperties:\s*false/.test(made));
}
