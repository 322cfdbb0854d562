import { requirementsOf } from '../spec.ts';
import type { Diagnostic, DocumentTree, Spec, Suppression } from '../types.ts';
import { type CheckOptions, type LintContext, report } from './context.ts';
import { checkGraph } from './graph.ts';
import { checkDuplicates, checkUnwanted } from './sets.ts';
import { checkPlaceholder, checkPlaceholders, checkTerms, mayHavePlaceholder } from './terms.ts';
import { checkWording } from './wording.ts';

const documentsOf = (spec: Spec): DocumentTree[] =>
  [spec.requirements, spec.bugfix, spec.design, spec.tasks].filter((tree) => tree !== undefined);

function checkLanguage(context: LintContext): void {
  const tree = context.spec.requirements ?? context.spec.bugfix;
  if (!tree || tree.language === 'en') return;
  report(context, 'S9', 'note', { tree, span: { start: 0, end: 0, line: 1, column: 1 } }, { word: tree.language });
}

function checkRaised(context: LintContext): void {
  const tree = context.spec.requirements;
  if (!tree) return;
  for (const raised of context.raised ?? []) {
    const span = { start: 0, end: 0, line: raised.line, column: 1 };
    const place = raised.inDesign && context.spec.design ? context.spec.design : tree;
    report(context, 'E15', 'missing', { tree: place, span }, { quote: raised.quote, id: raised.id, text: raised.text });
  }
}

function checkFiles(context: LintContext): void {
  for (const tree of documentsOf(context.spec))
    for (const reference of tree.references) {
      const state = context.missingFiles?.get(reference.path);
      if (state) report(context, 'S4', state, { tree, span: reference.span }, { word: reference.path });
    }
}

/** Lines a suppression of scope `next` speaks for: to the end of the first criterion, task or heading behind it. */
function reach(context: LintContext, tree: DocumentTree, suppression: Suppression): { from: number; to: number } {
  const own = suppression.span.line;
  const spans = [
    ...requirementsOf(context.spec).flatMap((entry) => [
      entry.heading,
      ...entry.criteria.map((criterion) => criterion.span),
    ]),
    ...(context.spec.tasks?.tasks.map((task) => task.line) ?? []),
    ...tree.sections.map((section) => section.span),
  ].filter((span) => tree.source.slice(span.start, span.end) !== '');
  const lineOf = (offset: number) => tree.source.slice(0, offset).split('\n').length;
  const around = spans.find((span) => span.start <= suppression.span.start && span.end >= suppression.span.end);
  if (around) return { from: around.line, to: lineOf(around.end) };
  const next = spans.filter((span) => span.line > own).sort((a, b) => a.line - b.line)[0];
  return next ? { from: own, to: lineOf(next.end) } : { from: own, to: own };
}

function suppressed(context: LintContext, tree: DocumentTree): void {
  const own = () => context.found.filter((entry) => entry.file === tree.file);
  for (const suppression of tree.suppressions) {
    const words = suppression.rules.join(', ');
    const place = { tree, span: suppression.span };
    if (suppression.reason === '') {
      report(context, 'S7', 'reason', place, { words });
      continue;
    }
    const range =
      suppression.scope === 'file' ? { from: 0, to: Number.POSITIVE_INFINITY } : reach(context, tree, suppression);
    const silenced = own().filter(
      (entry) =>
        suppression.rules.includes(entry.rule) && entry.line >= range.from && entry.line <= range.to && !isFixed(entry),
    );
    if (silenced.length === 0) report(context, 'S7', 'unused', place, { words });
    const gone = new Set(silenced);
    context.found = context.found.filter((entry) => !gone.has(entry));
  }
}

/** What blocks approval cannot be silenced in the file that asks for it. */
const isFixed = (entry: Diagnostic) => entry.rule === 'S7' || (entry.rule === 'E9' && entry.severity === 'error');

const weight = { error: 0, warning: 1, info: 2 } as const;

/**
 * Every diagnostic of one spec: those of the parsers and those of the rules, by file and place. The same verdict is
 * used by author, check, approval and runner.
 */
export function checkSpec(spec: Spec, options: CheckOptions): Diagnostic[] {
  const context: LintContext = { ...options, spec, found: [] };
  for (const tree of documentsOf(spec)) {
    context.found.push(...tree.diagnostics);
    checkPlaceholders(context, tree);
  }
  context.found.push(...(spec.config?.diagnostics ?? []));
  const source = spec.requirements ?? spec.bugfix;
  if (source) {
    const open = mayHavePlaceholder(source);
    for (const requirement of source.requirements) {
      const part = 'part' in requirement ? requirement.part : undefined;
      for (const criterion of requirement.criteria) {
        checkWording(context, source, criterion, part);
        if (open) checkPlaceholder(context, source, criterion);
      }
      if (source.kind === 'requirements') checkUnwanted(context, source, requirement);
    }
    const criteria = source.requirements.flatMap((entry) => entry.criteria);
    checkTerms(context, source, source.glossary, criteria);
    checkDuplicates(context, source, criteria);
  }
  checkGraph(context);
  checkLanguage(context);
  checkRaised(context);
  checkFiles(context);
  for (const tree of documentsOf(spec)) suppressed(context, tree);
  return context.found.sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      a.line - b.line ||
      weight[a.severity] - weight[b.severity] ||
      a.column - b.column,
  );
}
