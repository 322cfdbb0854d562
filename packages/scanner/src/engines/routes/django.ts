import type { Node } from '../syntax/tree.ts';
import type { Place } from './gaps.ts';
import { type Evidence, evidenceIn, type RouteFact } from './model.ts';
import type { Collecting } from './reading.ts';

const VIEWS = /(^|\/)(views?|api|viewsets?)(\/\w+)?\.py$|(^|\/)\w+_(views?|api)\.py$/;
const VIEW_CLASS = /\((?:[^()]*)\b\w*(?:View|ViewSet)\b/;
const CHANGING_CLASS =
  /\b\w*(?:Create|Update|Delete|Form|Edit|Destroy)\w*View\b|\b(?:Model|Generic)ViewSet\b|\bToken\w*(?:Obtain|Login)\w*View\b/;
/** It says that anybody may call, which another rule speaks of. */
const FOR_ALL = /\bpermission_classes\s*[=(]\s*[[(]\s*(?:(?:\w+\.)?AllowAny\s*,?\s*)?[\])]|@login_not_required\b/;

/** It answers to what is sent, and to nothing else. */
const BY_FORM =
  /^@(?:\w+\.)*require_(?:POST\b|http_methods\(\s*[[(]\s*["'](?:POST|PUT|PATCH|DELETE)["'](?![^\])]*GET))/m;

const NAMED_RIGHT = /(?<=\n) +permission_required *=[^\n]*/;

/** Classes of a file by name, as text. */
type Classes = ReadonlyMap<string, { header: string; code: string; start: number }>;

function classesIn({ machine, program }: Collecting): Classes {
  const out = new Map<string, { header: string; code: string; start: number }>();
  for (const statement of program.body)
    if (statement.type === 'ClassDeclaration' && statement.id) {
      const code = machine.text.slice(statement.start, statement.end);
      out.set(statement.id.name, { header: headerOf(code), code, start: statement.start });
    }
  return out;
}

const headerOf = (code: string): string => code.slice(0, code.indexOf(':\n'));

/** What the classes of the same file show that a class is made from. */
function inherited(collecting: Collecting, header: string, classes: Classes, left = 3): Evidence {
  const { model, lines } = collecting;
  const names = [...header.slice(header.indexOf('(')).matchAll(/\w+/g)].map(([name]) => name);
  const out: Evidence = {};
  for (const name of left > 0 ? names : []) {
    const base = classes.get(name);
    if (base === undefined) continue;
    Object.assign(
      out,
      evidenceIn(model, base.code, (at) => lines.at(base.start + at).line),
    );
    Object.assign(out, inherited(collecting, base.header, classes, left - 1));
  }
  return out;
}

/** `/register` for `RegisterView`: what the class says that it serves. */
const pathOf = (name: string): string =>
  `/${name
    .replace(/(?:API|Api)?(?:View|ViewSet)$/, '')
    .replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, '-')
    .toLowerCase()}`;

/** Views of Django, which are entry points by their place and by taking a request. */
export function djangoViews(collecting: Collecting): RouteFact[] {
  const { machine, lines, model, program } = collecting;
  if (!VIEWS.test(machine.path) || !/\bdjango\b|\brest_framework\b/.test(machine.text)) return [];
  const classes = classesIn(collecting);
  const rest = machine.text.includes('rest_framework');
  return program.body.flatMap((statement: Node): RouteFact[] => {
    const name =
      statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration'
        ? statement.id?.name
        : undefined;
    if (name === undefined) return [];
    // Decorators stand in front of what the parser calls the definition.
    const start = decoratedStart(machine.text, statement.start);
    const header = headerOf(machine.text.slice(statement.start));
    const isClass = statement.type === 'ClassDeclaration';
    const whole = machine.text.slice(start, statement.end);
    // Without the mixin that reads it, the right is only named.
    const code = isClass && !/Permission|Mixin|Base/.test(header) ? whole.replace(NAMED_RIGHT, '') : whole;
    const isView = isClass
      ? VIEW_CLASS.test(header) && !/Mixin$/.test(name)
      : statement.type === 'FunctionDeclaration' &&
        statement.params[0]?.type === 'Identifier' &&
        statement.params[0].name === 'request';
    if (!isView) return [];
    const line = lines.at(statement.start).line;
    return [
      {
        framework: 'django',
        method: !isClass && BY_FORM.test(whole) ? 'POST' : 'ANY',
        path: isClass ? pathOf(name) : `/${name}`,
        line,
        endLine: lines.at(statement.end).line,
        router: machine.path,
        guards: [],
        evidence: {
          ...(isClass ? inherited(collecting, header, classes) : {}),
          ...evidenceIn(model, code, (at) => lines.at(start + at).line),
          ...(isClass && CHANGING_CLASS.test(header) ? { writes: line } : {}),
          ...(isClass && /\b\w*(?:Detail|Update|Delete)View\b/.test(header) ? { byId: line } : {}),
          ...(isClass ? { reads: line } : {}),
          ...(FOR_ALL.test(code) ? { published: line } : {}),
        },
        // The permissions of the whole application are those of REST framework's views alone.
        ...(FOR_ALL.test(code) || !rest ? { skips: true as const } : {}),
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

const GET_QUERYSET = /\n( +)def get_queryset\(self[^\n]*\n((?:(?:\1[ \t]+[^\n]*)?\n)*)/;
const CALLER = /\bself\.request\.(?:user|tenant|auth|account)\b|\bself\.request\b/;
/** Classes that change what they show, or that others take their rows from. */
const KEEPS = /\b(?:Model|Generic)ViewSet\b|\b\w*(?:Update|Destroy|Delete)\w*View\b|\bMixin\b|Mixin\b/;
const RIGHTS =
  /^ {4}permission_classes[^\n]*(?:Admin|Staff|Super[uU]ser|ModelPermissions)|PermissionRequired|UserPassesTest|StaffRequired/m;
const SHOWN_TO_ALL = /^ {4}permission_classes[^\n]*ReadOnly/m;

/** Sets of all rows, in classes for those signed in, where others of the file take those of whoever calls. */
export function unscopedSets(collecting: Collecting): Place[] {
  const { machine, lines } = collecting;
  if (!machine.path.endsWith('.py') || !machine.text.includes('def get_queryset(')) return [];
  const sets = [...classesIn(collecting)].flatMap(([name, each]) => {
    const found = GET_QUERYSET.exec(each.code);
    return found === null ? [] : [{ name, ...each, body: found[2] ?? '', at: found.index + 1 }];
  });
  return sets
    .filter(({ header, code, body }) => {
      const whole =
        /\.all\(\)|super\(\)\.get_queryset\(\)|\.objects\s*\.\s*(?:select_related|prefetch_related|order_by)\(/;
      if (!whole.test(body) || CALLER.test(body) || /\.(?:filter|exclude|none)\(|\bkwargs\b/.test(body)) return false;
      if (!KEEPS.test(header) || RIGHTS.test(code)) return false;
      const rest = code.replace(body, '');
      if (sets.some((other) => CALLER.test(other.body))) return true;
      return !SHOWN_TO_ALL.test(code) && (CALLER.test(rest) || /LoginRequired/.test(header));
    })
    .map(({ name, start, at }) => ({ name, line: lines.at(start + at).line }));
}

const SAVES = /\n +def perform_create\(self, serializer\):\n\s+(?:\w+ = )?serializer\.save\(([^)]*)\)/g;

/** Records that are made without their owner, where others of the file are made with it. */
export function unownedSaves({ machine, lines }: Collecting): Place[] {
  if (!machine.path.endsWith('.py') || !machine.text.includes('def perform_create(')) return [];
  const saves = [...machine.text.matchAll(SAVES)];
  if (!saves.some(([, given = '']) => given.includes('self.request.user'))) return [];
  return saves
    .filter(([, given = '']) => given.trim() === '')
    .map(({ 0: whole, index }) => ({ name: 'perform_create', line: lines.at(index + whole.indexOf('def')).line }));
}
