// Learns from the labelled texts of evals/criteria which words go with which weakness, and writes
// catalog/criteria/experience.json. Run it after a set was added: node scripts/experience.ts
// With --leave-out each set is measured with a table learnt from the others only; nothing is written.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labelledSets, measure, readScenarios, relatives, type Scenario } from '../evals/criteria/measure.ts';
import { stemsOf } from '../packages/core/src/capability/experience.ts';
import { parseCriteria } from '../packages/core/src/catalog/index.ts';
import { readCatalogSources } from '../test/support/catalog.ts';
import { root } from './files.ts';

/** A word counts when so many texts hold it. */
const LEAST = 3;
/** Logistic regression: gradient descent with momentum, without chance, so that it gives the same table each time. */
const descent = { decay: 0.5e-3, rounds: 400, rate: 2, momentum: 0.9 };

/**
 * How much the words count beside the cues, here and below. Fitted once, on what the catalogue raised at first contact: that
 * of 2026-11-24 for the seven `blind` sets and that of 2026-11-29 for the three `unseen`, with words learnt from the other
 * sets. Cues that are tuned to the texts at hand would make themselves look infallible.
 */
const mix = { words: 1.1, base: -0.8 };
/** Lower finds more and raises more beside it; the place where both bounds of the evaluation have the same room. */
const RAISE = -1.9;
/** Cues are seldom wrong: the words must speak against one more clearly. */
const DROP = -2.6;

interface Learnt {
  cwe: string;
  raises: string;
  /** Corrections of the fit for this weakness. */
  base: number;
  cue: number;
}

const weaknesses: readonly Learnt[] = [
  { cwe: 'CWE-20', raises: 'value-format/refuse', base: 0.17, cue: 2.15 },
  { cwe: 'CWE-22', raises: 'file-name/contain', base: 0.1, cue: 2.44 },
  { cwe: 'CWE-78', raises: 'tool-process/no-shell', base: 0.45, cue: 3.62 },
  { cwe: 'CWE-79', raises: 'html-output/encode', base: -0.44, cue: 3.13 },
  { cwe: 'CWE-89', raises: 'data-store/bind', base: -0.65, cue: 2.41 },
  { cwe: 'CWE-94', raises: 'evaluator/no-eval', base: 0.38, cue: 3.06 },
  { cwe: 'CWE-117', raises: 'audit-log/one-line', base: 0.46, cue: 3.15 },
  { cwe: 'CWE-284', raises: 'object-access/random-id', base: -0.15, cue: 1.78 },
  { cwe: 'CWE-400', raises: 'limits/body', base: 0, cue: 1.68 },
  { cwe: 'CWE-434', raises: 'upload/type', base: -0.17, cue: 2.77 },
  { cwe: 'CWE-522', raises: 'login/compare', base: -0.27, cue: 2.4 },
  { cwe: 'CWE-703', raises: 'error-handling/keep-serving', base: 1, cue: 3.27 },
  { cwe: 'CWE-863', raises: 'object-access/check-owner', base: -0.91, cue: 2.81 },
];

/** A label that the list does not name counts as the first weakness that accepts it. */
const labels = ({ cwes }: Scenario, cwe: string) =>
  cwes.includes(cwe) ||
  cwes.some((id) => !(id in relatives) && Object.keys(relatives).find((one) => relatives[one]?.includes(id)) === cwe);

interface Model {
  base: number;
  weights: Float64Array;
}

