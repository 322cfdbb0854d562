import { applyEdits } from './edit.ts';
import { type ReferenceIndex, resolveReference } from './references.ts';
import type { Component, Criterion, DesignTree, RequirementRef, TextEdit } from './types.ts';

/** What happened to criteria since the requirements were last in line with design and tasks. */
export interface CriteriaChange {
  /** Old number → new number of a criterion whose words stayed. */
  renumbered: ReadonlyMap<string, string>;
  /** Numbers whose words are others now, with the words they had. */
  reworded: ReadonlyMap<string, string>;
  added: readonly string[];
  /** Numbers that no criterion has any more. */
  removed: ReadonlySet<string>;
}

const plain = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Compares criteria by their words first, then by their numbers. */
export function criteriaChange(before: readonly Criterion[], now: readonly Criterion[]): CriteriaChange {
  const byId = new Map(now.map((entry) => [entry.id, entry]));
  const old = new Map(before.map((entry) => [entry.id, entry]));
  const byText = new Map<string, Criterion[]>();
  for (const entry of now) byText.set(plain(entry.text), [...(byText.get(plain(entry.text)) ?? []), entry]);
  const renumbered = new Map<string, string>();
  const reworded = new Map<string, string>();
  const removed = new Set<string>();
  const met = new Set<string>();
  for (const entry of before) {
    const same = byText.get(plain(entry.text)) ?? [];
    const here = byId.get(entry.id);
    if (same.some((other) => other.id === entry.id)) met.add(entry.id);
    else if (same.length === 1 && same[0]) {
      renumbered.set(entry.id, same[0].id);
      met.add(same[0].id);
      // Another criterion took its number: references to it have moved on with the words.
    } else if (here && ![...renumbered.values()].includes(entry.id)) {
      reworded.set(entry.id, entry.text);
      met.add(entry.id);
    } else removed.add(entry.id);
  }
  for (const id of renumbered.values()) reworded.delete(id);
  const added = now
    .filter((entry) => !met.has(entry.id) && !(old.has(entry.id) && reworded.has(entry.id)))
    .map((entry) => entry.id);
  return { renumbered, reworded, added, removed };
}

/** Numbers in a list of references, moved or taken out; what stands around them stays byte for byte. */
export function moveReferences(
  source: string,
  refs: readonly RequirementRef[],
  change: CriteriaChange,
): { edits: TextEdit[]; left: RequirementRef[] } {
  const edits: TextEdit[] = [];
  const left: RequirementRef[] = [];
  for (const ref of refs) {
    if (ref.kind !== 'id' || ref.from === undefined) continue;
    const written = source.slice(ref.span.start, ref.span.end);
    const at = ref.span.start + written.lastIndexOf(ref.from);
    const to = change.renumbered.get(ref.from);
    if (to !== undefined) edits.push({ start: at, end: at + ref.from.length, text: to });
    else if (change.removed.has(ref.from)) {
      const gap = takeOut(source, at, at + ref.from.length);
      if (gap) edits.push(gap);
      else left.push(ref);
    }
  }
  return { edits, left };
}

/** The number with one comma beside it; undefined where it stands alone, and an empty list would say nothing. */
function takeOut(source: string, start: number, end: number): TextEdit | undefined {
  const before = /,[^\S\r\n]*$/.exec(source.slice(Math.max(0, start - 8), start));
  if (before) return { start: start - before[0].length, end, text: '' };
  const after = /^[^\S\r\n]*,[^\S\r\n]*/.exec(source.slice(end, end + 8));
  return after ? { start, end: end + after[0].length, text: '' } : undefined;
}

export interface DesignSync {
  text: string;
  /** One line each, for people. */
  changed: string[];
  /** What a person has to look at: it cannot be decided from the words. */
  open: string[];
}

const label = 'Revised';

/** `- Revised 1.2: …` of an earlier sync in a section. */
function earlier(source: string, part: Component, id: string): { start: number; end: number } | undefined {
  const pattern = new RegExp(`^- ${label} ${id.replaceAll('.', '\\.')}: [^\\r\\n]*`, 'm');
  const found = pattern.exec(source.slice(part.span.start, part.span.end));
  return found
    ? { start: part.span.start + found.index, end: part.span.start + found.index + found[0].length }
    : undefined;
}

const requirementOf = (id: string, index: ReferenceIndex) => index.owner.get(id) ?? id;

