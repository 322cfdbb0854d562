/** `_Requirements: 1.1, 1.2_`, `**Validates: Requirements 3.1**`, `_Scope: src/**_`, `**Property 3: …**`. */
export interface Field {
  kind: 'requirements' | 'scope' | 'depends' | 'property' | 'other';
  name: string;
  value: string;
  /** Offset of the value in the source. */
  start: number;
}

const english: Readonly<Record<string, Field['kind']>> = Object.fromEntries([
  ...'requirement,requirements,req,reqs,ref,refs,reference,references,validate,validates,validates requirement,validates requirements,validate requirements,requirements validated,requirements covered,covers,verifies,implements,satisfies,traces,trace,traces to,acceptance criteria,ac'
    .split(',')
    .map((name) => [name, 'requirements'] as const),
  ...'scope,file scope,files scope'.split(',').map((name) => [name, 'scope'] as const),
  ...'depend,depends,depends on,dependson,dependency,dependencies,blocked by'
    .split(',')
    .map((name) => [name, 'depends'] as const),
]);

const kinds: readonly [Field['kind'], RegExp][] = [
  [
    'requirements',
    /^(?:検証対象|検証|対象要件|검증|검증 대상|проверяет|关联需求|对应需求|验证需求|驗證需求|覆盖需求|验证|驗證|需求|要求|要件|関連要件|対応要件|요구사항|요구 사항|관련 요구사항|requisitos?(?:\s+(?:relacionados|validados|cubiertos|atendidos))?|requerimientos?|valida|validates requisitos|anforderung(?:en)?|exigences?|требования?|wymagania|requisiti|persyaratan|kebutuhan|yêu cầu|gereksinimler)$/iu,
  ],
  ['scope', /^(?:范围|範圍|スコープ)$/iu],
  ['depends', /^(?:依赖|依賴|依存)$/iu],
];

/**
 * Wrapped in emphasis, or alone on its line: `_Name: value_`, `**Name: value**`, `**Name:** value`, `Name: value`. Stars
 * with which a glob begins (`_Scope: **\/*.ts_`) belong to the value.
 */
const wrapped =
  /(?<![\p{L}\p{N}_*])(\*\*|__|[_*])(?=\S)([^_*:：\n][^*:：\n]{0,40}?)\s*(?:\*\*)?\s*[:：](?:\*\*(?![/_])|\s+\*\*(?=\s|$))?\s*/gu;
const bare = /^\s*(?:>\s*)?(?:[-*+]\s+)?\(?([\p{L}][\p{L} ]{1,30}?)\s*[:：]\s*/u;
const inline = /[([（]\s*([\p{L}][\p{L} ]{1,24}?)(?:\s*[:：]\s*|\s+(?=\d))([^)\]）]*)[)\]）]/u;
/** `_Requirements 1.1, 1.2_`: the whole line in emphasis, the colon forgotten. */
const colonless =
  /^[\s\-*+]*?(\*\*|__|[_*])((?:covers|validates|implements|satisfies)?\s*(?:requirements?|reqs?\.?))\s+((?:[A-Z]{0,4}-?\d+(?:\.\d+)*[a-z]?)(?:\s*(?:,|;|-|–|to|and|&)\s*[A-Z]{0,4}-?\d+(?:\.\d+)*[a-z]?)*)\1\s*[.。]?\s*$/i;

function kindOf(name: string): Field['kind'] {
  const clean = name.trim();
  const known = english[clean.toLowerCase()];
  if (known) return known;
  if (/^property\s+\d/i.test(clean)) return 'property';
  // No word of another language is meant by plain English; names such as «Files to change» end here.
  if (!/[^\u0000-\u007f]/.test(clean)) return foreign.test(clean) ? 'requirements' : 'other';
  if (/^property\s+\d|^属性\s*\d|^プロパティ\s*\d/iu.test(clean)) return 'property';
  return kinds.find(([, pattern]) => pattern.test(clean))?.[0] ?? 'other';
}

const foreign =
  /^(?:requisitos?|requerimientos?|valida|validates requisitos|anforderung(?:en)?|exigences?|wymagania|requisiti|persyaratan|kebutuhan|gereksinimler)$/i;

