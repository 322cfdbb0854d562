import type { Machine } from '../flow/machine.ts';
import { type FunctionNode, isFunction, type Node } from '../syntax/tree.ts';
import { looksAtNoPassword } from './credentials.ts';
import { classesOf, type Place } from './gaps.ts';
import { uncommented } from './model.ts';
import type { Collecting } from './reading.ts';

/** Functions that stand before others by their name. */
const MIDDLEWARE =
  /^((require|ensure|restrict|only|protect|auth|authenticate|authori[sz]e)([A-Z]\w*)?|(allow|permit|grant)(Roles?|To|Only|Users?|Access)?|has(Any)?(Role|Permission|Scope)s?|(is|check|verify|validate|must)\w*(Auth\w*|User|LoggedIn|SignedIn|Admin|Role|Permission|Owner|Token|Jwt|Session|Login|Csrf|Signature|Access)|\w*(Auth|Authenticated|LoggedIn|Admin|Role|Permission|Owner|Csrf|Signature)(Only|Guard|Middleware|Required|Check))$/;
/** Functions that others call to turn somebody away, in either spelling. */
const DEMANDS =
  /^_?(?:require|ensure|assert|protect|enforce)_?(?:(?:[aA]uth|[uU]ser|[sS]ession|[lL]og|[sS]ign|[aA]dmin|[rR]ole|[oO]wner|[mM]ember|[pP]ermission|[aA]ccess|[sS]taff|[sS]uper|[eE]ditor|[tT]eam|[oO]rg|[wW]orkspace|[aA]ccount|[tT]oken|[cC]srf|[sS]ignature|[gG]roup|[sS]cope|[cC]laim)\w*)?$|^(?:get_current_(?:active_)?(?:superuser|admin)\w*|(?:admin|superuser|staff|login|auth)_(?:required|only)|only_(?:admins?|staff|owners?|members?)|current_(?:active_)?(?:superuser|admin))$/;
/** Dependencies of FastAPI that stand for a right. */
const DEPENDENCY = /(^|_)(admin|superuser|staff|moderator|owner)(_|$)|^require_|_required$/;
/** What asks for more than that somebody is signed in. */
const RIGHT = /admin|role|group|claim|owner|member|permission|access|staff|super|scope|moderator/i;
/** Procedures and actions made for those who are signed in or more: others are made of them by `.use(…)`. */
const PROCEDURE =
  /^(?!(?:public|open|base|safe|server|action|logged|logging|timed|timing|traced|limited|rate|db|my|server)(?=[A-Z]|$))\w*(?:Procedure|Action|ActionClient)$/;
