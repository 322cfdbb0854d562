import { allWords, requirementWords } from './languages.ts';
import type { RequirementRef, Span } from './types.ts';

const words = [...requirementWords]
  .sort((a, b) => b.length - a.length)
  .join('|')
  .replaceAll(' ', '\\s+');
/** `Requirement `, `Req-`, `R`, `需求` before a number; the coded prefixes `FR-`, `DR` belong to the id. */
const lead = new RegExp(`^(?:${words})\\.?\\s*[-#:：]?\\s*(?=\\d)`, 'iu');
const ownPrefix = /^(?:n?fr|us|dr|ac)[-\s]?(?=\d)/i;
const idPattern = /^(?:[A-Za-z]{1,8}[-_]?){0,3}\d+[a-zA-Z]?(?:[.-](?:AC[-_]?)?\d+[a-z]?)*(?:\.[x*])?/u;
const rangePattern =
  /^((?:[A-Za-z]{1,8}[-_]?){0,3}\d+[a-zA-Z]?(?:\.\d+[a-z]?)*)\s*(?:-|–|—|~|～|〜|\.\.\.?|…|\s(?:to|through|thru|bis|a|à|至|到)\s|至|到)\s*((?:[A-Za-z]{1,8}[-_]?){0,3}\d*[a-zA-Z]?(?:\.\d+[a-z]?)*)/u;

function normalised(text: string): string {
  if (ownPrefix.test(text)) return text.replace(ownPrefix, (prefix) => prefix.replace(/\s+/, ''));
  return text.replace(lead, '');
}

