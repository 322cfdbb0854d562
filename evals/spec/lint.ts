// Precision of the EARS rules on criteria labelled by hand. Run: evals/spec/lint.ts
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSpec, type LintRules, parseLintRules, parseSpec, requirementsOf, type SpecTexts } from '@ambit/core/spec';
import { readCatalogSources } from '../../test/support/catalog.ts';
import { corpusSpecs } from './corpus.ts';

interface Label {
  at: string;
  rules: string[];
}

export interface LintFigures {
  labelled: number;
  reported: number;
  right: number;
  missed: number;
  precision: number;
  wrong: string[];
}

/** Rules that speak on one criterion, by label file; the others speak on requirements and whole specs. */
const judged = {
  'lint-labels.json': /^E(?:[1-9]|10|11|14)$/,
  // Labelled from the sentence alone: what needs glossary or neighbours was not judged.
  'lint-labels-blind.json': /^E(?:[1-9]|14)$/,
} as const;
export type LabelFile = keyof typeof judged;

export const labels = (file: LabelFile): Label[] =>
  (JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as { labels: Label[] }).labels;

/** Rules reported on each criterion, by file and line. */
function reported(specs: readonly SpecTexts[], rules: LintRules, judge: RegExp): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const texts of specs) {
    const spec = parseSpec(texts);
    const diagnostics = checkSpec(spec, { rules });
    for (const criterion of requirementsOf(spec).flatMap((entry) => entry.criteria)) {
      const file = spec.requirements?.file ?? '';
      const own = diagnostics.filter(
        (entry) => entry.file === file && entry.about === criterion.id && judge.test(entry.rule),
      );
      found.set(`${file}:${criterion.span.line}`, new Set(own.map((entry) => entry.rule)));
    }
  }
  return found;
}

export function measureLint(specs: readonly SpecTexts[], rules: LintRules, file: LabelFile): LintFigures {
  const found = reported(specs, rules, judged[file]);
  const figures: LintFigures = { labelled: 0, reported: 0, right: 0, missed: 0, precision: 0, wrong: [] };
  for (const { at, rules: expected } of labels(file)) {
    const own = found.get(at);
    if (!own) continue;
    figures.labelled++;
    for (const rule of own) {
      figures.reported++;
      if (expected.includes(rule)) figures.right++;
      else figures.wrong.push(`${at} ${rule}`);
    }
    figures.missed += expected.filter((rule) => !own.has(rule)).length;
  }
  figures.precision = figures.reported === 0 ? 0 : figures.right / figures.reported;
  return figures;
}

if (import.meta.main) {
  const rules = parseLintRules(await readCatalogSources('lint'));
  for (const file of Object.keys(judged) as LabelFile[]) console.log(file, measureLint(corpusSpecs(), rules, file));
}