/** By its name it is for nobody else. */
const SIGNED_IN = /^(?:protected|private|auth|authed|authenticated|admin|member|owner)Procedure$/;
/** Functions that stand before others and do nothing but let them go on. */
const LETS_ALL = /^(?:\{\s*(?:return\s+)?)?(?:await\s+)?(?:next|done)\(\s*(?:\{\s*ctx\s*\})?\s*\)\s*;?\s*\}?$/;
/** What tests of pages say of them: `assertUsersVisible`, `assertSessionShown`. */
const OF_PAGES = /(?:Visible|Hidden|Exists?|Present|Displayed|Shown|Loaded|Rendered|Contains?|Text|Count)$/;
/** Not meant to be anything more. */
const IDLE = /noop|pass|dummy|mock|stub|skip|identity|empty|default|next|fake/i;
/** Whom or what somebody belongs to was looked up, and is handed on. */
const HANDS_ON =
  /\b(?:const|let)\s+(?:\{\s*)?(\w*(?:[sS]ession|[uU]ser|[mM]ember\w*|[oO]rg\w*|[aA]ccount|[tT]eam|[wW]orkspace|[pP]roject|[tT]enant))\b[^=;]*=\s*await\b[\s\S]*\bnext\(/;
/** Functions that are told a record and say whether whoever calls may have it. */
const ASKS_ACCESS = /^(?:verify|check|can|has|is|assert|ensure|require)\w*(?:Access|Owner|Ownership|Belongs)\w*$/;
const LOOKS_UP = /\.(?:find\w*|count|exists|select|query|where)\(/;
/** Methods by which a framework asks whether somebody may go on. */
const ASKED_BY_FRAMEWORK = /^(?:canActivate|has_permission|has_object_permission|test_func)$/;
/** Questions about a signature, password, token or right. */
const QUESTION =
  /^_?(?:(?:is|has|can|may|check|verify|validate|same|compare|allowed|matches)_?\w*(?:[sS]igned|[sS]ignature|[pP]assword|[tT]oken|[oO]rigin|[aA]dmin|[oO]wner|[mM]ember|[rR]ole|[pP]ermission|[aA]llowed|[aA]ccess|[aA]uthori[sz]ed|[sS]afe|[hH]ost|[uU]rl|[wW]ebhook|[hH]mac|[aA]ccessible|[mM]odify)\w*|\w*_can_(?:modify|edit|delete|view|access|update|manage|read|write)\w*|may|signed|\w*[sS]ignature_?(?:[mM]atches|[vV]alid|[oO]k))$/;
/** Functions that make something safe, told one value. */
const CLEANER =
  /^_?(?:(?:escape|sanitize|sanitise|purify|clean|safe|hash|encrypt)(?:[A-Z_]\w*)?|\w+_(?:escape|sanitize)|safe(?:_?[rR]edirect|_?[uU]rl|_?[pP]ath|_?[tT]arget|_?[nN]ext|_?[fF]ilename)\w*)$/;

/** Functions that make a guard for a right, in Python: `role_required('admin')`, `require_role('admin')`. */
const MAKES_GUARD =
  /^(?:(?:require|requires|check|has|needs|ensure)_(?:any_)?(?:role|permission|scope|admin|staff|group|owner)s?|(?:\w+_)?(?:role|permission|scope|admin|staff|superuser|group|owner|ownership|moderator|member)s?_required|(?:admin|staff|superuser|owner|member|moderator|user)s?_only|only_(?:admin|staff|owner|member)s?|(?:login|auth|session|api_key)_required|RoleChecker)$/;

/** Some way to refuse, or another function that is left to do so. */
const REFUSES =
  /\b(?:throw|raise|assert|abort|reject|notFound|unless|forbidden|unauthorized|redirect|sendStatus|fail|HTTPException|HttpError)\b|\b(?:res|reply|response|Response|NextResponse)\b(?!\s*[,:)])|\bctx\.(?:status|throw|body)\b|\bc\.(?:json|text|body|redirect|html)\(|\berror\(|\bnext\s*\(\s*[^)\s{]|\b(?:40[13]|429)\b|\breturn\s+(?:false|False|null|None|undefined)\b|Or(?:Throw|Redirect|Fail|40\d)\b|\.protect\(/;
/** Another guard that is asked. */
const DELEGATES =
  /\b\w*(?:[vV]erify|[cC]heck|[rR]equire|[eE]nsure|[aA]ssert|[eE]nforce|[gG]uard|[aA]uthenticate|[aA]uthorize|[cC]an|[vV]alidate|[pP]rotect|[aA]llow|[rR]estrict)\w*\s*\(|\breturn\s+(?:await\s+)?(?!next\b)[\w.]+\(|\byield\b|\bsuper\b/;
const NEXT = /\b(?:next|done|resolve)\s*\(/;
const CHECKS_TOKEN =
  /\b(?:jwtVerify|verify\w*|verifyAsync|decode\w*|authenticate\w*|read_?[tT]oken|getSession|validate\w*|introspect\w*)\s*\(/;

/** `withAuth(handler)`, `withTeam(handler)`: makes a handler that finds something out before it calls the one it is told. */
const WRAPS =
  /^with(?:out)?(?:Auth\w*|\w*(?:Role|User|Session|Admin|Owner|Member\w*|Permission|Team|Org\w*|Tenant|Workspace|Account|Client|Project|Access))$/;
const CALLS_HANDLER = /\b(?:handler|fn|action|callback|cb|loader)\(/;
const HANDLED = /\breturn\s+(?:await\s+)?(?:handler|fn|action|callback|cb|loader)\(/g;
/** A right that was looked up is handed on. */
const HANDS_RIGHT =
  /\b(?:const|let)\s+(\w*(?:[mM]ember\w*|[pP]ermission\w*|[rR]ole|[oO]wner|[aA]ccess))\b[^=;]*=\s*await\b[\s\S]*=\s*\1\b/;

/** `(role, handler) => withAuth(async …)`: the function inside is the one that is looked at. */
function wrapsOther(node: FunctionNode): boolean {
  const made = given(node);
  return made?.type === 'CallExpression' && made.arguments.some((each) => isFunction(each));
}

/** Nobody is turned away before the handler is called. */
function wrapsAnybody(body: string): boolean {
  const rest = body.replaceAll(HANDLED, '(');
  return !REFUSES.test(rest.replaceAll(/:\s*(?:Promise<)?(?:Response|NextResponse)\b/g, '')) && !DELEGATES.test(rest);
}

/** A function with the name it is known by, which may stand on what wraps it. */
export interface Named {
  name: string;
  node: FunctionNode;
  /** Its body with comments blanked out, so that offsets stay true. Most functions are told apart by their names. */
  body: () => string;
  /** Its parameters, as text. */
  head: string;
}

/** `x = createMiddleware(async …`, `decorate('x', async …`, `adminProcedure = t.procedure.use(timing).use(async …`. */
const NAME_BEFORE =
  /(?:\b(with[A-Z]\w*)\s*=\s*\([^;{}]*\)\s*=>\s*\w+\(\s*|\b(\w+)\s*(?::[^=\n]*)?=\s*(?:await\s+)?(?:[\w.]+(?:<[^>\n]*>)?\s*(?:\.\w+)*\(\s*)*|\bdecorate\(\s*['"](\w+)['"],\s*|\b(\w+(?:Procedure|Action|ActionClient))\b\s*=(?:[^;=]|=>)*\.use\(\s*)(?:async\s*)?(?:function\s*)?$/;
const LOOK_BACK = 200;
const PYTHON_COMMENTS = /(?<=^|\s)#[^\n]*|"""[\s\S]*?"""/g;

function named({ text, path }: Machine, name: string, node: FunctionNode): Named {
  const start = node.body?.start ?? node.start;
  const blank = path.endsWith('.py')
    ? (code: string) => code.replaceAll(PYTHON_COMMENTS, (each) => each.replaceAll(/[^\n]/g, ' '))
    : uncommented;
  let body: string | undefined;
  return {
    name,
    node,
    body: () => {
      body ??= blank(text.slice(start, node.body?.end ?? node.end));
      return body;
    },
    head: text.slice(node.params[0]?.start ?? start, start),
  };
}

/** What a function gives back at once, if it does nothing else. */
const given = (node: FunctionNode): Node | undefined => {
  const { body } = node;
  if (body?.type === 'BlockStatement') {
    const last = body.body.at(-1);
    return body.body.length === 1 && last?.type === 'ReturnStatement' ? (last.argument ?? undefined) : undefined;
  }
  return body ?? undefined;
};

function namedFunctions(machine: Machine): Named[] {
  const { closures, text } = machine;
  const outer = new Map<Node, string>();
  const out: Named[] = [];
  const nodes = [...closures.values()].sort((a, b) => a.node.start - b.node.start);
  for (const { node, name: own } of nodes) {
    if (node.body === null || node.body === undefined) continue;
    const before = text.slice(Math.max(0, node.start - LOOK_BACK), node.start);
    const found = own === undefined && !outer.has(node) ? NAME_BEFORE.exec(before) : null;
    const name = own ?? outer.get(node) ?? found?.[1] ?? found?.[2] ?? found?.[3] ?? found?.[4];
    if (name === undefined) continue;
    const made = given(node);
    if (made !== undefined) outer.set(made, name);
    // A function that only makes the guard is none.
    if (made?.type === 'ArrowFunctionExpression' || made?.type === 'FunctionExpression') continue;
    out.push(named(machine, name, node));
  }
  return out;
}

/** Left to another guard, which has to be one of rights where this one is. */
function leaves(body: string, name: string): boolean {
  if (!RIGHT.test(name)) return DELEGATES.test(body);
  return [...body.matchAll(new RegExp(DELEGATES, 'g'))].some(
    ([call]) => RIGHT.test(call) || /\b(?:return|yield|super|[cC]an|enforce|authorize|check)\b/.test(call),
  );
}

/** It makes a guard for a right in which nobody is refused and no right is asked for. */
function makesHollow({ name, body: bodyOf }: Named): boolean {
  if (!MAKES_GUARD.test(name)) return false;
  const body = bodyOf();
  if (!/^[ \t]+(?:async )?def \w+\(/m.test(body)) return false;
  // A condition only asks; what it is asked for has to follow.
  const asks = [...body.replaceAll(/^[ \t]*(?:el)?if [^\n]*:[ \t]*$/gm, '').matchAll(/(?<!\bdef )\b(\w+)\s*\(/g)].some(
    ([, called = '']) =>
      /^(?:has|check|require|ensure|verify|is|can|enforce|authorize|assert)_?\w*/.test(called) ||
      (/_required$/.test(called) && RIGHT.test(called)),
  );
  return (
    !asks &&
    !/\b(?:raise|abort|redirect|40[13]|Forbidden\w*|HttpResponse\w*|jsonify|make_response|PermissionDenied|Response)\b/.test(
      body,
    )
  );
}

const lets = ({ name, body }: Named): boolean => !REFUSES.test(body()) && !leaves(body(), name);

/** What the answers of a function are, as text. */
function answersOf({ node, body: bodyOf }: Named): string[] {
  const body = bodyOf();
  if (node.body?.type !== 'BlockStatement') return [body.trim()];
  return [...body.matchAll(/\breturn\b\s*([^;\n]*)/g)].map(([, answer = '']) => answer.trim());
}

const YES = /^(?:true|True|Promise\.resolve\(true\)|of\(true\))$/;

function saysYes(each: Named): boolean {
  const answers = answersOf(each);
  if (answers.length === 0 || !answers.every((answer) => YES.test(answer))) return false;
  const body = each.body();
  return !/\b(?:throw|raise)\b/.test(body) && !(/\bawait\b/.test(body) && DELEGATES.test(body));
}

/** `test_func`, `canActivate` and their like, guards in front of routes, and functions others rely on to refuse. */
function isHollow(each: Named, text: string, allows: (body: string) => boolean): boolean {
  const { name, node, body, head } = each;
  if (makesHollow(each)) return true;
  if (ASKED_BY_FRAMEWORK.test(name)) return saysYes(each);
  if (QUESTION.test(name) && saysYes(each)) return true;
  if (ASKS_ACCESS.test(name) && node.params.length === 1 && node.body?.type === 'BlockStatement')
    if (LOOKS_UP.test(body()) && !allows(body())) return true;
  const middleware = node.params.length >= 2 && (MIDDLEWARE.test(name) || DEMANDS.test(name)) && NEXT.test(body());
  const procedure = PROCEDURE.test(name) && NEXT.test(body());
  const isTrivial = () => node.params.length > 0 && LETS_ALL.test(body().trim());
  if (procedure) return (SIGNED_IN.test(name) || isTrivial() || HANDS_ON.test(body())) && lets(each);
  if (node.params.length >= 2 && !IDLE.test(name) && /\b(?:next|done)\b/.test(head) && isTrivial()) return true;
  if (WRAPS.test(name) && !wrapsOther(node) && CALLS_HANDLER.test(body())) return wrapsAnybody(body());
  if (node.params.length >= 2 && RIGHT.test(name) && NEXT.test(body()) && HANDS_RIGHT.test(body())) return lets(each);
  const dependency = DEPENDENCY.test(name) && /\bDepends\(|:\s*\w*User\b/.test(head) && node.params.length > 0;
  if (middleware || dependency) {
    // What is replaced when the server starts is only a beginning.
    if (new RegExp(`(^|[;{}\\n])\\s*${name}\\s*=[^=>]`).test(text) && !middleware) return false;
    return lets(each) && !(middleware && replacedLater(text, name));
  }
  // `requireRole()` of bundlers, which makes a module when it is first asked for.
  // Nor is a function that sees to it that something is there.
  if (
    !DEMANDS.test(name) ||
    OF_PAGES.test(name) ||
    node.params.length > 3 ||
    /\bhasRequired\w|\bget_or_create\(/.test(body())
  )
    return false;
  if (node.body?.type !== 'BlockStatement') return false;
  return lets(each) && /\w/.test(body()) && !/\bpass\b|\.\.\.\s*$/.test(body()) && asksWho(each);
}

const replacedLater = (text: string, name: string): boolean =>
  [...text.matchAll(new RegExp(`(^|[;{}\\n])\\s*${name}\\s*=[^=>]`, 'g'))].length > 1;

/** It finds out who is calling or which right somebody has, and then decides nothing. */
const asksWho = ({ body }: Named): boolean =>
  /\b(?:\w*[uU]ser\w*|session|\w*[sS]ession|auth|claims|token|membership|role|profile|account)\b/.test(body());

/** Guards that turn away whoever brings nothing; others only look who it is, and a later one asks. */
const STRICT =
  /^(?:protect|require|ensure|restrict|must|only)(?:[A-Z]\w*)?$|^is(?:Auth\w*|LoggedIn|SignedIn|Admin)$|(?:Required|Only|Guard)$/;
/** Nothing was brought, and that is no reason to stop. */
const GOES_ON =
  /\bif\s*\(\s*!\s*[\w.?]*(?:token|auth|header|session|user|cookie|jwt|bearer)\w*[^{};\n]*\)\s*\{?\s*(?:return\s+)?(?:await\s+)?next\(\s*\)/i;

const HANDLES = /\b(?:req|request|_req|res|reply|ctx|c|context|event|next|done|info|self)\b/;
const ANSWERS = /\breturn\s+(?!true\b|True\b|next\b)[\w{[(]/;
const CATCH = /(?:\bcatch\s*(?:\([^)]*\))?\s*\{|\bexcept\b[^:\n]*:)/g;

/** Where a guard goes on although what it checked has failed; an offset in its body. */
function swallowsAt({ name, body: bodyOf, node, head }: Named, optional: RegExp): number | undefined {
  const guard = MIDDLEWARE.test(name) || DEMANDS.test(name) || name === 'canActivate';
  if (!guard && node.params.length < 2) return undefined;
  const body = bodyOf();
  const hook = node.params.length >= 2 && (NEXT.test(body) || /\b(?:reply|res)\b/.test(head));
  if (!(guard || hook) || optional.test(name) || optional.test(body)) return undefined;
  const unasked = STRICT.test(name) ? GOES_ON.exec(body) : null;
  if (unasked) return unasked.index;
  for (const match of body.matchAll(CATCH)) {
    const tried = body.lastIndexOf('try', match.index);
    if (tried < 0 || !CHECKS_TOKEN.test(body.slice(tried, match.index))) continue;
    const rest = body.slice(match.index + match[0].length);
    // Told neither a request nor who comes next, it answers whoever called it.
    if (!HANDLES.test(head) && ANSWERS.test(rest)) continue;
    const goesOn = hook || NEXT.test(rest) || /^\s*return\s+true\b/i.test(rest) || /^\s*\}/.test(rest);
    if (goesOn && !REFUSES.test(rest) && !leaves(rest, name)) return match.index;
  }
  return undefined;
}

/** The value it is told comes back as it was, looked at for nothing but being there. */
function passesThrough({ name, node, body }: Named): boolean {
  const [first] = node.params;
  if (!CLEANER.test(name) || first === undefined || node.params.length > 2) return false;
  const target = first.type === 'AssignmentPattern' ? first.left : first;
  if (target.type !== 'Identifier' || target.name === 'self') return false;
  const value = target.name;
  const code = node.body?.type === 'BlockStatement' ? body() : `return ${body()}`;
  if (!new RegExp(`\\breturn\\s+(?:await\\s+)?(?:String\\()?${value}\\)?(?!\\s*\\.)\\s*(?:[;\\n}]|$)`).test(code))
    return false;
  const looked = new RegExp(
    `(?<!\\btypeof )\\b${value}\\b\\s*(?:\\.|\\[|\\)|,|[<>+*/%-]|[!=]==?)|(?:test|\\bin)\\s*\\(?\\s*${value}\\b`,
  );
  return !looked.test(code.replaceAll(new RegExp(`(?:typeof\\s+|!\\s*|not\\s+|String\\()${value}\\b\\)?`, 'g'), ''));
}

export interface GuardPlaces {
  hollow: Place[];
  swallowed: Place[];
  through: Place[];
  /** Log-ins that look at no password. */
  passwordless: Place[];
}

/** Functions that others rely on to refuse or to clean, in which that does not happen. */
export function guardPlaces({ machine, lines, program, model }: Collecting): GuardPlaces {
  const out: GuardPlaces = { hollow: [], swallowed: [], through: [], passwordless: [] };
  const owned = model.evidence.get('ownership');
  const allowed = model.evidence.get('authorization');
  const allows = (body: string) => owned?.test(body) === true || allowed?.test(body) === true;
  const functions = [...namedFunctions(machine), ...methodsOf(machine, program.body)];
  const seen = new Set<number>();
  for (const each of functions) {
    if (seen.has(each.node.start)) continue;
    seen.add(each.node.start);
    const place = { name: each.name, line: lines.at(each.node.start).line };
    const swallowed = swallowsAt(each, model.optional);
    if (isHollow(each, machine.text, allows)) out.hollow.push(place);
    else if (swallowed !== undefined)
      out.swallowed.push({ name: each.name, line: lines.at((each.node.body?.start ?? 0) + swallowed).line });
    else if (passesThrough(each)) out.through.push(place);
    else if (looksAtNoPassword(each)) out.passwordless.push(place);
  }
  return out;
}

/** Methods of classes, those included that the interpreter met under no name. */
function methodsOf(machine: Machine, body: readonly Node[]): Named[] {
  return classesOf(body).flatMap(({ body: { body: members } }) =>
    members.flatMap((member) =>
      member.type === 'MethodDefinition' && member.key.type === 'Identifier' && member.value.body
        ? [named(machine, member.key.name, member.value)]
        : [],
    ),
  );
}
