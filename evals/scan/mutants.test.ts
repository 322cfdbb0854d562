import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createScanner, readRules, scanTexts } from '@ambit/scanner';
import { readCatalogSources } from '../../test/support/catalog.ts';
import { missesOf, readApps, runMutants } from './mutants.ts';

const rules = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
const scanner = await createScanner(rules);

/** Marked guards of which nothing is said, and (`intact …`) what is said of marked apps that have all of theirs. */
const known = JSON.parse(readFileSync(join(import.meta.dirname, 'guards-misses.json'), 'utf8')) as string[];

describe('apps with all their guards are clean, or what is said of them is listed', () => {
  for (const [app, texts] of readApps())
    test(app, () => {
      const { findings } = scanTexts(scanner, texts);
      assert.deepEqual(
        findings.map(({ ruleId, file, line }) => `intact ${app}/${file}:${line}: ${ruleId}`),
        known.filter((each) => each.startsWith(`intact ${app}/`)),
      );
    });
});

const all = runMutants(scanner);

test('one guard taken away is found in nine of ten cases', () => {
  const mutants = all.filter(({ marked }) => !marked);
  const missed = mutants.filter(({ found }) => found.length === 0);
  assert.ok(mutants.length >= 60, `${mutants.length} mutants`);
  assert.ok(missed.length / mutants.length <= 0.1, missed.map((each) => JSON.stringify(each)).join('\n'));
});

test('of the guards marked in place every miss is listed, and no listed miss is out of date', () => {
  assert.deepEqual(missesOf(all).sort(), known.filter((each) => !each.startsWith('intact ')).sort());
});
