import { hasCode, hasShall, readCriteria } from './criteria.ts';
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
function ownerOf(draft: Draft, headings: readonly Heading[], index: number): Heading | undefined {
  const own = headings[index];
  for (let i = index - 1; i >= 0; i--) {
    const heading = headings[i];
    if (!heading || !own || heading.kind === 'criteria' || heading.kind === 'story') continue;
    // «## Acceptance Criteria» behind «### FR-2», which has criteria of its own, is a list of the whole document.
    if (own.level < heading.level && statesBehaviour(draft, heading.at + 1, headings[i + 1]?.at ?? own.at))
      return undefined;
    if (heading.kind === 'named' || heading.level < own.level) return heading;
    if (heading.kind === 'numbered' && heading.level <= own.level) return heading;
  }
  return undefined;
}

/** `##### Errors` below «Acceptance Criteria» of a requirement parts its list; it is no requirement of its own. */
function headsPart(draft: Draft, headings: readonly Heading[], index: number): boolean {
  const own = headings[index];
  if (own?.kind !== 'section') return false;
  for (let i = index - 1; i >= 0; i--) {
    const before = headings[i];
    if (!before || before.level >= own.level) continue;
    return before.kind === 'criteria' && ['named', 'numbered'].includes(ownerOf(draft, headings, i)?.kind ?? '');
  }
  return false;
}

function statesBehaviour(draft: Draft, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const line = draft.lines[i];
    if (!line || (line.kind !== 'item' && line.kind !== 'text' && line.kind !== 'table')) continue;
    const text = draft.source.slice(line.text, line.end);
    if (line.kind === 'item' && hasCode(text)) return true;
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
    const owner = ownerOf(draft, headings, index) ?? heading;
    owners.set(owner, [...(owners.get(owner) ?? []), heading]);
  });
  const isBlock = new Set<Heading>();
  headings.forEach((heading, index) => {
    if (owners.has(heading)) isBlock.add(heading);
    if (heading.kind === 'criteria' || heading.kind === 'story' || isBlock.has(heading)) return;
    if (heading.kind === 'scenario' || headsPart(draft, headings, index)) return;
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
        isBlock.has(other) ||
        other.kind === 'scenario' ||
        (other.level <= heading.level && other.kind !== 'criteria' && other.kind !== 'story'),
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
  if (block.criteria.length === 0) return withoutHeading(draft, block, id, taken);
  const found: Criterion[] = [];
  const ahead = block.criteria[0]?.at ?? from;
  if (block.heading.kind !== 'criteria')
    found.push(
      ...readCriteria(draft, id, { from, to: ahead }, { strict: true, taken, keep: (entry) => hasShall(entry.text) }),
    );
  block.criteria.forEach((heading, i) => {
    const end = Math.min(block.end, block.criteria[i + 1]?.at ?? block.end);
    const lines = { from: heading.at + 1, to: sectionEnd(draft, heading, end) };
    found.push(...readCriteria(draft, id, lines, { strict: false, taken, before: found.length }));
  });
  return found;
}

/** Criteria of a block that has no criteria heading. */
function withoutHeading(draft: Draft, block: Block, id: string, taken: Set<string>): Criterion[] {
  const lines = { from: block.heading.at + 1, to: block.end };
  // Tried on copies first: which reading holds is known only from how much each finds.
  const stated = readCriteria(draft, id, lines, { strict: true, taken: new Set(taken) });
  const again = (options: Omit<Parameters<typeof readCriteria>[3], 'taken'>) =>
    readCriteria(draft, id, lines, { ...options, taken });
  if (block.heading.kind !== 'named' && block.heading.kind !== 'numbered') return again({ strict: true });
  // Below «Requirement N» what is labelled is a criterion, and so is a list, even when nobody wrote SHALL.
  const labelled: Parameters<typeof readCriteria>[3]['keep'] = (entry) => entry.coded && /\d\.\d/.test(entry.number);
  const byLabel = readCriteria(draft, id, lines, { strict: false, taken: new Set(taken), keep: labelled });
  if (byLabel.length > stated.length) return again({ strict: false, keep: labelled });
  if (stated.length > 0 || block.heading.kind === 'numbered') return again({ strict: true });
  return again({ strict: false, keep: (entry) => entry.item });
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

function requirementsIn(draft: Draft, headings: readonly Heading[]): Requirement[] {
  const give = uniqueIds();
  const criteria = new Set<string>();
  return blocksOf(draft, headings).map((block, i) => readRequirement(draft, block, give, criteria, String(i + 1)));
}

/** Reads requirements.md in any of its dialects; never throws, and never loses text: the tree points into the source. */
export function parseRequirements(text: string, file = 'requirements.md'): RequirementsTree {
  const draft = openDraft(text, file);
  const headings = headingsOf(draft);
  const requirements = requirementsIn(draft, headings);
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

/** Where a part whose heading is a bold line ends: at the next such line, whatever it says. */
function boldLine(draft: Draft, from: number, end: number): number {
  for (let i = from; i < end; i++) {
    const line = draft.lines[i];
    if (line?.kind === 'text' && /^\*\*[^*]+\*\*[:：]?$/u.test(contentOf(draft, line))) return i;
  }
  return end;
}

/** The three parts of a bug analysis; a document on several bugs has each part once, with the criteria of all. */
function bugParts(draft: Draft, headings: readonly Heading[]): BugfixTree['requirements'] {
  const criteria = new Set<string>();
  const found = new Map<BugfixPart, BugfixTree['requirements'][number]>();
  headings.forEach((heading, index) => {
    const part = parts.find((name) => bugfixHeadings[name].test(heading.title));
    const line = draft.lines[heading.at];
    if (!part || !line) return;
    const end = nextHeading(draft, headings, index, (other) => other.level <= heading.level);
    const id = String(parts.indexOf(part) + 1);
    const earlier = found.get(part);
    const lines = { from: heading.at + 1, to: heading.level === 7 ? boldLine(draft, heading.at + 1, end) : end };
    const own = readCriteria(draft, id, lines, {
      strict: false,
      taken: criteria,
      before: earlier?.criteria.length ?? 0,
    });
    if (earlier) {
      earlier.criteria.push(...own);
      return;
    }
    const span = lineSpan(line);
    const last = draft.lines[end - 1];
    found.set(part, {
      part,
      id,
      title: heading.title,
      criteria: own,
      heading: span,
      span: { ...span, end: last?.end ?? span.end },
    });
  });
  return [...found.values()];
}

/** Reads bugfix.md: the three parts of the analysis, numbered 1, 2 and 3 whatever their headings say. */
export function parseBugfix(text: string, file = 'bugfix.md'): BugfixTree {
  const draft = openDraft(text, file);
  const headings = headingsOf(draft);
  const analysis = bugParts(draft, headings);
  // Written like requirements, the whole document says what is expected.
  const requirements =
    analysis.length > 0
      ? analysis
      : requirementsIn(draft, headings).map((requirement) => ({ ...requirement, part: 'expected' as const }));
  const introduction = readIntroduction(draft, headings);
  return {
    kind: 'bugfix',
    ...documentTree(draft),
    ...(introduction ? { introduction } : {}),
    glossary: readGlossary(draft, headings),
    requirements,
  };
}
