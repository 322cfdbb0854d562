import type { Machine } from '../flow/machine.ts';
import type { LineTable } from '../syntax/lines.ts';
import type { ClassNode, Node, Program } from '../syntax/tree.ts';

/** Something that one file shows by itself, beside its routes. */
export interface Place {
  name: string;
  line: number;
}

const MIDDLEWARE =
  /^((require|ensure|restrict|only|protect|auth|authenticate|authorize)([A-Z]\w*)?|(is|check|verify|validate|must)\w*(Auth\w*|User|LoggedIn|SignedIn|Admin|Role|Permission|Owner|Token|Jwt|Session|Login|Csrf|Signature|Access)|\w*(Auth|Authenticated|LoggedIn|Admin|Role|Permission|Owner|Csrf|Signature)(Only|Guard|Middleware|Required|Check))$/;
const DEPENDENCY = /(^|_)(admin|superuser|staff|moderator|owner)(_|$)|^require_|_required$/;
/** Anything by which a function may refuse, or by which it may leave the decision to another one. */
const DECIDES =
  /\b(if|throw|raise|assert|abort|switch|try|catch|yield|await|res|reply|response|Response|ctx\.(status|throw|body))\b|\?[^.:]|&&|\|\||\breturn\s+\w+\(/;
const NEXT = /\bnext\s*\(\s*\)/;

/** Guards that let everybody through: middleware that only calls `next`, a `canActivate` that only says yes. */
export function hollowGuards({ closures, text }: Machine, program: Program, lines: LineTable): Place[] {
  const out: Place[] = [];
  for (const { node, name } of closures.values()) {
    if (name === undefined || node.body === null || node.body === undefined) continue;
    const body = text.slice(node.body.start, node.body.end);
    const own = `${text.slice(node.params[0]?.start ?? node.body.start, node.body.start)}`;
    const middleware = node.params.length >= 2 && MIDDLEWARE.test(name) && NEXT.test(body);
    const dependency = DEPENDENCY.test(name) && /\bDepends\(/.test(own);
    if (!(middleware || dependency) || DECIDES.test(body)) continue;
    // What is replaced when the server starts is only a beginning.
    const isReplaced = new RegExp(`(^|[;{}\\n])\\s*${name}\\s*=[^=>]`).test(text);
    if (!isReplaced) out.push({ name, line: lines.at(node.start).line });
  }
  for (const { body } of classesOf(program.body))
    for (const member of body.body) {
      if (member.type !== 'MethodDefinition' || !isNamed(member.key, 'canActivate') || !member.value.body) continue;
      const code = text.slice(member.value.body.start, member.value.body.end);
      const answers = [...code.matchAll(/\breturn\s+([^;\n]*)/g)].map(([, answer = '']) => answer.trim());
      if (answers.length > 0 && answers.every((answer) => answer === 'true') && !/\bthrow\b|\bawait\b/.test(code))
        out.push({ name: 'canActivate', line: lines.at(member.start).line });
    }
  return out;
}

const isNamed = (key: Node, name: string): boolean => key.type === 'Identifier' && key.name === name;

export function classesOf(body: readonly Node[]): ClassNode[] {
  return body.flatMap((statement) => {
    const declared =
      statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
        ? statement.declaration
        : statement;
    return declared !== null && declared.type === 'ClassDeclaration' ? [declared as ClassNode] : [];
  });
}

const VALIDATES =
  /^@(Is|Min|Max|Length|Matches|Validate|Array(Min|Max|Not|Unique)|Equals|Contains|Allow|Type\b|Transform|Expose|Exclude|Field|Prop|Column|ApiHideProperty)/;
const REAL = /^@(Is(?!Optional)|Min|Max|Length|Matches|Validate|Array|Equals|Contains)/;

/** Properties of a validated class that nothing validates, where its other properties all are. */
export function unvalidatedProperties({ text }: Machine, program: Program, lines: LineTable): Place[] {
  if (!text.includes('class-validator')) return [];
  return classesOf(program.body).flatMap(({ body }) => {
    const properties = body.body.flatMap((member) => {
      if (member.type !== 'PropertyDefinition' || member.static || member.value || member.key.type !== 'Identifier')
        return [];
      const decorators = (member.decorators ?? []).map((each) => text.slice(each.start, each.end));
      return [{ name: member.key.name, line: lines.at(member.key.start).line, decorators }];
    });
    const validated = properties.filter(({ decorators }) => decorators.some((each) => REAL.test(each)));
    const bare = properties.filter(({ decorators }) => !decorators.some((each) => VALIDATES.test(each)));
    return validated.length > 0 && bare.length <= validated.length
      ? bare.map(({ name, line }) => ({ name, line }))
      : [];
  });
}

const CLEANED =
  /\b(\w+)\s*[:=]\s*(?:await\s+)?(?:[\w.]*\b(?:sanitize_?[hH]tml|sanitise_?[hH]tml|purify\w*|DOMPurify\.sanitize|escape_?[hH]tml|stripTags)|xss)\s*\(/g;

/** Fields that are made safe in one place of the file and stored as they came in another. */
export function uncleanedFields({ text }: Machine, lines: LineTable): Place[] {
  if (!/saniti[sz]e_?html|purify|escape_?html|stripTags|\bxss\s*\(/i.test(text)) return [];
  const names = new Set([...text.matchAll(CLEANED)].map(([, name = '']) => name));
  const out: Place[] = [];
  for (const name of names) {
    if (!/^\w{3,}$/.test(name)) continue;
    const raw = new RegExp(
      `(?:\\.${name}\\s*=|\\b${name}\\s*:)\\s*(?:String\\(\\s*)?(?:req|request|ctx|c|event)\\.(?:request\\.)?(?:body|query)\\.${name}\\b(?!\\s*(?:===?|!==?))`,
      'g',
    );
    for (const match of text.matchAll(raw)) out.push({ name, line: lines.at(match.index).line });
  }
  return out;
}
