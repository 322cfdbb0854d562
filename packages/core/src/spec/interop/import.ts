import { type DraftRequirement, type DraftTask, duty, type SpecDraft } from './draft.ts';

const lines = (text: string) => text.split(/\r\n|\n|\r/);
const bare = (text: string) => text.replaceAll(/\*\*|__/g, '').trim();

interface Block {
  title: string;
  level: number;
  body: string[];
}

/** Headings with the lines directly below each. */
function blocks(text: string): Block[] {
  const found: Block[] = [{ title: '', level: 0, body: [] }];
  let fenced = false;
  for (const line of lines(text)) {
    if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced;
    const heading = fenced ? null : /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (heading) found.push({ title: bare(heading[2] ?? ''), level: heading[1]?.length ?? 1, body: [] });
    else found.at(-1)?.body.push(line);
  }
  return found;
}

interface Steps {
  given: string[];
  when: string[];
  then: string[];
}

/** `**Given** a, **When** b, **Then** c` on one line, or one step a line with «And» going on. */
function stepsOf(text: string): Steps {
  const steps: Steps = { given: [], when: [], then: [] };
  let last: keyof Steps = 'given';
  const pattern = /(?:^|[\n,;]|\*\*)\s*(?:[-*]\s+)?(?:\*\*)?\b(given|when|then|and|but)\b(?:\*\*)?[:,]?\s+/gi;
  const starts = [...text.matchAll(pattern)];
  starts.forEach((match, i) => {
    const word = (match[1] ?? '').toLowerCase();
    const value = bare(text.slice(match.index + match[0].length, starts[i + 1]?.index ?? text.length))
      .replaceAll(/\s+/g, ' ')
      .replace(/[,.;]+$/, '');
    if (word === 'given' || word === 'when' || word === 'then') last = word;
    if (value !== '') steps[last].push(value);
  });
  return steps;
}

const scenario = (text: string, origin: string) => {
  const { given, when, then } = stepsOf(text);
  return then.length === 0 ? [] : [{ text: duty(given, when, then), origin }];
};

const mustToShall = (text: string) =>
  bare(text)
    .replace(/^(?:the\s+)?system\s+(?:must|shall|should)\s+/i, 'THE System SHALL ')
    .replace(/^users?\s+(?:must|shall|should)\s+be\s+able\s+to\s+/i, 'THE System SHALL let the user ')
    .replace(/\bMUST\b/, 'SHALL');

function kitStory(block: Block, following: readonly Block[]): DraftRequirement {
  const title = /^User Story\s*\d+\s*[-–—:]?\s*(.*?)(?:\s*\(Priority:[^)]*\))?$/i.exec(block.title)?.[1] ?? block.title;
  const body = [...block.body, ...following.flatMap((entry) => entry.body)];
  const prose = body.filter((line) => line.trim() !== '' && !/^\s*(?:\d+\.|[-*])\s|^\*\*/.test(line));
  const number = /\d+/.exec(block.title)?.[0] ?? '';
  const criteria = body
    .filter((line) => /^\s*(?:\d+\.|[-*])\s.*\bthen\b/i.test(line))
    .flatMap((line, i) => scenario(line.replace(/^\s*(?:\d+\.|[-*])\s+/, ''), `US${number}/AC${i + 1}`));
  return { title, story: bare(prose[0] ?? ''), criteria };
}

/** spec-kit's `spec.md` and `tasks.md`. */
export function importSpecKit(texts: { spec: string; plan?: string; tasks?: string }): SpecDraft {
  const all = blocks(texts.spec);
  const requirements: DraftRequirement[] = [];
  all.forEach((block, i) => {
    if (!/^User Story\s*\d+/i.test(block.title)) return;
    const end = all.findIndex((other, k) => k > i && other.level <= block.level);
    requirements.push(kitStory(block, all.slice(i + 1, end < 0 ? all.length : end)));
  });
  for (const [pattern, title] of [
    [/^\s*[-*]\s+\*\*(FR-\d+)\*\*:?\s*(.*)$/, 'Functional requirements'],
    [/^\s*[-*]\s+\*\*(SC-\d+)\*\*:?\s*(.*)$/, 'Success criteria'],
  ] as const) {
    const items = lines(texts.spec).flatMap((line) => {
      const match = pattern.exec(line);
      return match ? [{ text: mustToShall(match[2] ?? ''), ...(match[1] ? { origin: match[1] } : {}) }] : [];
    });
    if (items.length > 0) requirements.push({ title, story: '', criteria: items });
  }
  const title = (all.find((block) => block.level === 1)?.title ?? '').replace(/^Feature Specification:\s*/i, '');
  const input = /\*\*Input\*\*:\s*(.*)/.exec(texts.spec)?.[1] ?? '';
  const tasks = kitTasks(texts.tasks ?? '');
  return {
    title,
    introduction: bare(input.replace(/^User description:\s*/i, '')),
    requirements: requirements.filter((entry) => entry.criteria.length > 0),
    tasks,
    ...(texts.plan === undefined ? {} : { design: texts.plan }),
  };
}

