// node evals/scan/code/blind.ts [category]: places marked before the rules were read, one set for each category,
// each snippet a file of its own (`//// name`); what was missed, wrongly flagged or said away from any mark is listed.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createScanner, readRules, type Scanner, scanTexts } from '@ambit/scanner';
import { readCatalogSources } from '../../../test/support/catalog.ts';

const folder = join(import.meta.dirname, 'blind');
const MARK = /(?:\/\/|#|<!--) (hole|safe)(?: -->)?\s*$/;

export interface BlindScore {
  category: string;
  holes: number;
  found: number;
  safe: number;
  flagged: number;
  stray: number;
  notes: string[];
}

interface Snippet {
  name: string;
  lines: string[];
}

function snippetsOf(text: string): Snippet[] {
  const snippets: Snippet[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('//// ')) snippets.push({ name: line.slice(5).trim(), lines: [] });
    else snippets.at(-1)?.lines.push(line);
  }
  return snippets;
}

function addSnippet(score: BlindScore, { name, lines }: Snippet, said: ReadonlyMap<number, string[]>): void {
  lines.forEach((line, i) => {
    const mark = MARK.exec(line)?.[1];
    const rules = said.get(i + 1) ?? [];
    const note = (what: string) => score.notes.push(`${score.category}/${name}: ${what}: ${line.trim()}`);
    if (mark === 'hole') {
      score.holes++;
      if (rules.length > 0) score.found++;
      else note('missed');
    } else if (mark === 'safe') {
      score.safe++;
      if (rules.length > 0) {
        score.flagged++;
        note(`flagged by ${rules.join(', ')}`);
      }
    } else if (rules.length > 0) {
      score.stray += rules.length;
      note(`stray ${rules.join(', ')}`);
    }
  });
}

export function scoreBlind(scanner: Scanner): BlindScore[] {
  return readdirSync(folder).map((file) => {
    const score: BlindScore = {
      category: basename(file, '.txt'),
      holes: 0,
      found: 0,
      safe: 0,
      flagged: 0,
      stray: 0,
      notes: [],
    };
    for (const snippet of snippetsOf(readFileSync(join(folder, file), 'utf8'))) {
      // Marks are taken out, so that no rule can read them.
      const text = snippet.lines.map((line) => line.replace(MARK, '')).join('\n');
      const said = new Map<number, string[]>();
      for (const { line, ruleId } of scanTexts(scanner, new Map([[snippet.name, text]])).findings)
        said.set(line, [...(said.get(line) ?? []), ruleId]);
      addSnippet(score, snippet, said);
    }
    return score;
  });
}

const percent = (part: number, whole: number) => `${whole === 0 ? '-' : Math.round((100 * part) / whole)} %`;

if (import.meta.main) {
  const only = process.argv[2];
  const rules = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
  const scores = scoreBlind(await createScanner(rules)).filter(({ category }) => !only || category === only);
  for (const { notes } of scores) for (const line of notes) console.log(line);
  for (const { category, holes, found, safe, flagged, stray } of scores)
    console.log(
      `${category.padEnd(10)} recall ${percent(found, holes)} (${found}/${holes}), safe flagged ${percent(flagged, safe)} (${flagged}/${safe}), stray ${stray}`,
    );
  const sum = (of: (score: BlindScore) => number) => scores.reduce((total, score) => total + of(score), 0);
  const found = sum((s) => s.found);
  console.log(
    `all: recall ${percent(
      found,
      sum((s) => s.holes),
    )}, precision ${percent(found, found + sum((s) => s.flagged))}, safe flagged ${percent(
      sum((s) => s.flagged),
      sum((s) => s.safe),
    )}, stray ${sum((s) => s.stray)}`,
  );
}