function refOf(text: string, span: Span): RequirementRef {
  const clean = text.replace(/^[\s_*`([]+|[\s_*`)\].。]+$/gu, '');
  const base = { text: clean, span };
  if (allWords.test(clean)) return { ...base, kind: 'all' };
  const bare = normalised(clean);
  const range = rangePattern.exec(bare);
  if (range?.[1] && range[2] && /\d|^[a-z]$/i.test(range[2])) {
    const to = normalised(range[2]);
    if (!/^\d+-\d+$/.test(bare) || Number(range[1]) < Number(to)) return { ...base, kind: 'range', from: range[1], to };
  }
  const id = idPattern.exec(bare);
  // «1.2 (partial)» is 1.2; «3 weeks» is words.
  const explicit = bare !== clean || ownPrefix.test(clean);
  if (
    id &&
    /^(?:$|[\s([（［「:：\-–—])/u.test(bare.slice(id[0].length)) &&
    (explicit || /^[A-Z]/.test(id[0]) || !/^\s+\p{L}{3,}/u.test(bare.slice(id[0].length)))
  )
    return { ...base, kind: 'id', from: id[0] };
  return { ...base, kind: 'words' };
}

/** Nearly every list is numbers and commas; it needs none of what the others do. */
const plainList = /^\s*\d+(?:\.\d+)*(?:\s*,\s*\d+(?:\.\d+)*)*\s*$/;

/**
 * Splits a list of references (`1.1, 2.3-2.5；All`). `start` is the offset of `text` in the source. A part in
 * parentheses is a note; `Design: Property 4` behind a semicolon is not a requirement.
 */
export function splitReferences(
  text: string,
  start: number,
  locate: (start: number, end: number) => Span,
): RequirementRef[] {
  const refs: RequirementRef[] = [];
  if (plainList.test(text)) {
    for (const match of text.matchAll(/[\d.]+/g)) {
      const at = start + match.index;
      refs.push({ text: match[0], span: locate(at, at + match[0].length), kind: 'id', from: match[0] });
    }
    return refs;
  }
  const parts = /(?:[^,，;；、&|()（）\n]|[（(][^)）]*[)）])+/gu;
  for (const match of text.matchAll(parts)) {
    for (const piece of match[0].split(/\s+(?:and|und|y|e|et|及|和)\s+|和|及|\s\/\s|(?<=\d)\/(?=\d+\.\d)/iu)) {
      const at = match.index + match[0].indexOf(piece);
      const lead = /^[\s_*`]*/u.exec(piece)?.[0].length ?? 0;
      const body = piece.trim().replace(/^[\s_*`]+|[\s_*`]+$/gu, '');
      if (body === '' || !/[\p{L}\p{N}]/u.test(body)) continue;
      if (/^(?:design|property|properties|设计|属性|設計)\s*[:：]?\s*/iu.test(body)) continue;
      refs.push(...spaced(body, start + at + lead, locate));
    }
  }
  return refs;
}

/** `Requirement 1 (AC 1, 2)`, `Req 3 AC 2`: criteria of one requirement, numbered on their own. */
const ofRequirement =
  /^(?:requirements?|reqs?\.?|需求|要件|requisito)?\s*[-#]?\s*(\d+)\s*[:：,]?\s*[(（]?\s*(?:acs?|acceptance criteri(?:a|on)|criteri(?:a|on)|验收标准|受け入れ基準)\s*[-#:]?\s*(\d[\d\s,，、&-]*)[)）]?$/i;

/** `1.1 1.2 1.3` without commas is three references. */
function spaced(body: string, start: number, locate: (start: number, end: number) => Span): RequirementRef[] {
  const within = ofRequirement.exec(body);
  if (within?.[1] && within[2]) {
    const span = locate(start, start + body.length);
    return [...within[2].matchAll(/(\d+)(?:\s*-\s*(\d+))?/g)].map((part) => {
      const from = `${within[1]}.${part[1]}`;
      return part[2]
        ? { text: body, span, kind: 'range', from, to: `${within[1]}.${part[2]}` }
        : { text: body, span, kind: 'id', from };
    });
  }
  if (!/^\d+(?:\.\d+)+(?:\s+\d+(?:\.\d+)+)+$/.test(body)) return [refOf(body, locate(start, start + body.length))];
  return [...body.matchAll(/\S+/g)].map((match) =>
    refOf(match[0], locate(start + match.index, start + match.index + match[0].length)),
  );
}

/** Ids that references can name, in document order. */
export interface ReferenceIndex {
  /** Requirement id → its criteria's ids. */
  requirements: ReadonlyMap<string, readonly string[]>;
  criteria: ReadonlySet<string>;
  /** Criterion → its requirement. */
  owner: ReadonlyMap<string, string>;
  /** What stands before a criterion (`AC-1`, `REQ-001`) → the criteria so labelled. */
  labels: ReadonlyMap<string, readonly string[]>;
}

export interface ResolvedReference {
  /** Criteria meant; a requirement without criteria gives none but is `resolved` all the same. */
  criteria: string[];
  requirements: string[];
  resolved: boolean;
  /** Members of a range that do not exist. */
  missing: string[];
}

const nothing: ResolvedReference = { criteria: [], requirements: [], resolved: false, missing: [] };

function exactly(id: string, index: ReferenceIndex): ResolvedReference | undefined {
  if (index.criteria.has(id)) {
    const requirement = index.owner.get(id);
    return {
      criteria: [id],
      requirements: requirement === undefined ? [] : [requirement],
      resolved: true,
      missing: [],
    };
  }
  const criteria = index.requirements.get(id);
  return criteria && { criteria: [...criteria], requirements: [id], resolved: true, missing: [] };
}

function lookUp(id: string, index: ReferenceIndex): ResolvedReference | undefined {
  const found = exactly(id, index);
  if (found) return found;
  const wild = /^(.*)\.[x*]$/.exec(id)?.[1];
  for (const spelling of [
    wild ?? id,
    id.replace(/^0+(?=\d)/, ''),
    id.toUpperCase(),
    id.replaceAll('-', '.'),
    id.replace('-', ''),
    id.replace(/\.AC[-_]?(?=\d)/i, '.'),
    id.replace(/^(?:AC|REQ|CR|R)[-_]?(?=\d)/i, ''),
  ]) {
    const other = exactly(spelling, index);
    if (other) return other;
  }
  return undefined;
}

/** By the label that a criterion carries, where only one does: in a list apart from the requirements `AC-1` is unique. */
function byLabel(text: string, index: ReferenceIndex): ResolvedReference | undefined {
  for (const label of [text, text.replace(/^(?:AC|REQ|CR)[-_]?(?=[A-Z\d])/, '')]) {
    const [id, ...others] = index.labels.get(label) ?? [];
    if (id !== undefined && others.length === 0) return exactly(id, index);
  }
  return undefined;
}

/** `5.1`–`5.5`, `42a`–`42n`, `1.1`–`3` (meaning 1.3), `2`–`4`. */
function expand(from: string, to: string): string[] | undefined {
  const tail = (id: string) => /^(.*?)(\d+|[a-zA-Z])$/.exec(id);
  const first = tail(from);
  let last = tail(to);
  if (!first || !last) return undefined;
  if (last[1] === '' && first[1] !== '') last = tail(first[1] + to);
  if (!last || first[1] !== last[1]) return undefined;
  const numeric = /^\d+$/.test(first[2] ?? '') && /^\d+$/.test(last[2] ?? '');
  const low = numeric ? Number(first[2]) : (first[2] ?? '').codePointAt(0);
  const high = numeric ? Number(last[2]) : (last[2] ?? '').codePointAt(0);
  if (low === undefined || high === undefined || high < low || high - low > 500) return undefined;
  return Array.from(
    { length: high - low + 1 },
    (_, i) => `${first[1]}${numeric ? low + i : String.fromCodePoint(low + i)}`,
  );
}

/** A range across requirements (`1.1-3.2`) is everything between its ends in document order. */
function between(from: string, to: string, index: ReferenceIndex): string[] | undefined {
  const order = [...index.criteria];
  const a = lookUp(from, index)?.criteria[0];
  const b = lookUp(to, index)?.criteria.at(-1);
  if (!a || !b) return undefined;
  const [low, high] = [order.indexOf(a), order.indexOf(b)];
  return low >= 0 && high >= low ? order.slice(low, high + 1) : undefined;
}

/** What a reference means beside these requirements. */
export function resolveReference(ref: RequirementRef, index: ReferenceIndex): ResolvedReference {
  if (ref.kind === 'all')
    return {
      criteria: [...index.criteria],
      requirements: [...index.requirements.keys()],
      resolved: index.requirements.size > 0,
      missing: [],
    };
  if (ref.kind === 'words' || !ref.from) return nothing;
  if (ref.kind === 'id')
    return lookUp(ref.from, index) ?? byLabel(ref.text, index) ?? { ...nothing, missing: [ref.from] };
  const whole = lookUp(`${ref.from}-${ref.to}`, index) ?? byLabel(ref.text, index);
  if (whole) return whole;
  const members = expand(ref.from, ref.to ?? '') ?? between(ref.from, ref.to ?? '', index) ?? [ref.from, ref.to ?? ''];
  const found = members.map((id) => lookUp(id, index) ?? byLabel(id, index));
  return {
    criteria: found.flatMap((entry) => entry?.criteria ?? []),
    requirements: [...new Set(found.flatMap((entry) => entry?.requirements ?? []))],
    resolved: found.some(Boolean) && found.every(Boolean),
    missing: members.filter((_, i) => !found[i]),
  };
}

/** Index over requirements or a bug analysis. */
export function referenceIndex(
  requirements: readonly { id: string; criteria: readonly { id: string; number?: string }[] }[],
): ReferenceIndex {
  const index = {
    requirements: new Map<string, string[]>(),
    criteria: new Set<string>(),
    owner: new Map<string, string>(),
    labels: new Map<string, string[]>(),
  };
  for (const { id, criteria } of requirements) {
    const own: string[] = [];
    for (const criterion of criteria) {
      own.push(criterion.id);
      index.criteria.add(criterion.id);
      index.owner.set(criterion.id, id);
      if (criterion.number === undefined) continue;
      index.labels.set(criterion.number, [...(index.labels.get(criterion.number) ?? []), criterion.id]);
    }
    index.requirements.set(id, own);
  }
  return index;
}
