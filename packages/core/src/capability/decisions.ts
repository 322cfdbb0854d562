import type { CriteriaCatalog, Criterion } from '../catalog/criterion.ts';
import { coverageOf, type Said } from './covered.ts';
import { type Cue, detect } from './detect.ts';
import { type Raised, rank } from './rank.ts';

export type DecisionState =
  | { kind: 'accepted'; as: string }
  | { kind: 'covered'; by: string }
  | { kind: 'not-applicable'; reason: string };

/** What was decided on one raised criterion, and the words that raised it. */
export interface Decision {
  id: string;
  state: DecisionState;
  cue: Cue;
}

/**
 * Decisions stand in `requirements.md`, in a fenced block with this name: Kiro shows and keeps it, it is approved with the
 * requirements, and no reader takes a quoted sentence in it for a criterion.
 */
export const decisionFence = 'security-criteria';

const line =
  /^\s*([a-z0-9-]+\/[a-z0-9-]+):\s*(?:accepted as (\S+)|covered by (\S+)|not applicable because (.+?))\s*(?:\[[^\]]*\]\s*)?from line (\d+) "(.*)"\s*$/;

/** One line of the block; `ids` are CWE and ASVS identifiers for the reader. */
export function printDecision({ id, state, cue }: Decision, ids: readonly string[]): string {
  const quote = cue.quote.replaceAll(/\s+/g, ' ').replaceAll('```', "'''");
  return `${id}: ${stateText(state)} [${ids.join(' ')}] from line ${cue.line} "${quote}"`;
}

function stateText(state: DecisionState): string {
  if (state.kind === 'accepted') return `accepted as ${state.as}`;
  if (state.kind === 'covered') return `covered by ${state.by}`;
  return `not applicable because ${state.reason.replaceAll(/\s+/g, ' ')}`;
}

function decisionOf(text: string): Decision | undefined {
  const match = line.exec(text);
  if (!match) return undefined;
  const [, id = '', as, by, reason, at, quote = ''] = match;
  const cue = { quote, line: Number(at) };
  if (as !== undefined) return { id, state: { kind: 'accepted', as }, cue };
  if (by !== undefined) return { id, state: { kind: 'covered', by }, cue };
  return { id, state: { kind: 'not-applicable', reason: reason ?? '' }, cue };
}

const fence = new RegExp(`^[ \\t]*\`\`\`${decisionFence}[ \\t]*\\r?\\n([\\s\\S]*?)^[ \\t]*\`\`\`[ \\t]*$`, 'gm');

/** Decisions of a document; lines of the block that are none are left out, so their criteria are raised again. */
export function parseDecisions(document: string): Decision[] {
  return [...document.matchAll(fence)].flatMap((block) =>
    (block[1] ?? '').split(/\r?\n/).flatMap((text) => decisionOf(text) ?? []),
  );
}

/** The document without its decisions, lines kept. */
export function withoutDecisions(document: string): string {
  return document.replaceAll(fence, (block) => block.replaceAll(/[^\n]/g, ''));
}

const flat = (text: string) => text.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').toLowerCase();

/** What to read again: the document's own sentences, and what it says with ids. */
export interface Reading {
  /** `requirements.md` or `bugfix.md` as it is. */
  document: string;
  /** Its criteria with ids and lines. */
  criteria: readonly (Said & { line: number })[];
  /** `design.md`, where tokens, stores and tools first appear. */
  design?: string;
}

export interface OpenCriterion extends Raised {
  /** A refusal that no longer counts, because the words it was given for are gone. */
  reopened?: string;
}

function hasCue(reading: Reading, decision: Decision): boolean {
  const quote = flat(decision.cue.quote.replace(/…$/u, '')).trim();
  return flat(`${withoutDecisions(reading.document)}\n${reading.design ?? ''}`).includes(quote);
}

/**
 * The document's text without what came from the catalogue: what its criteria name is not what the app does. A requirement
 * of such criteria alone goes with its heading and story.
 */
