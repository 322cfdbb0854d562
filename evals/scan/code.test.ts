import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createScanner, readRules, scanTexts } from '@ambit/scanner';
import { readCatalogSources } from '../../test/support/catalog.ts';

// Places marked `// hole` and `// safe` by hand, one file for each category; the misses are listed, not hidden.
const folder = join(import.meta.dirname, 'code', 'samples');
const known = JSON.parse(readFileSync(join(import.meta.dirname, 'code', 'misses.json'), 'utf8')) as string[];
const scanner = await createScanner(
  readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks')),
);

interface Score {
  holes: number;
  found: number;
  safe: number;
  flagged: number;
  wrong: string[];
}

function scoreOf(file: string): Score {
  const text = readFileSync(join(folder, file), 'utf8');
  const lines = new Set(scanTexts(scanner, new Map([[file, text]])).findings.map(({ line }) => line));
  const score: Score = { holes: 0, found: 0, safe: 0, flagged: 0, wrong: [] };
  text.split('\n').forEach((line, i) => {
    const mark = /\/\/ (hole|safe)$/.exec(line)?.[1];
    const said = lines.has(i + 1);
    if (mark === 'hole') {
      score.holes++;
      if (said) score.found++;
      else score.wrong.push(`${file}: missed: ${line.trim()}`);
    } else if (mark === 'safe') {
      score.safe++;
      if (said) {
        score.flagged++;
        score.wrong.push(`${file}: flagged: ${line.trim()}`);
      }
    }
  });
  return score;
}

const scores = readdirSync(folder).map((file) => ({ file, ...scoreOf(file) }));

for (const { file, holes, found, safe, flagged } of scores)
  test(`${file}: at least three of four holes found, under a fifth of safe places flagged`, () => {
    assert.ok(found / holes >= 0.75, `${found} of ${holes} holes found`);
    assert.ok(flagged / safe < 0.2, `${flagged} of ${safe} safe places flagged`);
  });

test('every miss is listed, and no listed miss is out of date', () => {
  assert.deepEqual(scores.flatMap(({ wrong }) => wrong).sort(), [...known].sort());
});
