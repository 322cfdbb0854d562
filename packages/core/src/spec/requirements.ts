import { hasShall, readCriteria } from './criteria.ts';
import { contentOf, type Draft, diagnose, documentTree, laterThan, openDraft, uniqueIds } from './document.ts';
import { type Heading, headingsOf } from './headings.ts';
import { bugfixHeadings, isStoryLabel } from './languages.ts';
import { lineSpan, plainText } from './lines.ts';
import type {
  BugfixPart,
  BugfixTree,
  Criterion,
  GlossaryTerm,
  Requirement,
  RequirementsTree,
  Slot,
  Span,
  Story,
} from './types.ts';

interface Block {
  heading: Heading;
  /** Line index behind the block. */
  end: number;
  /** Criteria headings in it. */
  criteria: Heading[];
}

/** The heading that a criteria heading belongs to: the last one that names a requirement or stands above it. */
function ownerOf(headings: readonly Heading[], index: number): Heading | undefined {
  const own = headings[index];
  for (let i = index - 1; i >= 0; i--) {
    const heading = headings[i];
    if (!heading || !own || heading.kind === 'criteria' || heading.kind === 'story') continue;
    if (heading.kind === 'named' || heading.level < own.level) return heading;
    if (heading.kind === 'numbered' && heading.level <= own.level) return heading;
  }
  return undefined;
}

function statesBehaviour(draft: Draft, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const line = draft.lines[i];
    if (!line || (line.kind !== 'item' && line.kind !== 'text' && line.kind !== 'table')) continue;
    const text = draft.source.slice(line.text, line.end);
    if (!hasShall(text)) continue;
    if (
      line.kind !== 'text' ||
      /^(?:\*\*)?(?:\d+\.\d|[A-Z]{1,6}[-_]?\d|WHEN|IF|WHILE|WHERE|THE |When|If|While|Where|The )/.test(text)
    )
      return true;
  }
  return false;
}

const nextHeading = (draft: Draft, headings: readonly Heading[], index: number, stop: (heading: Heading) => boolean) =>
  laterThan(headings, index, stop)?.at ?? draft.lines.length;

/** Which headings are requirements, and how far each reaches. */
function blocksOf(draft: Draft, headings: readonly Heading[]): Block[] {
  const owners = new Map<Heading, Heading[]>();
  headings.forEach((heading, index) => {
    if (heading.kind !== 'criteria') return;
    const owner = ownerOf(headings, index) ?? heading;
    owners.set(owner, [...(owners.get(owner) ?? []), heading]);
  });
  const isBlock = new Set<Heading>();
  headings.forEach((heading, index) => {
    if (owners.has(heading)) isBlock.add(heading);
    if (heading.kind === 'criteria' || heading.kind === 'story' || isBlock.has(heading)) return;
    const direct = nextHeading(draft, headings, index, () => true);
    const states = statesBehaviour(draft, heading.at + 1, direct);
    if (states && heading.kind !== 'introduction' && heading.kind !== 'glossary') isBlock.add(heading);
    else if (heading.kind === 'named' && heading.level > 1 && !encloses(headings, index)) isBlock.add(heading);
  });
  return headings.flatMap((heading, index) => {
    if (!isBlock.has(heading)) return [];
    const end = nextHeading(
      draft,
      headings,
      index,
      (other) =>
        isBlock.has(other) || (other.level <= heading.level && other.kind !== 'criteria' && other.kind !== 'story'),
    );
    return [{ heading, end, criteria: (owners.get(heading) ?? []).filter((entry) => entry.at < end) }];
  });
}

/** A named heading directly above another named one is a chapter. */
function encloses(headings: readonly Heading[], index: number): boolean {
  const next = headings[index + 1];
  return next?.kind === 'named' && next.level > (headings[index]?.level ?? 0) && next.level < 7;
}

