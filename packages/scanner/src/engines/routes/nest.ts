import type { Decorator, FunctionNode } from '../syntax/tree.ts';
import { classesOf } from './gaps.ts';
import { type Evidence, evidenceIn, type Guard, type RouteFact } from './model.ts';
import type { Collecting, Reading } from './reading.ts';

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

/** Where the names of a file are imported from: `./auth.decorator.Auth`. */
function importsOf({ program }: Collecting): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  for (const statement of program.body)
    if (statement.type === 'ImportDeclaration')
      for (const { local } of statement.specifiers)
        out.set(local.name, `${String(statement.source.value)}.${local.name}`);
  return out;
}

function guardsOf(
  { machine, lines, model, references }: Reading,
  imports: ReadonlyMap<string, string>,
  decorators: readonly Decorator[],
): Guard[] {
  return decorators.map((decorator) => {
    const text = machine.text.slice(decorator.start, decorator.end);
    const line = lines.at(decorator.start).line;
    const open = /^@(Public|SkipAuth|AllowAnonymous|NoAuth)\b/.test(text);
    const { authorization, ...evidence } = open ? {} : evidenceIn(model, text, () => line);
    // A guard of roles refuses nobody where no decorator names a role.
    const roles = authorization === undefined || ROLES_GUARD.test(text) ? {} : { authorization };
    const ref = open ? undefined : references.own(imports.get(decoratorName(decorator)));
    return {
      text: text.slice(0, 60),
      line,
      evidence: { ...evidence, ...roles },
      ...(ref === undefined ? {} : { ref }),
      ...(/\(\s*\)$/.test(text) ? { untold: true as const } : {}),
    };
  });
}

/** The routes of controller classes: paths, methods and guards are in decorators. */
export function nestRoutes(
  collecting: Reading,
  evidenceOf: (collecting: Collecting, node: FunctionNode) => Evidence,
): RouteFact[] {
  const { lines, program, machine } = collecting;
  if (!machine.text.includes('@Controller')) return [];
  const imports = importsOf(collecting);
  return classesOf(program.body).flatMap((node) => {
    const controller = (node.decorators ?? []).find((each) => decoratorName(each) === 'Controller');
    if (controller === undefined) return [];
    const shared = guardsOf(collecting, imports, node.decorators ?? []);
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
          guards: [...shared, ...guardsOf(collecting, imports, decorators)],
          evidence: {
            ...validated,
            ...(/@Body\(\s*\)/.test(parameters) ? { body: lines.at(member.start).line } : {}),
            ...evidenceOf(collecting, member.value),
          },
        },
      ];
    });
  });
}
