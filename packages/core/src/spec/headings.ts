import { contentOf, type Draft, titleOf } from './document.ts';
import {
  bugfixHeadings,
  criteriaHeadings,
  glossaryHeadings,
  introductionHeadings,
  isStoryLabel,
  requirementWords,
} from './languages.ts';
import { type Line, plainText } from './lines.ts';

export type HeadingKind =
  | 'criteria'
  | 'story'
  | 'named'
  | 'numbered'
  | 'glossary'
  | 'introduction'
  /** An example of a requirement: what stands below is no criterion. */
  | 'scenario'
  | 'section';

/** A heading, or a line that stands for one (`**Requirement 1: …**`, `**Acceptance Criteria:**`). */
export interface Heading {
  /** Index of its line. */
  at: number;
  /** 1–6; 7 for a line that only looks like a heading. */
  level: number;
  kind: HeadingKind;
  /** `1`, `11b`, `FR-2` for `named` and `numbered`. */
  id: string;
  title: string;
}

const words = [...requirementWords].sort((a, b) => b.length - a.length).map((word) => word.replaceAll(' ', '\\s+'));
const isAscii = (text: string) => !/[^\u0000-\u007f]/.test(text);
const idPattern = '((?:\\d+|[A-Z](?=\\d))[\\dA-Za-z]*(?:[.-]\\d+[a-z]?)*)';
const namedPattern = new RegExp(
  `^[^\\p{L}\\p{N}]*(${words.join('|')})\\s*(?:no\\.?|nº|n°|№|#)?\\s*[-_–—:：]?\\s*${idPattern}(?=$|[^\\p{L}\\p{N}])`,
  'iu',
);
/** The same for plain ASCII, which compiles in a tenth of the time; most documents need no other. */
const asciiPattern = new RegExp(
  `^[^a-z\\d]*(${words.filter(isAscii).join('|')})\\s*(?:no\\.?|#)?\\s*[-_:]?\\s*${idPattern}(?=$|[^a-z\\d])`,
  'i',
);
const numberedPattern = /^(\d+(?:\.\d+)*[a-z]?)(?:[.)、:：．]\s*|\s+[-–—]\s*|\s+)(?=\S)/u;
/** A short code as in `DR1: …`, `SEC-03 …`, `CHK-2.1 —`, `REQ-MAIL-001`. */
const codedPattern = /^([A-Z]{1,6}(?:[-_][A-Z]{1,8}){0,2}[-_]?\d+(?:[.-]\d+)*[a-z]?)(?=$|\s*[:：.)]|\s+[-–—]\s|\s)/u;
/** Words after which the number alone is the id; after any other (`FR`, `NFR`, `DR`) the word belongs to it. */
const prefixed = /^(?:fr|nfr|us|dr|ac)$/i;

const afterId = (rest: string) => rest.replace(/^[\s.:：)）、．\-–—]+/u, '').trim();

/** `需求一`, `要件二十三`: the number as digits, so that `1.2` refers to it. */
const chinesePattern =
  /^((?:功能|非功能)?(?:需求|要求|要件))\s*(十?[一二三四五六七八九]|[一二三四五六七八九]?十[一二三四五六七八九]?)(?=$|[\s:：、.．])/u;
const chineseDigit = (text: string) => '一二三四五六七八九'.indexOf(text) + 1;

function chineseNumber(text: string): number {
  const [tens, ones] = text.includes('十') ? text.split('十') : ['-', text];
  return (tens === '-' ? 0 : tens === '' ? 10 : 10 * chineseDigit(tens ?? '')) + (ones ? chineseDigit(ones) : 0);
}

function named(text: string): { id: string; title: string } | undefined {
  const chinese = chinesePattern.exec(text);
  if (chinese?.[2]) return { id: String(chineseNumber(chinese[2])), title: afterId(text.slice(chinese[0].length)) };
  // «Requirement: Detail screen» has a name in place of a number.
  const nameless = /^requirement\s*[:：]\s*(\S.*)$/i.exec(text);
  if (nameless?.[1] && !/^\d/.test(nameless[1])) return { id: '', title: nameless[1] };
  if (!/\d/.test(text)) return undefined;
  const match = (isAscii(text) ? asciiPattern : namedPattern).exec(text);
  if (!match) return undefined;
  const word = (match[1] ?? '').trim();
  const number = match[2] ?? '';
  const title = afterId(text.slice(match[0].length));
  if (!prefixed.test(word)) return { id: number, title };
  return { id: match[0].replace(/^[^\p{L}\p{N}]+/u, '').replaceAll(/[\s:：]+/g, ''), title };
}

function classify(text: string): Pick<Heading, 'kind' | 'id' | 'title'> {
  if (criteriaHeadings.test(text) && text.length < 60) return { kind: 'criteria', id: '', title: text };
  if (isStoryLabel(text.replace(/[\s:：]+$/u, ''))) return { kind: 'story', id: '', title: text };
  if (/^(?:scenario|example|szenario|escenario|cen[áa]rio)\b/i.test(text))
    return { kind: 'scenario', id: '', title: text };
  const name = named(text);
  if (name) return { kind: 'named', ...name };
  const numbered = numberedPattern.exec(text) ?? codedPattern.exec(text);
  if (numbered) return { kind: 'numbered', id: numbered[1] ?? '', title: afterId(text.slice(numbered[0].length)) };
  if (glossaryHeadings.test(text)) return { kind: 'glossary', id: '', title: text };
  if (introductionHeadings.test(text)) return { kind: 'introduction', id: '', title: text };
  return { kind: 'section', id: '', title: text };
}

/** `**Acceptance Criteria:**`, `- Acceptance criteria:`, `验收标准：`; never a sentence. */
function criteriaLabel(text: string): boolean {
  if (text.length > 60 || !/[:：]\s*\**\s*$|^\s*(?:\*\*|__)[^*]+(?:\*\*|__)\s*$/.test(text)) return false;
  return criteriaHeadings.test(text);
}

function standsForHeading(draft: Draft, line: Line): Heading | undefined {
  if (line.kind !== 'text' && line.kind !== 'item') return undefined;
  const raw = contentOf(draft, line);
  if (raw.length > 200) return undefined;
  if (criteriaLabel(raw)) return { at: line.number - 1, level: 7, kind: 'criteria', id: '', title: plainText(raw) };
  if (line.kind !== 'text' || !/^(?:\*\*|__).+(?:\*\*|__)[:：]?$/.test(raw)) return undefined;
  const title = plainText(raw).replace(/[:：]$/u, '');
  // A bug analysis of several bugs writes its three parts as bold lines.
  if (Object.values(bugfixHeadings).some((pattern) => pattern.test(title)))
    return { at: line.number - 1, level: 7, kind: 'section', id: '', title };
  const name = named(title);
  return name ? { at: line.number - 1, level: 7, kind: 'named', ...name } : undefined;
}

/** Headings and what stands for one, in document order. */
export function headingsOf(draft: Draft): Heading[] {
  const headings: Heading[] = [];
  for (const line of draft.lines) {
    if (line.kind === 'heading') {
      headings.push({ at: line.number - 1, level: line.level, ...classify(titleOf(draft, line)) });
    } else {
      const found = standsForHeading(draft, line);
      if (found) headings.push(found);
    }
  }
  return headings;
}