function readStory(draft: Draft, from: number, to: number): Story | undefined {
  for (let i = from; i < to; i++) {
    const line = draft.lines[i];
    if (!line || (line.kind !== 'text' && line.kind !== 'item' && line.kind !== 'quote')) continue;
    const raw = contentOf(draft, line);
    if (!/[:：]|^(?:\*\*)?(?:As |Como |En |Als )|^[^\u0000-\u007f]/.test(raw)) continue;
    const labelled = /^[>\s]*(?:\*\*|__)?([^:：*]{2,40}?)(?:\*\*|__)?\s*[:：]\s*(?:\*\*|__)?\s*/.exec(raw);
    const isLabel = labelled && isStoryLabel((labelled[1] ?? '').trim());
    if (!isLabel && !/^(?:\*\*)?(?:As an?\b|作为|作為|Como\s|En tant que|Als\s)/i.test(raw)) continue;
    let last = i;
    while (last + 1 < to && draft.lines[last + 1]?.kind === 'text') last++;
    const start = line.content + (isLabel ? labelled[0].length : 0);
    return storyFrom(draft, start, draft.lines[last]?.end ?? line.end);
  }
  return undefined;
}

function storyFrom(draft: Draft, start: number, end: number): Story {
  const text = plainText(draft.source.slice(start, end));
  const parts =
    /^As an?\s+(.+?),?\s+I\s+(?:want|need|would like)\s+(?:to\s+)?(.+?)(?:,?\s+so\s+(?:that\s+)?(.+))?$/i.exec(text);
  const story: Story = { text, span: draft.locate(start, end) };
  if (parts?.[1]) story.role = parts[1];
  if (parts?.[2]) story.want = parts[2];
  if (parts?.[3]) story.benefit = parts[3].replace(/\.$/, '');
  return story;
}

function blockCriteria(draft: Draft, block: Block, id: string, taken: Set<string>): Criterion[] {
  const from = block.heading.at + 1;
  if (block.criteria.length === 0) {
    const stated = readCriteria(draft, id, from, block.end, true, taken);
    if (block.heading.kind !== 'named') return stated;
    // Below «Requirement N» what is numbered N.M is a criterion, and so is a list, even when nobody wrote SHALL.
    const own = new Set([...taken].filter((entry) => !stated.some((criterion) => criterion.id === entry)));
    const labelled = readCriteria(draft, id, from, block.end, false, own).filter(
      (criterion) => criterion.id.startsWith(`${id}.`) && /\d\.\d/.test(criterion.number ?? ''),
    );
    if (labelled.length > stated.length) {
      for (const criterion of labelled) taken.add(criterion.id);
      return labelled;
    }
    if (stated.length > 0) return stated;
    return readCriteria(draft, id, from, block.end, false, taken).filter((criterion) =>
      /^(?:[-*+•]|\d+[.)])\s/.test(draft.source.slice(criterion.span.start)),
    );
  }
  const found: Criterion[] = [];
  const ahead = block.criteria[0]?.at ?? from;
  if (block.heading.kind !== 'criteria')
    found.push(
      ...readCriteria(draft, id, from, ahead, true, taken).filter((criterion) => criterion.ears.pattern !== 'none'),
    );
  block.criteria.forEach((heading, i) => {
    const end = Math.min(block.end, block.criteria[i + 1]?.at ?? block.end);
    found.push(...readCriteria(draft, id, heading.at + 1, sectionEnd(draft, heading, end), false, taken, found.length));
  });
  return found;
}

/** A criteria list ends at the next heading that is not below its own. */
function sectionEnd(draft: Draft, heading: Heading, end: number): number {
  const level = heading.level === 7 ? 6 : heading.level;
  for (let i = heading.at + 1; i < end; i++) {
    const line = draft.lines[i];
    if (line?.kind === 'heading' && line.level <= level) return i;
    if (heading.level === 7 && line?.kind === 'rule') return i;
  }
  return end;
}

const slugOf = (title: string) =>
  title
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);

function readRequirement(
  draft: Draft,
  block: Block,
  give: (wanted: string) => string,
  criteria: Set<string>,
  ordinal: string,
): Requirement {
  const { heading } = block;
  const line = draft.lines[heading.at];
  const last = draft.lines[block.end - 1];
  const wanted = heading.id || (heading.kind === 'criteria' ? ordinal : slugOf(heading.title)) || ordinal;
  const id = give(wanted);
  const span = line ? lineSpan(line) : draft.locate(0, 0);
  if (id !== wanted)
    draft.diagnostics.push(
      diagnose(
        draft,
        'S2',
        'error',
        span,
        `requirement \`${wanted}\` appears twice, so references to it are ambiguous`,
        {
          about: wanted,
          hint: 'give each requirement a number of its own',
        },
      ),
    );
  const found = blockCriteria(draft, block, id, criteria);
  const story = readStory(draft, heading.at + 1, block.criteria[0]?.at ?? block.end);
  return {
    id,
    title: heading.title,
    ...(story ? { story } : {}),
    criteria: found,
    heading: span,
    span: { ...span, end: Math.max(span.end, last?.end ?? span.end) },
  };
}

