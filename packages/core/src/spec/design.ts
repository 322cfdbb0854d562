import { type Draft, diagnose, documentTree, laterThan, openDraft, titleOf } from './document.ts';
import { fieldsOf } from './fields.ts';
import { type Line, lineSpan, plainText } from './lines.ts';
import { splitReferences } from './references.ts';
import type { Component, DesignTree, Property, RequirementRef, Slot } from './types.ts';

const componentSections =
  /components?\b|interfaces?\b|modules?\b|services?\b|组件|組件|元件|コンポーネント|インターフェース|컴포넌트|componentes|interfaces|composants|komponenten|компонент|componenti/iu;
const dataSections =
  /data\s+models?|data\s+structures?|database\s+schema|entities|schema\b|数据模型|資料模型|数据结构|データモデル|데이터\s*모델|modelos?\s+de\s+da[dt]os|mod[eè]les?\s+de\s+donn|datenmodell|модел\S*\s+данных/iu;
const propertyPattern =
  /^(?:correctness\s+)?(?:property|(?:正确性|正確性)?属性|正確性\s*プロパティ|プロパティ|속성|propiedad|propriedade|propriété|eigenschaft|свойство)\s*[-#]?\s*(\d+[a-z]?(?:\.\d+)*|[A-Z]{1,3}\d+)\s*[.:：)\-–—]*\s*(.*)$/iu;
const pathPattern = /`([^`\s]{2,200})`|(?<![\w./-])((?:[\w.@()[\]-]+\/)+[\w.@*()[\]-]+)/g;
const extension = /\.(?:[a-z][a-z0-9]{0,5})$/i;
/** Inside one line: what stands between never crosses a line's end. */
const mentionPattern =
  /(?:requirements?|reqs?\.?|需求|要件|要求|요구사항|requisitos?|requerimientos?|anforderung(?:en)?|exigences?)[^\S\r\n]*[:：]?[^\S\r\n]*((?:\d+(?:\.\d+)*[a-z]?)(?:[^\S\r\n]*(?:,|，|、|and|-|–|to)[^\S\r\n]*\d+(?:\.\d+)*[a-z]?)*)/gi;

interface Heading {
  line: Line;
  title: string;
  end: number;
}

function headings(draft: Draft): Heading[] {
  const lines = draft.lines.filter((line) => line.kind === 'heading');
  return lines.map((line, i) => {
    const next = laterThan(lines, i, (other) => other.level <= line.level);
    return {
      line,
      title: titleOf(draft, line),
      end: next ? next.number - 1 : draft.lines.length,
    };
  });
}

/** A path: has a slash and is not an address or a route, or is a file name with an extension in backticks. */
function isPath(text: string, quoted: boolean): boolean {
  if (/^(?:https?:|\/|@?[\w-]+\/[\w-]+$)/.test(text) && !extension.test(text)) return quoted && text.endsWith('/');
  if (/[(){}<>=;"'|]|::|^\d+\/\d+$/.test(text.replace(/\/\([\w-]+\)\//g, '/'))) return false;
  return (
    (text.includes('/') && (extension.test(text) || text.includes('*') || (quoted && text.endsWith('/')))) ||
    (quoted &&
      extension.test(text) &&
      /^[\w.@-]+$/.test(text) &&
      !/^\w+\.\w+$/.test(
        text.replace(
          /\.(?:ts|tsx|js|jsx|mjs|py|rb|go|rs|java|kt|swift|cs|php|sql|css|html|json|yaml|yml|toml|md|prisma|sh|vue|svelte|dart|tf)$/i,
          '',
        ),
      ))
  );
}

function filesIn(draft: Draft, from: number, to: number): Slot[] {
  const files: Slot[] = [];
  const seen = new Set<string>();
  for (const line of draft.lines.slice(from, to)) {
    if (line.kind === 'blank') continue;
    const text = draft.source.slice(line.start, line.end);
    if (!text.includes('/') && !text.includes('`')) continue;
    if (line.kind === 'code' && !/^\s*(?:\/\/|#|--)/.test(text)) continue;
    for (const match of text.matchAll(pathPattern)) {
      const path = (match[1] ?? match[2] ?? '').replace(/[.,:;]+$/, '').replace(/:\d+(?:-\d+)?$/, '');
      if (!isPath(path, match[1] !== undefined) || seen.has(path)) continue;
      seen.add(path);
      const start = line.start + match.index + (match[1] === undefined ? 0 : 1);
      files.push({ text: path.replace(/^\.\//, ''), span: draft.locate(start, start + path.length) });
    }
  }
  return files;
}

function partsUnder(draft: Draft, all: readonly Heading[], pattern: RegExp): Component[] {
  const parts: Component[] = [];
  for (const section of all) {
    if (section.line.level > 3 || section.line.level < 2 || !pattern.test(section.title)) continue;
    const inside = all.filter((entry) => entry.line.number > section.line.number && entry.line.number <= section.end);
    const level = Math.min(...inside.map((entry) => entry.line.level));
    for (const entry of inside.filter((item) => item.line.level === level)) {
      if (parts.some((part) => part.span.line === entry.line.number)) continue;
      const name = entry.title.replace(/^\d+(?:\.\d+)*[.)]?\s*/, '').replaceAll('`', '');
      const span = { ...lineSpan(entry.line), end: draft.lines[entry.end - 1]?.end ?? entry.line.end };
      parts.push({ name, files: filesIn(draft, entry.line.number - 1, entry.end), span });
    }
  }
  return parts;
}

interface Opening {
  /** Index of its first line. */
  at: number;
  end: number;
  id: string;
  title: string;
}

/** `P1: Kept`, `CP-2 — Order`: a short code, which means a property only below «Correctness Properties». */
const codedProperty = /^((?:CP|P|PROP)-?\d+)\s*(?:[.:：)]|[-–—]\s)\s*(.*)$/u;

/** Properties as headings, or as bold lines and items: `**Property 3: …**`, `- **Property 3**: …`. */
function openings(draft: Draft, all: readonly Heading[]): Opening[] {
  const found: Opening[] = [];
  for (const line of draft.lines) {
    if (line.kind !== 'heading' && line.kind !== 'text' && line.kind !== 'item') continue;
    const isHeading = line.kind === 'heading';
    if (!isHeading && !draft.source.startsWith('**', line.content) && !draft.source.startsWith('__', line.content))
      continue;
    const title = isHeading ? titleOf(draft, line) : plainText(draft.source.slice(line.content, line.end));
    const coded = codedProperty.exec(title);
    const match = propertyPattern.exec(title) ?? (coded && inProperties(all, line) ? coded : null);
    if (!match?.[1]) continue;
    const heading = all.find((entry) => entry.line === line);
    found.push({ at: line.number - 1, end: heading?.end ?? -1, id: match[1], title: (match[2] ?? '').trim() });
  }
  return found.map((opening, i) => {
    const next = found[i + 1]?.at ?? draft.lines.length;
    const heading = all.find((entry) => entry.line.number - 1 > opening.at)?.line.number;
    const end =
      opening.end >= 0 ? Math.min(opening.end, next) : Math.min(next, heading ? heading - 1 : draft.lines.length);
    return { ...opening, end };
  });
}

function inProperties(all: readonly Heading[], line: Line): boolean {
  const at = line.number - 1;
  return all.some(
    (entry) =>
      /^(?:\d+\.?\s*)?(?:correctness\s+)?properties\b/i.test(entry.title) && entry.line.number <= at && at < entry.end,
  );
}

function validatesIn(draft: Draft, from: number, to: number): { refs: RequirementRef[]; lines: Set<Line> } {
  const refs: RequirementRef[] = [];
  const lines = new Set<Line>();
  for (const line of draft.lines.slice(from, to)) {
    if (line.kind === 'code' || line.kind === 'blank') continue;
    for (const field of fieldsOf(draft.source.slice(line.start, line.end), line.start).fields) {
      if (field.kind !== 'requirements') continue;
      refs.push(...splitReferences(field.value, field.start, draft.locate));
      lines.add(line);
    }
  }
  return { refs, lines };
}

function readProperties(draft: Draft, all: readonly Heading[], claimed: Set<Line>): Property[] {
  const taken = new Set<string>();
  return openings(draft, all).flatMap((opening) => {
    const { refs, lines } = validatesIn(draft, opening.at, opening.end);
    // A test plan lists the properties again as bullets; only headings can collide.
    if (taken.has(opening.id) && draft.lines[opening.at]?.kind !== 'heading') return [];
    for (const line of lines) claimed.add(line);
    const first = draft.lines[opening.at] as Line;
    const body = draft.lines
      .slice(opening.at + 1, opening.end)
      .filter((line) => !lines.has(line) && (line.kind === 'text' || line.kind === 'item'))
      .map((line) => plainText(draft.source.slice(line.content, line.end)));
    const span = { ...lineSpan(first), end: draft.lines[opening.end - 1]?.end ?? first.end };
    if (taken.has(opening.id))
      draft.diagnostics.push(
        diagnose(draft, 'S2', 'warning', lineSpan(first), `property \`${opening.id}\` appears twice`, {
          about: `property ${opening.id}`,
        }),
      );
    taken.add(opening.id);
    return { id: opening.id, title: opening.title, text: body.join(' '), validates: refs, span };
  });
}

function readMentions(draft: Draft, claimed: ReadonlySet<Line>): RequirementRef[] {
  const refs: RequirementRef[] = [];
  for (const match of draft.source.matchAll(mentionPattern)) {
    const line = draft.lines[draft.locate(match.index, match.index).line - 1];
    if (!line || claimed.has(line) || line.kind === 'code') continue;
    const start = match.index + match[0].length - (match[1]?.length ?? 0);
    refs.push(...splitReferences(match[1] ?? '', start, draft.locate));
  }
  return refs;
}

function diagrams(draft: Draft): DesignTree['diagrams'] {
  return draft.lines.flatMap((line) => {
    if (line.kind !== 'code') return [];
    const language = /^(?:`{3,}|~{3,})\s*([\w+-]+)/.exec(draft.source.slice(line.text, line.end))?.[1];
    return language ? [{ language, span: lineSpan(line) }] : [];
  });
}

/** Reads design.md; never throws. */
export function parseDesign(text: string, file = 'design.md'): DesignTree {
  const draft = openDraft(text, file);
  const all = headings(draft);
  const claimed = new Set<Line>();
  const properties = readProperties(draft, all, claimed);
  return {
    kind: 'design',
    ...documentTree(draft),
    components: partsUnder(draft, all, componentSections),
    dataModels: partsUnder(draft, all, dataSections),
    properties,
    mentions: readMentions(draft, claimed),
    diagrams: diagrams(draft),
  };
}