/** The components that carry a requirement: they refer to it or to one of its criteria. */
function carriers(design: DesignTree, requirement: string, index: ReferenceIndex, id: string): Component[] {
  return design.components.filter((part) =>
    design.mentions.some(
      (ref) =>
        ref.span.start >= part.span.start &&
        ref.span.end <= part.span.end &&
        (ref.from === id || resolveReference(ref, index).requirements.includes(requirement)),
    ),
  );
}

/** Where a list of references of this requirement ends in a section, so that a new number can be put behind it. */
function listEnd(design: DesignTree, part: Component, requirement: string, index: ReferenceIndex): number | undefined {
  const own = design.mentions.filter(
    (ref) =>
      ref.span.start >= part.span.start &&
      ref.span.end <= part.span.end &&
      ref.kind === 'id' &&
      ref.from !== requirement &&
      resolveReference(ref, index).requirements.includes(requirement),
  );
  return own.at(-1)?.span.end;
}

/** Behind the last line of a section that holds something. */
function sectionEnd(source: string, part: Component): number {
  return part.span.start + source.slice(part.span.start, part.span.end).trimEnd().length;
}

/**
 * design.md in line with edited requirements: references move with the criteria they mean, numbers that are gone leave
 * their lists, quoted old words become the new ones, and the sections that carry a changed requirement say what it
 * demands now. Everything else stays byte for byte.
 */
export function syncDesign(
  design: DesignTree,
  change: CriteriaChange,
  criteria: readonly Criterion[],
  index: ReferenceIndex,
): DesignSync {
  const { source } = design;
  const eol = source.includes('\r\n') ? '\r\n' : '\n';
  const changed: string[] = [];
  const open: string[] = [];
  const refs = [...design.mentions, ...design.properties.flatMap((property) => property.validates)];
  const { edits, left } = moveReferences(source, refs, change);
  for (const [from, to] of change.renumbered)
    if (refs.some((ref) => ref.from === from)) changed.push(`references to ${from} are to ${to} now`);
  for (const id of change.removed)
    if (refs.some((ref) => ref.from === id)) changed.push(`${id} is gone from the lists that named it`);
  for (const ref of left) open.push(`line ${ref.span.line} refers to ${ref.from} alone, which is gone`);
  for (const ref of refs)
    if (ref.kind === 'range' && !resolveReference(ref, index).resolved)
      open.push(`line ${ref.span.line}: the range ${ref.text} no longer fits`);
  const byId = new Map(criteria.map((entry) => [entry.id, entry]));
  for (const [id, was] of change.reworded) {
    const now = byId.get(id);
    if (!now) continue;
    for (let at = source.indexOf(was); was !== '' && at >= 0; at = source.indexOf(was, at + was.length)) {
      edits.push({ start: at, end: at + was.length, text: now.text });
      changed.push(`the quoted words of ${id} are the new ones`);
    }
    for (const property of design.properties)
      if (property.validates.some((ref) => resolveReference(ref, index).criteria.includes(id)))
        open.push(`property ${property.id} validates ${id}, whose words changed: does it still say the same`);
  }
  const notes = new Map<Component, string[]>();
  for (const id of [...change.reworded.keys(), ...change.added]) {
    const criterion = byId.get(id);
    if (!criterion) continue;
    const requirement = requirementOf(id, index);
    const parts = carriers(design, requirement, index, id);
    if (parts.length === 0) open.push(`no component carries ${id}`);
    for (const part of parts) {
      const end = change.added.includes(id) ? listEnd(design, part, requirement, index) : undefined;
      if (end !== undefined) edits.push({ start: end, end, text: `, ${id}` });
      const line = `- ${label} ${id}: ${criterion.text}`;
      const old = earlier(source, part, id);
      if (old && source.slice(old.start, old.end) === line) continue;
      changed.push(`${part.name}: what ${id} demands now`);
      if (old) edits.push({ ...old, text: line });
      else notes.set(part, [...(notes.get(part) ?? []), line]);
    }
  }
  for (const [part, lines] of notes) {
    const at = sectionEnd(source, part);
    const list = /(?:^|\n)[-*+] [^\n]*$/.test(source.slice(part.span.start, at));
    edits.push({ start: at, end: at, text: `${list ? eol : eol + eol}${lines.join(eol)}` });
  }
  return { text: applyEdits(source, edits), changed: [...new Set(changed)], open: [...new Set(open)] };
}
