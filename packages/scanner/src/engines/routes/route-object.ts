import type { CallFact } from '../flow/machine.ts';
import { guardOf } from './guard-of.ts';
import type { Guard, RouteFact } from './model.ts';
import { functionEvidence, literalOf, type Reading, routerName } from './reading.ts';

const HOOKS = ['onRequest', 'preValidation', 'preHandler', 'preParsing', 'config', 'schema'] as const;

/** `app.route({ method: 'POST', url: '/notes', preHandler: […], handler })` of Fastify. */
export function routeObject(collecting: Reading, fact: CallFact): RouteFact | undefined {
  const { node } = fact;
  if (fact.last !== 'route' || node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression')
    return undefined;
  const [object] = node.arguments;
  if (object?.type !== 'ObjectExpression') return undefined;
  const parts = new Map(
    object.properties.flatMap((each) =>
      each.type === 'Property' && each.key.type === 'Identifier' ? [[each.key.name, each] as const] : [],
    ),
  );
  const told = fact.args[0]?.props;
  const path = literalOf(told?.get('url') ?? told?.get('path'));
  const handler = parts.get('handler');
  if (path === undefined || handler === undefined || !parts.has('method')) return undefined;
  const { machine, lines, references } = collecting;
  const method = /['"`](\w+)['"`]/.exec(machine.text.slice(parts.get('method')?.start, parts.get('method')?.end))?.[1];
  const value = told?.get('handler');
  const guards = HOOKS.flatMap((name): Guard[] => {
    const hook = parts.get(name);
    return hook === undefined
      ? []
      : [guardOf(collecting, name === 'schema' || name === 'config' ? hook : hook.value, told?.get(name))];
  });
  return {
    framework: 'express',
    method: (method ?? 'ANY').toUpperCase(),
    path,
    line: lines.at(node.start).line,
    endLine: lines.at(Math.max(node.end, value?.fn?.node.end ?? 0)).line,
    router: routerName(collecting, node.callee.object),
    guards,
    calls: [...references.between(node), ...(value?.fn === undefined ? [] : references.between(value.fn.node))],
    evidence: value?.fn === undefined ? {} : functionEvidence(collecting, value.fn.node),
    ...(value?.fn === undefined && value?.ref !== undefined ? { handler: references.own(value.ref) ?? value.ref } : {}),
  };
}
