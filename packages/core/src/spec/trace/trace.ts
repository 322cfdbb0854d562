import type { CitedTest } from '../evidence.ts';
import { referenceIndex, resolveReference } from '../references.ts';
import { requirementsOf } from '../spec.ts';
import type { RequirementRef, Span, Spec } from '../types.ts';

/** What the documents alone cannot say. */
export interface TraceSources {
  /** Tests that cite something, of the whole workspace. */
  tests?: readonly CitedTest[];
  /** Files that tasks changed, from the runner's records. */
  changes?: readonly { task: string; files: readonly string[] }[];
  /** Verdict per criterion: `proven`, `drifted`, … */
  verdicts?: ReadonlyMap<string, string>;
  /** Security criteria of the catalogue by the criterion they were accepted as. */
  security?: ReadonlyMap<string, string>;
  /** A citation without a spec's name may mean this spec. */
  loose?: boolean;
}

export interface TraceRow {
  criterion: string;
  requirement: string;
  text: string;
  line: number;
  /** Design parts that name it. */
  components: string[];
  properties: string[];
  tasks: { id: string; title: string; done: boolean; optional: boolean }[];
  tests: { file: string; line: number; name: string; assertions: number; skipped: boolean }[];
  files: string[];
  security?: string;
  verdict?: string;
}

export type GapKind =
  | 'no-task'
  | 'no-test'
  | 'no-criterion'
  | 'unrequested'
  | 'dangling'
  | 'weak-test'
  | 'done-without-test';

/** A place where the chain is broken. */
export interface Gap {
  kind: GapKind;
  /** Criterion, requirement, task or test it is about. */
  about: string;
  message: string;
  file?: string;
  line?: number;
}

export interface Trace {
  spec: string;
  rows: TraceRow[];
  gaps: Gap[];
}

const within = (inner: Span, outer: Span) => inner.start >= outer.start && inner.end <= outer.end;

interface Links {
  add: (criterion: string, into: (row: TraceRow) => void) => void;
  each: (refs: readonly RequirementRef[], into: (row: TraceRow) => void) => boolean;
}

function linkDesign(spec: Spec, links: Links): Map<string, string[]> {
  const validated = new Map<string, string[]>();
  const { design } = spec;
  if (!design) return validated;
  const index = referenceIndex(requirementsOf(spec));
  for (const property of design.properties) {
    const name = `Property ${property.id}`;
    validated.set(
      property.id,
      property.validates.flatMap((ref) => resolveReference(ref, index).criteria),
    );
    links.each(property.validates, (row) => row.properties.includes(name) || row.properties.push(name));
  }
  for (const part of [...design.components, ...design.dataModels]) {
    const own = design.mentions.filter((ref) => within(ref.span, part.span));
    links.each(own, (row) => row.components.includes(part.name) || row.components.push(part.name));
  }
  return validated;
}

function linkTasks(spec: Spec, sources: TraceSources, links: Links, gaps: Gap[]): void {
  const changed = new Map((sources.changes ?? []).map((entry) => [entry.task, entry.files]));
  for (const task of spec.tasks?.tasks ?? []) {
    const entry = { id: task.id, title: task.title, done: task.box?.state === 'done', optional: task.optional };
    const files = changed.get(task.id) ?? [];
    const linked = links.each(task.requirements, (row) => {
      row.tasks.push(entry);
      for (const file of files) if (!row.files.includes(file)) row.files.push(file);
    });
    if (!linked && files.length > 0)
      gaps.push({
        kind: 'unrequested',
        about: `task ${task.id}`,
        message: `task ${task.id} changed ${files.slice(0, 4).join(', ')}${files.length > 4 ? ` and ${files.length - 4} more` : ''} for no criterion`,
        ...(spec.tasks ? { file: spec.tasks.file } : {}),
        line: task.line.line,
      });
  }
}

const slug = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');

/** Does the citation speak of this spec: by name, by the last segment, or by the title Kiro's agents write. */
function speaksOf(spec: Spec, cited: string, loose: boolean): boolean {
  if (cited === '') return loose;
  const title = spec.tasks?.title.replace(/^.*?[:：—-]\s*/u, '') ?? '';
  return [spec.name, spec.name.split('/').at(-1) ?? '', slug(title)].includes(slug(cited)) || cited === spec.name;
}