/** cc-sdd's boundary is a scope only when it names paths; a component name is not a path. */
function settle(field: Field): Field {
  if (/^boundary$/i.test(field.name) && /[/*]|\.\w{1,5}(?:$|[,\s])/.test(field.value))
    return { ...field, kind: 'scope' };
  if (field.kind === 'property') return { ...field, value: `${field.name}: ${field.value}` };
  if (field.kind === 'scope') return { ...field, value: field.value };
  return field;
}

function endOf(text: string, from: number, mark: string): number {
  const next = text.slice(from).search(/[_*]+\s+(?:[|,;·•/–—-]\s*)?(?:_|\*)(?=[^_:：\n]{1,40}[:：])/u);
  const stop = next >= 0 ? from + next : text.trimEnd().length;
  const closed = text.slice(from, stop).replace(/(?:\*\*|__|[_*])[.。]?$/u, '');
  // Stars that begin the value are a glob's; the next ones close the emphasis.
  const closing = mark === '_' || mark === '*' ? -1 : closed.indexOf(mark, closed.startsWith(mark) ? mark.length : 0);
  if (closing >= 0) return from + closing;
  return from + closed.length;
}

/** Fields of one line and what is left of it. `offset` is where the line's text stands in the source. */
export function fieldsOf(line: string, offset: number): { fields: Field[]; rest: string } {
  if (!line.includes(':') && !line.includes('：')) return withoutColon(line, offset);
  const fields: Field[] = [];
  const cuts: [number, number][] = [];
  wrapped.lastIndex = 0;
  for (let match = wrapped.exec(line); match; match = wrapped.exec(line)) {
    const mark = match[1] ?? '';
    const name = (match[2] ?? '').trim();
    const kind = kindOf(name);
    const opensLine = /^[\s\-*+]*$/.test(line.slice(0, match.index));
    if (kind === 'other' && (mark === '**' || mark === '__' || !opensLine || !line.trimEnd().endsWith(mark))) continue;
    const start = match.index + match[0].length;
    const end = /\*\*\s*$/.test(match[0]) ? line.trimEnd().length : endOf(line, start, mark);
    fields.push(settle({ kind, name, value: line.slice(start, end).trim(), start: offset + start }));
    cuts.push([match.index, Math.max(end, start)]);
    wrapped.lastIndex = Math.max(end, start);
  }
  if (fields.length === 0) unwrapped(line, offset, fields, cuts);
  let rest = line;
  for (const [from, to] of cuts.reverse()) rest = rest.slice(0, from) + rest.slice(to);
  return { fields, rest: fields.length > 0 ? rest.replaceAll(/[_*]+/g, ' ') : rest };
}

function withoutColon(line: string, offset: number): { fields: Field[]; rest: string } {
  if (!/\d/.test(line)) return { fields: [], rest: line };
  const whole = colonless.exec(line);
  if (whole?.[2] && whole[3]) {
    const start = offset + line.lastIndexOf(whole[3]);
    return { fields: [{ kind: 'requirements', name: whole[2].trim(), value: whole[3], start }], rest: '' };
  }
  const fields: Field[] = [];
  const cuts: [number, number][] = [];
  if (/[([（]\s*req/i.test(line)) unwrapped(line, offset, fields, cuts);
  const cut = cuts[0];
  return { fields, rest: cut ? line.slice(0, cut[0]) + line.slice(cut[1]) : line };
}

function unwrapped(line: string, offset: number, fields: Field[], cuts: [number, number][]): void {
  const plain = bare.exec(line);
  const name = plain?.[1] ?? '';
  if (plain && kindOf(name) !== 'other' && kindOf(name) !== 'property') {
    const value = line.slice(plain[0].length).replace(/[)\s]+$/, '');
    const kind = kindOf(name);
    // «Files to change: …» and prose after the colon are details; a list of numbers or globs is a field.
    if (kind === 'requirements' && !/\d/.test(value)) return;
    fields.push({ kind, name, value, start: offset + plain[0].length });
    cuts.push([0, line.length]);
    return;
  }
  const within = inline.exec(line);
  if (!within?.[1] || kindOf(within[1]) !== 'requirements' || !/\d/.test(within[2] ?? '')) return;
  const start = within.index + within[0].indexOf(within[2] ?? '', (within[1] ?? '').length);
  fields.push({ kind: 'requirements', name: within[1], value: within[2] ?? '', start: offset + start });
  cuts.push([within.index, within.index + within[0].length]);
}
