import type { Machine } from '../flow/machine.ts';
import type { LineTable } from '../syntax/lines.ts';
import type { Place } from './gaps.ts';

/** A function of a module, with what stands on it. */
interface Defined {
  name: string;
  /** Where its own line is. */
  at: number;
  decorators: readonly string[];
  params: string;
  body: string;
}

/** A decorator with the lines it goes on for, then the function it stands on and what the function does. */
const DEFINED =
  /^((?:@[^\n]*\n(?:(?!@|(?:async )?def |class )[^\n]*\n)*)*)(?:async )?def (\w+)\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)[^\n]*:[^\n]*\n((?:(?:[ \t][^\n]*)?\n)*)/gm;

/** Asked several times of a file. */
const known = new WeakMap<Machine, Defined[]>();

function definedIn(machine: Machine): Defined[] {
  const found = known.get(machine) ?? functionsOf(machine.text);
  known.set(machine, found);
  return found;
}

function functionsOf(text: string): Defined[] {
  return [...text.matchAll(DEFINED)].map(
    ({ 0: whole, 1: above = '', 2: name = '', 3: params = '', 4: body = '', index }) => ({
      name,
      at: index + above.length + whole.slice(above.length).search(/\S/),
      decorators: above.split(/^(?=@)/m).filter((each) => each !== ''),
      params,
      body: body.replaceAll(/"""[\s\S]*?"""|(?<=^|\s)#[^\n]*/g, ''),
    }),
  );
}

/** A decorator that lets only those with a right go on, by its name. */
const RIGHT =
  /^@(?!admin\.|\w+\.(?:register|display|action|setter|before|after)\b)(?:\w+\.)*\w*(?:admin|staff|superuser|owner(?:ship)?|moderator|permission|privilege|role|manager)s?(?:_(?:required|only|accepted|check|needed)|Required|Only)?\b(?!\.)|^@(?:\w+\.)*(?:only_(?:admins?|staff|owners?|moderators?)|user_passes_test|roles?_accepted|requires_?(?:roles?|permissions?|scopes?)?)\b/i;
/** The same as a dependency of FastAPI. */
const DEPENDS = /\b(?:Depends|Security)\(\s*\w*(?:admin|superuser|staff|role|permission|moderator|owner)\w*/;
/** A right, or whose the record is, asked inside. */
const ASKS =
  /\b(?:is_superuser|is_staff|is_admin|isadmin|has_perm\w*|has_role\w*|is_owner|is_accessible\w*|can_\w+\(|may\(|(?:check|require|verify|ensure|assert)_\w*(?:perm|access|owner|role|admin|right)\w*|PermissionDenied|permissions?\b)|\.(?:admin|role|roles)\b|!=\s*(?:request\.user|current_user|g\.user)|(?:request\.user|current_user|g\.user)[\w.]*\s*!=|\babort\(\s*40[13]/;
/** A path that it answers on. */
const PATH = /^@[\w.]+\(\s*f?["']([^"'\n]*)["']/;
const CHANGES_BY = /^@[\w.]+\.(?:post|put|patch|delete)\(|methods\s*=\s*[[(][^\])]*(?:POST|PUT|PATCH|DELETE)/;
const CHANGES = /\.(?:save|delete|update|create|set|add|remove|clear|archive|publish)\w*\(|\.commit\(|\bPOST\b/;
/** Everybody's own. */
const OWN = /(?:^|\/)(?:me|self|mine|own|profile|account)(?:\/|$)/;
const OPEN =
  /log_?(?:in|out)|register|sign_?(?:up|in|out)|health|ping|index|home|callback|webhook|about|static|error|confirm|verify|subscribe|token/i;

const words = (params: string): string =>
  [...params.matchAll(/(?:^|,)\s*(\w+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !/^(?:request|self|session|db|current_user|user)$/.test(name))
    .join(' ');

/** What is the caller's own is taken or made. */
const FOR_OWN =
  /\b\w*(?:user|owner|author|profile|creator|account)(?:_id)?\s*={1,2}\s*(?:self\.)?(?:request\.user|current_user|g\.user|user)\b|(?:request\.user|current_user|g\.user)\.\w+(?:_set|s)\b|(?:request\.user|current_user|g\.user)\.\w+\(/;

/** All that change something ask inside. */
const askedBy = (group: readonly Judged[]): boolean => group.length >= 3 && group.every(({ asks }) => asks);

interface Judged extends Defined {
  path: string | undefined;
  changes: boolean;
  right: boolean;
  asks: boolean;
}

/** Functions that ask for no right, where the functions beside it, told the same or on the same path, all do. */
export function rightsOfNeighbours(machine: Machine, lines: LineTable): Place[] {
  const { text, path: file } = machine;
  if (!file.endsWith('.py') || !/^@/m.test(text)) return [];
  const views = definedIn(machine).flatMap((each): Judged[] => {
    const path = each.decorators.map((decorator) => PATH.exec(decorator)?.[1]).find((found) => found !== undefined);
    if (path === undefined && !/^\s*request\b/.test(each.params)) return [];
    const right = each.decorators.some((one) => RIGHT.test(one) || DEPENDS.test(one)) || DEPENDS.test(each.params);
    const changes = each.decorators.some((one) => CHANGES_BY.test(one));
    return [{ ...each, path, changes, right, asks: right || ASKS.test(each.body) }];
  });
  if (!views.some(({ asks }) => asks)) return [];
  return views
    .filter((own) => !own.asks && !OPEN.test(own.name) && !OWN.test(own.path ?? ''))
    .filter((own) => {
      const others = views.filter((each) => each !== own && (each.asks || !OPEN.test(each.name)));
      const all = (group: readonly Judged[], least: number, share: number) =>
        group.filter(({ right }) => right).length >= least &&
        group.filter(({ asks }) => asks).length >= share * group.length;
      const told = words(own.params);
      return (
        all(others, 3, 0.9) ||
        (CHANGES.test(own.body) &&
          !FOR_OWN.test(own.body) &&
          askedBy(others.filter((each) => CHANGES.test(each.body)))) ||
        (told !== '' &&
          CHANGES.test(own.body) &&
          all(
            others.filter((each) => words(each.params) === told),
            3,
            0.75,
          )) ||
        (own.changes &&
          all(
            others.filter((each) => each.changes && each.path === own.path),
            1,
            1,
          ))
      );
    })
    .map(({ name, at }) => ({ name, line: lines.at(at).line }));
}

/** Only by a method that changes something. */
const BY_POST = /^@(?:\w+\.)*(?:require_POST|require_http_methods\(\s*[[(](?![^\])]*GET)|require_safe)/;
const WRITES =
  /\.(?:delete|save|clear|remove_\w+|bulk_create|bulk_update)\(|\.objects\.(?:create|update\w*|get_or_create)\(/;

/** Views of Django that change something for whoever follows a link, where others of the file answer to forms alone. */
export function changedByLinks(machine: Machine, lines: LineTable): Place[] {
  const { text, path } = machine;
  if (!path.endsWith('.py') || !text.includes('require_')) return [];
  const views = definedIn(machine).filter(({ params }) => /^\s*request\b/.test(params));
  const posts = views.filter(({ decorators }) => decorators.some((each) => BY_POST.test(each)));
  if (posts.length < 1 || !/\bdjango\b/.test(text)) return [];
  return views
    .filter(({ decorators, body, name }) => {
      if (decorators.some((each) => /require_|api_view|csrf_exempt|action\(/.test(each)) || OPEN.test(name))
        return false;
      return WRITES.test(body) && !/\bmethod\b|\.POST\b|\.FILES\b|\.body\b/.test(body) && !/get_or_create/.test(body);
    })
    .map(({ name, at }) => ({ name, line: lines.at(at).line }));
}

/** A function that the application calls before every request, kept for those who may go on. */
const HOOK =
  /^([ \t]*)@[\w.]+\.(?:before_request|before_app_request|middleware\(\s*["']http["']\s*\))[^\n]*\n[ \t]*(?:async )?def (\w+)\([^\n]*\n((?:(?:\1[ \t]+[^\n]*)?\n)*)/gm;
const KEEPS_OUT =
  /auth|login|logged|sign|guard|protect|require|check|verify|admin|permission|restrict|token|csrf|access/i;
const LOADS = /^(?:load|set|attach|init|inject|get|log|time|start|record|add)_/i;
const GOES_ON = /\b(?:return\s+|response\s*=\s*)await\s+call_next\([^\n]*|\breturn\s+(?:response|None)\b/g;
const STOPS =
  /\b(?:raise|abort|redirect)\b|\breturn\s+[^\s#]|\b(?:verify|require|check|ensure|validate|protect|enforce|unauthorized)\w*\s*\(/;

/** What is asked before every request, and turns nobody away. */
export function idleHooks({ text, path }: Machine, lines: LineTable): Place[] {
  if (!path.endsWith('.py') || !/\bbefore_(?:app_)?request\b|\.middleware\(/.test(text)) return [];
  return [...text.matchAll(HOOK)].flatMap(({ 2: name = '', 3: body = '', index, 0: whole }) => {
    if (!KEEPS_OUT.test(name) || LOADS.test(name)) return [];
    const does = body.replaceAll(/"""[\s\S]*?"""|#[^\n]*/g, '').replaceAll(GOES_ON, '');
    return STOPS.test(does) ? [] : [{ name, line: lines.at(index + whole.indexOf('def ')).line }];
  });
}

const MODEL = /^class (\w+)\(([^)\n]*)\):[^\n]*\n((?:(?:[ \t][^\n]*)?\n)*)/gm;
const BASE = /\b(?:BaseModel|SQLModel|\w*(?:Base|Schema|Model|In|Create|Update|Request))\b/;
const TOLD_BACK = /(?:Public|Out|Read|Response|Result|Page|List|Token|Payload|Settings|Config|InDB|View|Event)$/;
const FIELD = /^ {4}(\w+)\s*:\s*(?:Optional\[\s*)?str\b[^=\n]*?(?:=\s*([^\n]*(?:\n {8}[^\n]*)*))?$/gm;
const BOUND = /\b(?:max_length|pattern|regex)\s*=/;
/** Texts that others made, or that something else measures. */
const GIVEN =
  /(?:^|_)(?:id|token|type|status|kind|role|lang|locale|code|hash|url|slug|cursor|grant)$|^(?:id|token|type)_/;

/** Texts of any length in what is taken in, where the other texts of the class end somewhere. */
export function unboundTexts({ text, path }: Machine, lines: LineTable): Place[] {
  if (!path.endsWith('.py') || !text.includes('max_length') || !/\bpydantic\b|\bsqlmodel\b/.test(text)) return [];
  return [...text.matchAll(MODEL)].flatMap(({ 0: whole, 1: own = '', 2: bases = '', 3: body = '', index }) => {
    if (!BASE.test(bases) || /table\s*=\s*True/.test(bases) || TOLD_BACK.test(own)) return [];
    const start = index + whole.length - body.length;
    const bound = [...body.matchAll(/^ {4}\w+\s*:[^\n]*(?:\n {8}[^\n]*)*/gm)].filter(([field]) => BOUND.test(field));
    const bare = [...body.matchAll(FIELD)].filter(
      ([field, name = '', given = '']) => !BOUND.test(field) && !GIVEN.test(name) && !/^["']/.test(given),
    );
    if (bound.length < 2 || bare.length !== 1) return [];
    return bare.map((field) => ({ name: field[1] ?? '', line: lines.at(start + field.index).line }));
  });
}

const VALID = /^[ \t]*(\w+)\.is_valid\(\s*\)[ \t]*$/gm;

/** `serializer.is_valid()` by itself in a line: it says whether, and nobody listens. */
export function unheardForms({ text, path }: Machine, lines: LineTable): Place[] {
  if (!path.endsWith('.py') || !text.includes('.is_valid(')) return [];
  return [...text.matchAll(VALID)]
    .filter(({ 0: whole, 1: name = '', index }) => {
      const rest =
        text.slice(index + whole.length, index + whole.length + 600).split(/^(?:class|def| {4}def) /m)[0] ?? '';
      return (
        new RegExp(`\\b${name}\\.(?:save|validated_data|cleaned_data)\\b`).test(rest) &&
        !rest.includes(`${name}.errors`)
      );
    })
    .map(({ 1: name = '', index, 0: whole }) => ({ name, line: lines.at(index + whole.search(/\S/)).line }));
}
