// How exactly the parser reads real specs, measured against the naive reader. Run: evals/spec/parser.ts [folder]
import {
  parseSpec,
  printDocument,
  referenceIndex,
  requirementsOf,
  resolveReference,
  type Spec,
  type SpecTexts,
  setTaskBox,
} from '@ambit/core/spec';
import { corpusRoot, corpusSpecs } from './corpus.ts';
import { naiveBoxes, naiveCriteria, naiveIds, naiveReferences } from './naive.ts';

export interface ParserFigures {
  specs: number;
  documents: number;
  lostBytes: number;
  criteria: { byHand: number; found: number };
  boxes: { byHand: number; found: number; sameState: number };
  references: { byHand: number; resolved: number };
  /** Ticking each task and taking the tick back gave the same bytes. */
  ticks: { tried: number; exact: number };
  disagreements: string[];
}

const states: Readonly<Record<string, string>> = {
  ' ': 'open',
  x: 'done',
  X: 'done',
  '-': 'in-progress',
  '~': 'queued',
};

function compareCriteria(spec: Spec, figures: ParserFigures): void {
  const tree = spec.requirements;
  if (!tree) return;
  const lines = new Set(tree.requirements.flatMap((entry) => entry.criteria.map((criterion) => criterion.span.line)));
  for (const line of naiveCriteria(tree.source)) {
    figures.criteria.byHand++;
    if (lines.has(line)) figures.criteria.found++;
    else figures.disagreements.push(`${tree.file}:${line} criterion not recognised`);
  }
}

function compareTasks(spec: Spec, figures: ParserFigures): void {
  const tree = spec.tasks;
  if (!tree) return;
  const byLine = new Map(tree.tasks.map((task) => [task.line.line, task]));
  for (const { line, mark } of naiveBoxes(tree.source)) {
    figures.boxes.byHand++;
    const box = byLine.get(line)?.box;
    if (box) figures.boxes.found++;
    else figures.disagreements.push(`${tree.file}:${line} box not recognised`);
    if (box && box.state === (states[mark] ?? box.state)) figures.boxes.sameState++;
  }
  const ids = naiveIds(spec.requirements?.source ?? '');
  const index = referenceIndex(requirementsOf(spec));
  const resolved = new Map<number, Set<string>>();
  for (const ref of tree.tasks.flatMap((task) => task.requirements)) {
    const line = resolved.get(ref.span.line) ?? new Set();
    for (const id of resolveReference(ref, index).criteria) line.add(id);
    resolved.set(ref.span.line, line);
  }
  for (const { line, id } of naiveReferences(tree.source)) {
    if (!ids.has(id)) continue;
    figures.references.byHand++;
    if (resolved.get(line)?.has(id)) figures.references.resolved++;
    else figures.disagreements.push(`${tree.file}:${line} reference ${id} not resolved`);
  }
  for (const task of tree.tasks.slice(0, 20)) {
    if (task.box?.state !== 'open') continue;
    figures.ticks.tried++;
    const ticked = setTaskBox(tree.source, task.id, 'done');
    const back = ticked.ok ? setTaskBox(ticked.text, task.id, 'open') : ticked;
    if (ticked.ok && back.ok && back.text === tree.source && ticked.text.length === tree.source.length)
      figures.ticks.exact++;
  }
}

export function measureParser(specs: readonly SpecTexts[]): ParserFigures {
  const figures: ParserFigures = {
    specs: specs.length,
    documents: 0,
    lostBytes: 0,
    criteria: { byHand: 0, found: 0 },
    boxes: { byHand: 0, found: 0, sameState: 0 },
    references: { byHand: 0, resolved: 0 },
    ticks: { tried: 0, exact: 0 },
    disagreements: [],
  };
  for (const texts of specs) {
    const spec = parseSpec(texts);
    for (const kind of ['requirements', 'bugfix', 'design', 'tasks'] as const) {
      const text = texts[kind]?.text;
      const tree = spec[kind];
      if (text === undefined || !tree) continue;
      figures.documents++;
      figures.lostBytes += Math.abs(printDocument(tree).length - text.length) + (printDocument(tree) === text ? 0 : 1);
    }
    compareCriteria(spec, figures);
    compareTasks(spec, figures);
  }
  return figures;
}

if (import.meta.main) {
  const specs = corpusSpecs(process.argv[2] ?? corpusRoot);
  const { disagreements, ...figures } = measureParser(specs);
  console.log(JSON.stringify(figures, null, 2));
  console.log(disagreements.slice(0, 40).join('\n'));
}
