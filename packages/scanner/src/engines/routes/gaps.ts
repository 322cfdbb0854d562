import type { Machine } from '../flow/machine.ts';
import type { LineTable } from '../syntax/lines.ts';
import type { ClassNode, Node, Program } from '../syntax/tree.ts';

/** Something that one file shows by itself, beside its routes. */
export interface Place {
  name: string;
  line: number;
}

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

/** A path of FastAPI with the function behind it. */
const FASTAPI_ROUTE =
  /^@\w+\.(get|post|put|patch|delete)\(([^\n]*(?:\n(?!async def|def|@)[^\n]*)*)\)\s*\n(?:@[^\n]*\n)*(?:async )?def (\w+)\(((?:[^()]|\([^()]*\))*)\)([^\n]*):\n((?:(?:[ \t][^\n]*)?\n)*)/gm;
/** A record of somebody's account, by the class that it is made or read by. */
const ACCOUNT = /\b(?:\w*User|Account|Member|Customer|Admin)\b/;

/** Accounts that are sent with every field, where the other paths of the file say which ones. */
export function wholeRecords({ text, path }: Machine, lines: LineTable): Place[] {
  if (!path.endsWith('.py') || !text.includes('response_model') || !/\bfastapi\b/.test(text)) return [];
  return [...text.matchAll(FASTAPI_ROUTE)].flatMap((match) => {
    const [, , decorator = '', name = '', params = '', after = '', body = ''] = match;
    if (
      /\bresponse_model\s*=\s*(?!None)|\bstatus_code\s*=\s*(?:204|status\.HTTP_204\w*)|response_class/.test(decorator)
    )
      return [];
    if (/->/.test(after)) return [];
    const sent = /\breturn\s+(\w+)\s*$/m.exec(body)?.[1];
    if (sent === undefined) return [];
    const made = new RegExp(`(?<![\\w.])${sent}\\s*(?::[^=,\\n]*)?=\\s*(?:await\\s+)?([^\\n]*)`).exec(body)?.[1] ?? '';
    const told = new RegExp(`(?<![\\w.])${sent}\\s*:\\s*([^,=]*)`).exec(params)?.[1] ?? '';
    const isAccount =
      (ACCOUNT.test(made) && !/\.model_dump|\bdict\(|Public|Out\b|Read\b|Response\b/.test(made)) ||
      /^(?:\w*User|Account)$/.test(told.trim());
    return isAccount ? [{ name, line: lines.at(match.index).line }] : [];
  });
}
