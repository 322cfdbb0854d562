import type { Decorator, FunctionNode } from '../syntax/tree.ts';
import { classesOf } from './gaps.ts';
import { type Evidence, evidenceIn, type Guard, type RouteFact } from './model.ts';
import type { Collecting } from './reading.ts';

const METHOD = /^(Get|Post|Put|Patch|Delete|All)$/;

const ROLES_GUARD = /^@UseGuards\((?!.*(Admin|Owner|Staff)).*\b(Roles?|Permissions?|Policies|Abilit(y|ies))Guard\b/s;

function decoratorName(decorator: Decorator): string {
  const { expression } = decorator;
  const callee = expression.type === 'CallExpression' ? expression.callee : expression;
  return callee.type === 'Identifier' ? callee.name : '';
}

function decoratorText(decorator: Decorator): string {
  const { expression } = decorator;
  const first = expression.type === 'CallExpression' ? expression.arguments[0] : undefined;
  return first?.type === 'Literal' ? String(first.value) : '';
}

function guardsOf({ machine, lines, model }: Collecting, decorators: readonly Decorator[]): Guard[] {
  return decorators.map((decorator) => {
    const text = machine.text.slice(decorator.start, decorator.end);
    const line = lines.at(decorator.start).line;
    const open = /^@(Public|SkipAuth|AllowAnonymous|NoAuth)\b/.test(text);
    const { authorization, ...evidence } = open ? {} : evidenceIn(model, text, () => line);
    // A guard of roles refuses nobody where no decorator names a role.
    const roles = authorization === undefined || ROLES_GUARD.test(text) ? {} : { authorization };
    return { text: text.slice(0, 60), line, evidence: { ...evidence, ...roles } };
  });
}

/** The routes of controller classes: paths, methods and guards are in decorators. */
export function nestRoutes(
  collecting: Collecting,
  evidenceOf: (collecting: Collecting, node: FunctionNode) => Evidence,
): RouteFact[] {
  const { lines, program, machine } = collecting;
  return classesOf(program.body).flatMap((node) => {
    const controller = (node.decorators ?? []).find((each) => decoratorName(each) === 'Controller');
    if (controller === undefined) return [];
    const shared = guardsOf(collecting, node.decorators ?? []);
    return node.body.body.flatMap((member): RouteFact[] => {
      if (member.type !== 'MethodDefinition') return [];
      const decorators = member.decorators ?? [];
      const method = decorators.find((each) => METHOD.test(decoratorName(each)));
      if (method === undefined) return [];
      const path =
        `/${[decoratorText(controller), decoratorText(method)].filter((part) => part !== '').join('/')}`.replaceAll(
          '//',
          '/',
        );
      const open = decorators.some((each) => /^(Public|SkipAuth|AllowAnonymous|NoAuth)$/.test(decoratorName(each)));
      const parameters = machine.text.slice(member.value.start, member.value.body?.start ?? member.value.end);
      // What says that it is for everybody and then asks who is calling was not meant to be open.
      const contradicts = open && /@(CurrentUser|GetUser|AuthUser|ReqUser|User|ActiveUser)\(/.test(parameters);
      const validated: Evidence = /@(Body|Query|Param)\([^)]*\)\s*\w+\s*:\s*\w*(Dto|DTO|Input|Schema)\b/.test(
        parameters,
      )
        ? { validation: lines.at(member.start).line }
        : {};
      return [
        {
          framework: 'nest',
          method: decoratorName(method).toUpperCase().replace('ALL', 'ANY'),
          path: open && !contradicts ? `${path}/public` : path,
          ...(open ? { skips: true as const } : {}),
          line: lines.at(method.start).line,
          endLine: lines.at(member.end).line,
          router: node.id?.name ?? 'controller',
          guards: [...shared, ...guardsOf(collecting, decorators)],
          evidence: { ...validated, ...evidenceOf(collecting, member.value) },
        },
      ];
    });
  });
}