function readGlossary(draft: Draft, headings: readonly Heading[]): GlossaryTerm[] {
  const at = headings.findIndex((heading) => heading.kind === 'glossary');
  const heading = headings[at];
  if (!heading) return [];
  const end = nextHeading(draft, headings, at, (other) => other.level <= heading.level || other.kind === 'named');
  const terms: GlossaryTerm[] = [];
  for (const line of draft.lines.slice(heading.at + 1, end)) {
    const text = draft.source.slice(line.content, line.end).trim();
    const match =
      line.kind === 'table'
        ? /^\|\s*(?:\*\*|`)?([^|*`]+?)(?:\*\*|`)?\s*\|\s*([^|]+?)\s*\|/.exec(text)
        : (/^(?:\*\*|`|__)([^*`]+?)(?:\*\*|`|__)\s*(?:\([^)]*\))?\s*[:：\-–—]?\s*(.*)$/u.exec(text) ??
          (line.kind === 'item' ? /^([^:：]{1,60})[:：]\s*(.+)$/u.exec(text) : null));
    if (!match?.[1] || /^[-: ]+$/.test(match[1])) continue;
    const term = match[1].replace(/[:：]\s*$/u, '').trim();
    terms.push({ term, definition: plainText((match[2] ?? '').replace(/^[:：]\s*/u, '')), span: lineSpan(line) });
  }
  return terms;
}

function readIntroduction(draft: Draft, headings: readonly Heading[]): Slot | undefined {
  const at = headings.findIndex((heading) => heading.kind === 'introduction');
  const heading = headings[at];
  if (!heading) return undefined;
  const end = nextHeading(draft, headings, at, () => true);
  const span: Span = draft.locate(
    draft.lines[heading.at + 1]?.start ?? draft.source.length,
    draft.lines[end - 1]?.end ?? draft.source.length,
  );
  const text = draft.source.slice(span.start, span.end).trim();
  return text === '' ? undefined : { text, span };
}

/** Reads requirements.md in any of its dialects; never throws, and never loses text: the tree points into the source. */
export function parseRequirements(text: string, file = 'requirements.md'): RequirementsTree {
  const draft = openDraft(text, file);
  const headings = headingsOf(draft);
  const give = uniqueIds();
  const criteria = new Set<string>();
  const requirements = blocksOf(draft, headings).map((block, i) =>
    readRequirement(draft, block, give, criteria, String(i + 1)),
  );
  const introduction = readIntroduction(draft, headings);
  return {
    kind: 'requirements',
    ...documentTree(draft),
    ...(introduction ? { introduction } : {}),
    glossary: readGlossary(draft, headings),
    requirements,
  };
}

const parts: readonly BugfixPart[] = ['current', 'expected', 'unchanged'];

/** Reads bugfix.md: the three parts of the analysis, numbered 1, 2 and 3 whatever their headings say. */
export function parseBugfix(text: string, file = 'bugfix.md'): BugfixTree {
  const draft = openDraft(text, file);
  const headings = headingsOf(draft);
  const criteria = new Set<string>();
  const found = headings.flatMap((heading, index) => {
    const part = parts.find((name) => bugfixHeadings[name].test(heading.title));
    const line = draft.lines[heading.at];
    if (!part || !line || heading.level === 7) return [];
    const end = nextHeading(draft, headings, index, (other) => other.level <= heading.level);
    const id = String(parts.indexOf(part) + 1);
    const span = lineSpan(line);
    const last = draft.lines[end - 1];
    return [
      {
        part,
        id,
        title: heading.title,
        criteria: readCriteria(draft, id, heading.at + 1, end, false, criteria),
        heading: span,
        span: { ...span, end: last?.end ?? span.end },
      },
    ];
  });
  const introduction = readIntroduction(draft, headings);
  return {
    kind: 'bugfix',
    ...documentTree(draft),
    ...(introduction ? { introduction } : {}),
    glossary: readGlossary(draft, headings),
    requirements: found,
  };
}