function kitTasks(text: string): DraftTask[] {
  let group = '';
  return lines(text).flatMap((line) => {
    group = /^##\s+(.*)$/.exec(line)?.[1]?.trim() ?? group;
    const match = /^\s*[-*]\s+\[([ xX])\]\s+(T\d+)\s+(.*)$/.exec(line);
    if (!match) return [];
    const rest = match[3] ?? '';
    const story = /\[US(\d+)\]/.exec(rest)?.[1];
    const title = rest.replaceAll(/\[(?:P|US\d+)\]\s*/g, '').trim();
    const scope = [...title.matchAll(/(?<![\w/])(?:[\w.@-]+\/)+[\w.@-]+\.\w+/g)].map((path) => path[0]);
    return [
      {
        title,
        done: match[1] !== ' ',
        group,
        requirements: story ? [Number(story)] : [],
        scope,
        parallel: /\[P\]/.test(rest),
        origin: match[2] ?? '',
      },
    ];
  });
}

function openRequirement(block: Block, following: readonly Block[]): DraftRequirement {
  const title = block.title.replace(/^Requirement:\s*/i, '');
  const body = block.body.join('\n').trim();
  const stated =
    body === ''
      ? []
      : body.split(/\n\s*\n/).map((text) => ({ text: mustToShall(text.replaceAll(/\s+/g, ' ')), origin: title }));
  const scenarios = following
    .filter((entry) => /^Scenario:/i.test(entry.title))
    .flatMap((entry) => scenario(entry.body.join('\n'), entry.title));
  return { title, story: '', criteria: [...stated.filter((entry) => /SHALL/.test(entry.text)), ...scenarios] };
}

/** OpenSpec's spec (or delta) files with the change's proposal, design and tasks. Removed requirements stay out. */
export function importOpenSpec(texts: {
  specs: readonly string[];
  proposal?: string;
  design?: string;
  tasks?: string;
  title: string;
}): SpecDraft {
  const requirements = texts.specs.flatMap((text) => {
    const all = blocks(text);
    let removed = false;
    return all.flatMap((block, i) => {
      if (block.level === 2) removed = /^REMOVED/i.test(block.title);
      if (removed || !/^Requirement:/i.test(block.title)) return [];
      const end = all.findIndex((other, k) => k > i && other.level <= block.level);
      return [openRequirement(block, all.slice(i + 1, end < 0 ? all.length : end))];
    });
  });
  const why = blocks(texts.proposal ?? '').find((block) => /^why$/i.test(block.title));
  const purpose = blocks(texts.specs[0] ?? '').find((block) => /^purpose$/i.test(block.title));
  return {
    title: texts.title,
    introduction: (why ?? purpose)?.body.join('\n').trim() ?? '',
    requirements: requirements.filter((entry) => entry.criteria.length > 0),
    tasks: openTasks(texts.tasks ?? ''),
    ...(texts.design === undefined ? {} : { design: texts.design }),
  };
}

function openTasks(text: string): DraftTask[] {
  let group = '';
  return lines(text).flatMap((line) => {
    group = /^##\s+(?:\d+\.\s*)?(.*)$/.exec(line)?.[1]?.trim() ?? group;
    const match = /^\s*[-*]\s+\[([ xX])\]\s+(?:(\d+(?:\.\d+)*)\.?\s+)?(.*)$/.exec(line);
    if (!match) return [];
    return [
      {
        title: match[3] ?? '',
        done: match[1] !== ' ',
        group,
        requirements: [],
        scope: [],
        parallel: false,
        ...(match[2] ? { origin: match[2] } : {}),
      },
    ];
  });
}
