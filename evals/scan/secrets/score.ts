import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillSample } from '@ambit/core/detect';
import { createScanner, readRules, scanTexts } from '@ambit/scanner';
import { parse } from 'yaml';
import { readCatalogSources } from '../../../test/support/catalog.ts';

interface Group {
  file: string;
  secret: string[];
  safe: string[];
}

export interface Score {
  found: number;
  missed: string[];
  wrong: string[];
  precision: number;
  recall: number;
  f1: number;
}

/** Runs the samples through the secret rules, each line as a file of its own. */
export async function scoreSecrets(): Promise<Score> {
  const all = readRules(await readCatalogSources('rules'));
  const scanner = await createScanner({ ...all, rules: all.rules.filter((rule) => rule.engine === 'pattern') });
  const groups = parse(readFileSync(join(import.meta.dirname, 'samples.yaml'), 'utf8')) as Group[];
  const score: Score = { found: 0, missed: [], wrong: [], precision: 0, recall: 0, f1: 0 };
  let seed = 1;
  for (const { file, secret, safe } of groups) {
    const says = (line: string) => {
      seed += 1;
      return scanTexts(scanner, new Map([[file, `${fillSample(line, seed)}\n`]])).findings.map(({ ruleId }) => ruleId);
    };
    for (const line of secret)
      if (says(line).length > 0) score.found += 1;
      else score.missed.push(`${file}: ${line}`);
    for (const line of safe) for (const rule of says(line).slice(0, 1)) score.wrong.push(`${file}: ${rule}: ${line}`);
  }
  score.precision = score.found / (score.found + score.wrong.length);
  score.recall = score.found / (score.found + score.missed.length);
  score.f1 = (2 * score.precision * score.recall) / (score.precision + score.recall);
  return score;
}
