import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScanner, readRules } from '@ambit/scanner';
import { readCatalogSources } from '../../test/support/catalog.ts';
import { scoreBlind } from './code/blind.ts';

const rules = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
const scores = scoreBlind(await createScanner(rules));

// The goals of issue 5 for each category; `node evals/scan/code/blind.ts` lists every miss.
for (const { category, holes, found, safe, flagged, notes } of scores)
  test(`${category}: four of five holes found, under a fifth of safe places flagged`, () => {
    assert.ok(found / holes >= 0.8, `${found} of ${holes}\n${notes.join('\n')}`);
    assert.ok(flagged / safe < 0.2, `${flagged} of ${safe}\n${notes.join('\n')}`);
  });

test('what is said away from any mark stays rare', () => {
  const stray = scores.flatMap(({ notes }) => notes.filter((note) => note.includes(': stray ')));
  assert.ok(stray.length <= 10, stray.join('\n'));
});
