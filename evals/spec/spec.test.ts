import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLintRules } from '@ambit/core/spec';
import { readCatalogSources } from '../../test/support/catalog.ts';
import { corpusSpecs } from './corpus.ts';
import { measureLint } from './lint.ts';
import { measureMarkdown } from './markdown.ts';
import { measureParser } from './parser.ts';

const specs = corpusSpecs();
const skip = specs.length === 0 ? 'the corpus of real specs is not beside the project' : false;

test('real specs are read: no byte lost, criteria ≥ 99 %, boxes all, references ≥ 99 %', { skip }, () => {
  const figures = measureParser(specs);
  const { criteria, boxes, references, ticks } = figures;
  assert.equal(figures.lostBytes, 0);
  assert.ok(criteria.found >= criteria.byHand * 0.99, figures.disagreements.join('\n'));
  assert.deepEqual([boxes.found, boxes.sameState], [boxes.byHand, boxes.byHand]);
  assert.ok(references.resolved >= references.byHand * 0.99, figures.disagreements.join('\n'));
  assert.equal(ticks.exact, ticks.tried);
});

test('a full CommonMark parser finds no heading and no task item that the line scanner misses', { skip }, () => {
  const { headings, items, disagreements } = measureMarkdown(specs);
  assert.deepEqual([headings.found, items.found, disagreements], [headings.markdown, items.markdown, []]);
});

test('on labelled criteria at least nine of ten diagnostics are right', { skip }, async () => {
  const figures = measureLint(specs, parseLintRules(await readCatalogSources('lint')), 'lint-labels.json');
  assert.ok(figures.labelled >= 200 && figures.reported >= 100, JSON.stringify(figures));
  assert.ok(figures.precision >= 0.9, figures.wrong.join('\n'));
});

test('so it is on criteria that were labelled before the linter saw them, and most faults are found', {
  skip,
}, async () => {
  const rules = parseLintRules(await readCatalogSources('lint'));
  const figures = measureLint(specs, rules, 'lint-labels-blind.json');
  assert.ok(figures.labelled >= 200 && figures.reported >= 30, JSON.stringify(figures));
  assert.ok(figures.precision >= 0.9, figures.wrong.join('\n'));
  assert.ok(figures.right / (figures.right + figures.missed) >= 0.6, JSON.stringify(figures));
});
