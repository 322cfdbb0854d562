import { contentOf, type Draft, diagnose, documentTree, openDraft, uniqueIds } from './document.ts';
import { fieldsOf } from './fields.ts';
import { headingTitle, type Line, plainText, spanIn } from './lines.ts';
import { splitReferences } from './references.ts';
import type { BoxState, Slot, Task, TaskBox, TasksTree, Wave } from './types.ts';

const ticks: Readonly<Record<string, BoxState>> = {
  ' ': 'open',
  '': 'open',
  '\u3000': 'open',
  _: 'open',
  x: 'done',
  X: 'done',
  '✓': 'done',
  '✔': 'done',
  '✔️': 'done',
  '✅': 'done',
  '☑': 'done',
  '☑️': 'done',
  '-': 'in-progress',
  '/': 'in-progress',
  '🚧': 'in-progress',
  '🔄': 'in-progress',
  '~': 'queued',
  '⏳': 'queued',
  '⬜': 'open',
  '☐': 'open',
  '🔲': 'open',
  '❌': 'open',
};

/** `[x]` and a mark that stands for it; a letter or digit other than x is a link or a footnote, not a box. */
const boxPattern = /^\[((?:[^\p{L}\p{N}\]\\]|[xX])?(?:\uFE0F)?)\](?=\\?\*|\s|$|\d)/u;
const markPattern = /^(✅|✔️|✔|☑️|☑|⬜|☐|🔲|❌|🚧|🔄|⏳)\s+(?=(?:\*\*)?(?:Task\s+)?\d)/u;
const optionalPattern = /^\s*\\?\*(?!\*)\s*/;
const numberPattern =
  /^\s*(?:[^\p{L}\p{N}\s*_~`[\](){}<>"'#-]{1,3}\s+)?(?:\*\*)?(?:(?:Task|任务|タスク|Tarea|Tarefa|Tâche|Aufgabe)\s*[-#]?\s*)?(\d+(?:\.\d+)*[a-z]?|[A-Z]{1,4}-?\d+(?:\.\d+)*)(?:[.:)：、．]+(?=\s|\*|$|[^\d\s])|(?=\s|$)|\*\*)\s*[-–—]?\s*/u;

interface Opened {
  box: TaskBox;
  /** Offset behind the box. */
  rest: number;
}

function boxAt(draft: Draft, line: Line, from: number): Opened | undefined {
  const text = draft.source.slice(from, line.end);
  const box = boxPattern.exec(text);
  if (box) {
    const mark = box[1] ?? '';
    const state = ticks[mark] ?? 'unknown';
    return { box: { state, mark, span: spanIn(line, from + 1, from + 1 + mark.length) }, rest: from + box[0].length };
  }
  const mark = markPattern.exec(text)?.[1];
  if (!mark) return undefined;
  return {
    box: { state: ticks[mark] ?? 'unknown', mark, span: spanIn(line, from, from + mark.length) },
    rest: from + mark.length,
  };
}

interface Head {
  line: Line;
  box?: TaskBox;
  number: string;
  optional: boolean;
  parallel: boolean;
  title: string;
  /** Column that decides nesting. */
  indent: number;
}

/** Reads an item or heading as a task; undefined when it has no box. */
function headOf(draft: Draft, line: Line): Head | undefined {
  if (line.kind !== 'item' && line.kind !== 'heading') return undefined;
  const opened = boxAt(draft, line, line.content);
  if (!opened) return undefined;
  const star = optionalPattern.exec(draft.source.slice(opened.rest, line.end));
  const text = draft.source.slice(opened.rest + (star?.[0].length ?? 0), line.end).trim();
  return {
    line,
    box: opened.box,
    optional: Boolean(star),
    indent: line.kind === 'heading' ? -1 : line.indent,
    ...named(text, line.marker),
  };
}

function named(text: string, marker: string): Pick<Head, 'number' | 'parallel' | 'title'> {
  const match = numberPattern.exec(text);
  const isId =
    match?.[1] &&
    (/[.:)：、．*]/u.test(match[0].slice(match[0].indexOf(match[1]) + match[1].length)) ||
      /[.-]/.test(match[1]) ||
      /^\s*(?:Task|任务|タスク)/iu.test(text) ||
      /^[A-Z]{1,4}-?\d{2,}\s/.test(match[0]) ||
      /^\d+\s/.test(match[0]));
  const number = isId ? (match[1] ?? '') : /^\d+$/.test(marker) ? marker : '';
  const behind = isId ? text.slice(match[0].length).replace(/^(?:\*\*)?\s*[:：]?\s*/u, '') : text;
  // `**1.1 Create**`: the number took the opening mark along.
  const rest = isId && /^\s*\*\*/.test(text) && !/\*\*/.test(match[0].slice(2)) ? behind.replace('**', '') : behind;
  const parallel = /(?:^|\s)\(P\)(?=\s|$)/.test(rest);
  return { number, parallel, title: plainText(rest.replace(/(^|\s)\(P\)(?=\s|$)/, '$1')) };
}

/** `### Task 1.1: Set up ✅`: the mark at the end of a heading stands for a box. */
function tickIn(draft: Draft, line: Line): TaskBox | undefined {
  const text = draft.source.slice(line.content, line.end);
  const match = /([✅☑✔]\uFE0F?)\s*(?:completed?|done)?\s*$/iu.exec(text);
  if (!match?.[1]) return undefined;
  const start = line.content + match.index;
  return { state: 'done', mark: match[1], span: spanIn(line, start, start + match[1].length) };
}

/** A document without a single box: its numbered items or `Task N` headings are the tasks. */
function withoutBoxes(draft: Draft): Head[] {
  const heads: Head[] = [];
  for (const line of draft.lines) {
    if (line.kind === 'heading') {
      const title = headingTitle(draft.source, line);
      if (!/^(?:\W*)(?:Task|任务|タスク|Tarea|Tarefa|Aufgabe)\s*#?\d|^\d+\.\d/iu.test(title)) continue;
      const tick = tickIn(draft, line);
      const clean = title.replace(/\s*[✅☑✔]\uFE0F?\s*(?:completed?|done)?\s*$/iu, '');
      heads.push({ line, ...(tick ? { box: tick } : {}), optional: false, indent: -1, ...named(clean, '') });
    }
  }
  if (heads.length > 0) return heads;
  return draft.lines
    .filter((line) => line.kind === 'item' && line.indent < 2 && /^\d+$/.test(line.marker))
    .map((line) => ({ line, optional: false, indent: line.indent, ...named(contentOf(draft, line), line.marker) }));
}

const isBelow = (number: string, parent: string) => parent !== '' && number.startsWith(`${parent}.`);

/** The open tasks that a new one may belong to: by indent, or by number where children stand at the same column. */
function parentOf(head: Head, stack: { task: Task; head: Head }[]): Task | undefined {
  while (stack.length > 0) {
    const top = stack.at(-1);
    if (!top) break;
    const deeper =
      head.indent > top.head.indent + 1 || (top.head.indent === -1 && head.indent >= 0 && head.line.kind === 'item');
    const numbered = isBelow(head.number, top.head.number);
    const denied = deeper && head.number !== '' && top.head.number !== '' && !numbered && !head.number.includes('.');
    if ((deeper && !denied) || numbered) return top.task;
    stack.pop();
  }
  return undefined;
}

const checkpointPattern = /^[^\w]*(?:final\s+)?checkpoint\b|^ensure all tests pass/i;
const checkpointWords = ['检查点', 'チェックポイント', 'Punto de control', '체크포인트'];
const isCheckpoint = (title: string) =>
  checkpointPattern.test(title) || checkpointWords.some((word) => title.startsWith(word));

function newTask(head: Head, id: string, parent: Task | undefined): Task {
  const { line } = head;
  return {
    id,
    ...(head.number === '' ? {} : { number: head.number }),
    title: head.title,
    ...(head.box ? { box: head.box } : {}),
    optional: head.optional,
    depth: parent ? parent.depth + 1 : 0,
    ...(parent ? { parent: parent.id } : {}),
    children: [],
    details: [],
    requirements: [],
    scope: [],
    depends: [],
    fields: {},
    properties: [],
    parallel: head.parallel,
    checkpoint: isCheckpoint(head.title),
    line: spanIn(line, line.text, line.end),
    span: spanIn(line, line.text, line.end),
  };
}

/** Fields and details of one line below a task (or of its first line, which may carry `(Requirements: 1.1)`). */
function absorb(draft: Draft, task: Task, line: Line, from: number, isFirst: boolean): void {
  const { fields, rest } = fieldsOf(draft.source.slice(from, line.end), from);
  for (const field of fields) {
    if (field.kind === 'requirements')
      task.requirements.push(...splitReferences(field.value, field.start, draft.locate));
    else if (field.kind === 'scope') task.scope.push(...listOf(draft, field.value, field.start));
    else if (field.kind === 'depends') task.depends.push(...dependsOf(draft, field.value, field.start));
    else if (field.kind === 'property') task.properties.push(field.value);
    else task.fields[field.name] = field.value;
  }
  if (isFirst) return;
  const text = plainText(rest);
  if (/[\p{L}\p{N}]/u.test(text)) task.details.push({ text, span: spanIn(line, from, line.end) });
}

/**
 * Numbers of the tasks that must be done before: `1.1, 2`, `Task 3`, `タスク2-5完了（…）`. A range is its ends and what
 * lies between; a value without any number (`-`, `none`, words) names no task.
 */
function dependsOf(draft: Draft, value: string, start: number): Slot[] {
  const plain = value.replaceAll(/[(（][^)）]*[)）]/gu, (note) => ' '.repeat(note.length));
  const number = '(?:T|TASK-?)?\\d+(?:\\.\\d+)*[a-z]?';
  const pattern = new RegExp(
    `(?<![\\p{L}\\d.])(?:task|タスク|任务|任務|tarea|tarefa)?s?\\s*(${number})(?:\\s*[-–~〜]\\s*(${number}))?(?![\\d])`,
    'giu',
  );
  return [...plain.matchAll(pattern)].flatMap((match) => {
    const [from, to] = [match[1] ?? '', match[2]];
    const at = start + match.index + match[0].indexOf(from);
    const span = draft.locate(at, at + from.length);
    const last = Number(to);
    if (to === undefined) return [{ text: from, span }];
    if (!/^\d+$/.test(from) || !(last > Number(from)) || last - Number(from) > 200)
      return [from, to].map((text) => ({ text, span }));
    return Array.from({ length: last - Number(from) + 1 }, (_, i) => ({ text: String(Number(from) + i), span }));
  });
}

function listOf(draft: Draft, value: string, start: number) {
  return [...value.matchAll(/[^,，;；、\s][^,，;；、]*/gu)].map((match) => {
    const text = match[0].trim().replaceAll('`', '');
    return { text, span: draft.locate(start + match.index, start + match.index + match[0].trimEnd().length) };
  });
}

function belongs(line: Line, head: Head, gap: boolean): boolean {
  if (line.kind === 'heading') return head.line.kind === 'heading' && line.level > head.line.level;
  if (head.indent === -1) return true;
  if (line.kind === 'item') return line.indent > head.indent;
  return line.indent > head.indent || (!gap && line.kind === 'text');
}

function readTasks(draft: Draft): Task[] {
  const boxed = draft.lines.flatMap((line) => headOf(draft, line) ?? []);
  const heads = new Map((boxed.length > 0 ? boxed : withoutBoxes(draft)).map((head) => [head.line, head]));
  const tasks: Task[] = [];
  const give = uniqueIds();
  const stack: { task: Task; head: Head }[] = [];
  let current: { task: Task; head: Head } | undefined;
  let gap = false;
  for (const line of draft.lines) {
    const head = heads.get(line);
    if (head) {
      const parent = parentOf(head, stack);
      const task = newTask(head, give(head.number === '' ? `~${tasks.length + 1}` : head.number), parent);
      parent?.children.push(task.id);
      tasks.push(task);
      current = { task, head };
      stack.push(current);
      absorb(draft, task, line, line.content, true);
      extend(stack, line);
    } else if (current && line.kind !== 'blank') {
      current = holder(stack, line, gap);
      if (current && line.kind !== 'rule') {
        if (line.kind === 'item' || line.kind === 'text') absorb(draft, current.task, line, line.content, false);
        extend(stack, line);
      }
    }
    gap = line.kind === 'blank';
  }
  return tasks;
}

/** The innermost open task that a detail line belongs to; a line that leaves a task closes it. */
function holder(stack: { task: Task; head: Head }[], line: Line, gap: boolean) {
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    if (belongs(line, top.head, gap)) return top;
    stack.pop();
  }
  return undefined;
}

function extend(stack: readonly { task: Task }[], line: Line): void {
  for (const { task } of stack) if (line.end > task.span.end) task.span.end = line.end;
}

function readWaves(draft: Draft): TasksTree['waves'] {
  const at = draft.source.indexOf('"waves"');
  if (at < 0) return undefined;
  const block = [
    ...draft.source.matchAll(/^[ \t]*(?:```|~~~)[ \t]*(?:json[c5]?)?[ \t]*\r?\n([\s\S]*?)^[ \t]*(?:```|~~~)[ \t]*$/gim),
  ].find((match) => match[1]?.includes('"waves"'));
  if (!block) return undefined;
  const span = draft.locate(block.index, block.index + block[0].length);
  try {
    const data = JSON.parse(block[1] ?? '') as { waves?: unknown };
    const waves = Array.isArray(data.waves) ? data.waves.flatMap(waveOf) : [];
    return { waves, span };
  } catch {
    draft.diagnostics.push(
      diagnose(
        draft,
        'S6',
        'warning',
        span,
        'the `waves` block is not valid JSON, so the order of tasks is taken from their numbers',
      ),
    );
    return undefined;
  }
}

function waveOf(entry: unknown, i: number): Wave[] {
  if (Array.isArray(entry)) return [{ id: i, tasks: entry.map(String) }];
  if (typeof entry !== 'object' || entry === null) return [];
  const { id, tasks } = entry as { id?: unknown; tasks?: unknown };
  return [{ id: typeof id === 'number' ? id : i, tasks: Array.isArray(tasks) ? tasks.map(String) : [] }];
}

/** Reads tasks.md in any of its dialects; never throws. */
export function parseTasks(text: string, file = 'tasks.md'): TasksTree {
  const draft = openDraft(text, file);
  const tasks = readTasks(draft);
  const waves = readWaves(draft);
  return { kind: 'tasks', ...documentTree(draft), tasks, ...(waves ? { waves } : {}) };
}