function ownText(reading: Reading, decisions: readonly Decision[], catalog: CriteriaCatalog): string {
  const accepted = new Set(decisions.flatMap((one) => (one.state.kind === 'accepted' ? [one.state.as] : [])));
  const isOurs = (one: Said) => accepted.has(one.id) || catalog.idOf(one.text) !== undefined;
  const lines = withoutDecisions(reading.document)
    .split('\n')
    .map((text) => (text.includes('[NEEDS CLARIFICATION') ? '' : text));
  const groups = new Map<string, (Said & { line: number })[]>();
  for (const one of reading.criteria) {
    const group = one.id.replace(/\.[^.]*$/, '');
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  let before = 0;
  for (const group of groups.values()) {
    const last = Math.max(...group.map((one) => one.line));
    if (group.every(isOurs)) lines.fill('', before, last);
    else for (const one of group) if (isOurs(one)) lines[one.line - 1] = '';
    before = Math.max(before, last);
  }
  return lines.join('\n');
}

/** What the document says itself; a sentence of the catalogue stands for its own criterion only, however alike another is. */
function coverageIn(reading: Reading, catalog: CriteriaCatalog): (criterion: Criterion) => Said | undefined {
  const from = new Map(reading.criteria.map((one) => [one.id, catalog.idOf(one.text)]));
  const coverage = coverageOf(reading.criteria, catalog);
  return (criterion) =>
    coverage(criterion, (one) => from.get(one.id) === undefined || from.get(one.id) === criterion.id);
}

function isOpen(
  criterion: Criterion,
  reading: Reading,
  decision: Decision | undefined,
  covering: (criterion: Criterion) => Said | undefined,
): { open: boolean; reopened?: string } {
  if (decision?.state.kind === 'not-applicable')
    return hasCue(reading, decision) ? { open: false } : { open: true, reopened: decision.state.reason };
  if (decision && reading.criteria.some((one) => one.id === target(decision.state))) return { open: false };
  return { open: covering(criterion) === undefined };
}

const target = (state: DecisionState) =>
  state.kind === 'accepted' ? state.as : state.kind === 'covered' ? state.by : '';

/** Of a design only what it names outright counts: every design speaks of requests, records and errors. */
const NAMED = 3 / 3.4;
const DESIGN_WEIGHT = 4;

/** Everything that a spec calls for, decided or not: its own sentences first, then what only the design names. */
export function raisedFor(reading: Reading, decisions: readonly Decision[], catalog: CriteriaCatalog): Raised[] {
  const own = detect(ownText(reading, decisions, catalog), catalog);
  const raised = rank(own, catalog);
  if (reading.design === undefined) return raised;
  const seen = new Set(own.capabilities.map((entry) => entry.capability.id));
  const design = detect(reading.design, catalog);
  const named = design.capabilities.filter(
    (entry) => !entry.impliedBy && entry.relevance >= NAMED - 0.01 && !seen.has(entry.capability.id),
  );
  const more = rank({ capabilities: named, contexts: design.contexts }, catalog).filter(
    (entry) => entry.criterion.weight >= DESIGN_WEIGHT,
  );
  return [...raised, ...more].map((entry, index) => ({ ...entry, rank: index + 1 }));
}

/**
 * Criteria that a spec calls for and that are neither accepted, nor said, nor refused for words that still stand. Never
 * silent: an accepted criterion whose number is gone is open again.
 */
export function openCriteria(reading: Reading, catalog: CriteriaCatalog): OpenCriterion[] {
  const decisions = parseDecisions(reading.document);
  const byId = new Map(decisions.map((one) => [one.id, one]));
  const covering = coverageIn(reading, catalog);
  return raisedFor(reading, decisions, catalog).flatMap((raised) => {
    const { open, reopened } = isOpen(raised.criterion, reading, byId.get(raised.criterion.id), covering);
    if (!open) return [];
    return [reopened === undefined ? raised : { ...raised, reopened }];
  });
}
