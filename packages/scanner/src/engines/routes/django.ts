import type { Node } from '../syntax/tree.ts';
import { evidenceIn, type RouteFact } from './model.ts';
import type { Collecting } from './reading.ts';

const VIEWS = /(^|\/)(views?|api|viewsets?)(\/\w+)?\.py$|(^|\/)\w+_(views?|api)\.py$/;
const VIEW_CLASS = /\((?:[^()]*)\b\w*(?:View|ViewSet)\b/;
const CHANGING_CLASS = /\b\w*(?:Create|Update|Delete|Form|Edit|Destroy)\w*View\b|\b(?:Model|Generic)ViewSet\b/;

/** Views of Django, which are entry points by their place and by taking a request. */
export function djangoViews({ machine, lines, model, program }: Collecting): RouteFact[] {
  if (!VIEWS.test(machine.path) || !/\bdjango\b|\brest_framework\b/.test(machine.text)) return [];
  return program.body.flatMap((statement: Node): RouteFact[] => {
    const name =
      statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration'
        ? statement.id?.name
        : undefined;
    if (name === undefined) return [];
    // Decorators stand in front of what the parser calls the definition.
    const start = decoratedStart(machine.text, statement.start);
    const code = machine.text.slice(start, statement.end);
    const header = machine.text.slice(statement.start, machine.text.indexOf(':\n', statement.start));
    const isView =
      statement.type === 'FunctionDeclaration'
        ? statement.params[0]?.type === 'Identifier' && statement.params[0].name === 'request'
        : VIEW_CLASS.test(header);
    if (!isView) return [];
    const line = lines.at(statement.start).line;
    const evidence = evidenceIn(model, code, (at) => lines.at(start + at).line);
    return [
      {
        framework: 'django',
        method: 'ANY',
        path: `/${name}`,
        line,
        endLine: lines.at(statement.end).line,
        router: machine.path,
        guards: [],
        evidence: {
          ...evidence,
          ...(statement.type === 'ClassDeclaration' && CHANGING_CLASS.test(header) ? { writes: line } : {}),
          ...(statement.type === 'ClassDeclaration' && /\b\w*(?:Detail|Update|Delete)View\b/.test(header)
            ? { byId: line }
            : {}),
          ...(statement.type === 'ClassDeclaration' ? { reads: line } : {}),
        },
      },
    ];
  });
}

function decoratedStart(text: string, at: number): number {
  let start = at;
  for (;;) {
    const before = text.lastIndexOf('\n', start - 2) + 1;
    if (before >= start || !/^\s*@/.test(text.slice(before, start))) return start;
    start = before;
  }
}
