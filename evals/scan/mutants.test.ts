import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createScanner, readRules, scanTexts } from '@ambit/scanner';
import { readCatalogSources } from '../../test/support/catalog.ts';
import { readApps, runMutants } from './mutants.ts';

const rules = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
const scanner = await createScanner(rules);

describe('apps with all their guards are clean', () => {
  for (const [app, texts] of readApps())
    test(app, () => {
      const { findings } = scanTexts(scanner, texts);
      assert.deepEqual(
        findings.map(({ ruleId, file, line }) => `${ruleId} ${file}:${line}`),
        [],
      );
    });
});

test('one guard taken away is found in nine of ten cases', () => {
  const mutants = runMutants(scanner);
  const missed = mutants.filter(({ found }) => found.length === 0);
  assert.ok(mutants.length >= 60, `${mutants.length} mutants`);
  assert.ok(missed.length / mutants.length <= 0.1, missed.map((each) => JSON.stringify(each)).join('\n'));
});