function descend(rows: readonly number[][], wanted: readonly boolean[], size: number): Model {
  const weights = new Float64Array(size);
  const speed = new Float64Array(size);
  let base = 0;
  let baseSpeed = 0;
  for (let round = 0; round < descent.rounds; round++) {
    const slope = weights.map((weight) => weight * descent.decay);
    let baseSlope = 0;
    for (const [k, row] of rows.entries()) {
      const scale = 1 / Math.sqrt(row.length || 1);
      let odds = base;
      for (const word of row) odds += (weights[word] ?? 0) * scale;
      const off = (1 / (1 + Math.exp(-odds)) - (wanted[k] ? 1 : 0)) / rows.length;
      baseSlope += off;
      for (const word of row) slope[word] = (slope[word] ?? 0) + off * scale;
    }
    baseSpeed = descent.momentum * baseSpeed + baseSlope;
    base -= descent.rate * baseSpeed;
    for (let i = 0; i < size; i++) {
      speed[i] = descent.momentum * (speed[i] ?? 0) + (slope[i] ?? 0);
      weights[i] = (weights[i] ?? 0) - descent.rate * (speed[i] ?? 0);
    }
  }
  return { base, weights };
}

const tenths = (value: number) => Math.round(value * 10);

/** The table as `parseExperience` reads it. */
export function learn(texts: readonly Scenario[]): Record<string, unknown> {
  const stems = texts.map((one) => stemsOf(one.text));
  const counts = new Map<string, number>();
  for (const stem of stems.flatMap((set) => [...set])) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  const words = [...counts.keys()].filter((stem) => (counts.get(stem) ?? 0) >= LEAST).sort();
  const places = new Map(words.map((word, index) => [word, index]));
  const rows = stems.map((set) => [...set].flatMap((stem) => places.get(stem) ?? []));
  const models = weaknesses.map(({ cwe }) =>
    descend(
      rows,
      texts.map((one) => labels(one, cwe)),
      words.length,
    ),
  );
  return {
    from: digestOf(texts),
    raise: tenths(RAISE),
    drop: tenths(DROP),
    weaknesses: weaknesses.map(({ cwe, raises, base, cue }, index) => ({
      cwe,
      like: relatives[cwe],
      raises,
      base: tenths((models[index]?.base ?? 0) * mix.words + mix.base + base),
      cue: tenths(cue),
    })),
    words: Object.fromEntries(
      words.map((word, place) => [word, models.map(({ weights }) => tenths((weights[place] ?? 0) * mix.words))]),
    ),
  };
}

/** Names the texts, so that a test can tell a table that was not learnt again. */
export function digestOf(texts: readonly Scenario[]): string {
  return createHash('sha256')
    .update(JSON.stringify(texts.map(({ id, text, cwes }) => [id, text, cwes])))
    .digest('hex');
}

function print(table: Record<string, unknown>): string {
  const { words, ...rest } = table;
  const rows = Object.entries(words as Record<string, number[]>).map(
    ([word, weights]) => `    ${JSON.stringify(word)}: [${weights.join(', ')}]`,
  );
  const head = JSON.stringify(rest, null, 2)
    .replaceAll(/\[\s+("[^\]]*")\s+\]/g, (_, list: string) => `[${list.replaceAll(/\s+/g, ' ')}]`)
    .replace(/\n\}$/, '');
  return `${head},\n  "words": {\n${rows.join(',\n')}\n  }\n}\n`;
}

async function leaveOut(sets: ReadonlyMap<string, readonly Scenario[]>): Promise<void> {
  const sources = (await readCatalogSources('criteria')).filter(({ file }) => !file.endsWith('experience.json'));
  for (const [name, texts] of sets) {
    const data = learn([...sets].filter(([other]) => other !== name).flatMap(([, list]) => list));
    const result = measure(texts, parseCriteria([...sources, { file: 'experience.json', data }]));
    const shown = (share: number) => `${(share * 100).toFixed(1)} %`;
    console.log(
      `${name}: in 15 ${shown(result.first15)}, in 30 ${shown(result.first30)}, wide ${shown(result.wide)}, others ${shown(result.noise)}, median ${result.median}; missed ${result.missed.join(', ')}`,
    );
  }
}

if (import.meta.main) {
  const sets = new Map(labelledSets().map((name) => [name, readScenarios(name)]));
  if (process.argv.includes('--leave-out')) await leaveOut(sets);
  else writeFileSync(join(root, 'catalog', 'criteria', 'experience.json'), print(learn([...sets.values()].flat())));
}