function linkTests(
  spec: Spec,
  sources: TraceSources,
  links: Links,
  validated: ReadonlyMap<string, string[]>,
  gaps: Gap[],
): void {
  const index = referenceIndex(requirementsOf(spec));
  for (const test of sources.tests ?? []) {
    const { file, line, name, assertions, skipped } = test;
    for (const cite of test.cites) {
      if (!speaksOf(spec, cite.spec, sources.loose === true)) continue;
      const property = /^property (\w+)$/i.exec(cite.criterion)?.[1];
      const criteria = property
        ? (validated.get(property) ?? [])
        : resolveReference(
            { kind: 'id', from: cite.criterion, text: cite.criterion, span: { start: 0, end: 0, line: 1, column: 1 } },
            index,
          ).criteria;
      for (const criterion of criteria)
        links.add(
          criterion,
          (row) =>
            row.tests.some((entry) => entry.file === file && entry.line === line) ||
            row.tests.push({ file, line, name, assertions, skipped }),
        );
      if (criteria.length === 0 && cite.spec !== '')
        gaps.push({
          kind: 'dangling',
          about: `${cite.spec}/${cite.criterion}`,
          message: `test «${name}» cites ${cite.criterion}, which does not exist`,
          file,
          line,
        });
    }
  }
}

function rowGaps(spec: Spec, row: TraceRow, sources: TraceSources): Gap[] {
  const source = spec.requirements ?? spec.bugfix;
  const place = { about: row.criterion, ...(source ? { file: source.file } : {}), line: row.line };
  const gaps: Gap[] = [];
  if (spec.tasks && row.tasks.length === 0)
    gaps.push({ kind: 'no-task', message: `no task covers ${row.criterion}`, ...place });
  if (!sources.tests) return gaps;
  const done = row.tasks.length > 0 && row.tasks.every((task) => task.done || task.optional);
  if (row.tests.length === 0)
    gaps.push({
      kind: done ? 'done-without-test' : 'no-test',
      message: done ? `its tasks are ticked, but no test cites ${row.criterion}` : `no test cites ${row.criterion}`,
      ...place,
    });
  else if (row.tests.every((test) => test.skipped || test.assertions === 0))
    gaps.push({
      kind: 'weak-test',
      message: `every test that cites ${row.criterion} is skipped or asserts nothing`,
      ...place,
    });
  return gaps;
}

/** Joins requirement, design, property, task, test, file and security criterion, and names what is missing. Pure. */
export function traceSpec(spec: Spec, sources: TraceSources = {}): Trace {
  const index = referenceIndex(requirementsOf(spec));
  const rows = new Map<string, TraceRow>();
  const gaps: Gap[] = [];
  const source = spec.requirements ?? spec.bugfix;
  for (const requirement of requirementsOf(spec)) {
    if (requirement.criteria.length === 0)
      gaps.push({
        kind: 'no-criterion',
        about: requirement.id,
        message: `requirement ${requirement.id} has no criterion`,
        ...(source ? { file: source.file } : {}),
        line: requirement.heading.line,
      });
    for (const { id, text, span } of requirement.criteria) {
      const security = sources.security?.get(id);
      const verdict = sources.verdicts?.get(id);
      rows.set(id, {
        criterion: id,
        requirement: requirement.id,
        text,
        line: span.line,
        components: [],
        properties: [],
        tasks: [],
        tests: [],
        files: [],
        ...(security ? { security } : {}),
        ...(verdict ? { verdict } : {}),
      });
    }
  }
  const links: Links = {
    add: (criterion, into) => {
      const row = rows.get(criterion);
      if (row) into(row);
    },
    each: (refs, into) => {
      const criteria = new Set(refs.flatMap((ref) => resolveReference(ref, index).criteria));
      for (const criterion of criteria) links.add(criterion, into);
      return criteria.size > 0;
    },
  };
  const validated = linkDesign(spec, links);
  linkTasks(spec, sources, links, gaps);
  linkTests(spec, sources, links, validated, gaps);
  const all = [...rows.values()];
  return { spec: spec.name, rows: all, gaps: [...all.flatMap((row) => rowGaps(spec, row, sources)), ...gaps] };
}
