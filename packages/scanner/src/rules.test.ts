import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCatalogSources } from '../../../test/support/catalog.ts';
import { readCheckedRules } from './catalog.ts';
import { proveRules } from './prove.ts';

const catalog = await readCheckedRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));

test('every rule and filter speaks of its match samples, at their line, and of none of its no-match samples', async () => {
  const failures = await proveRules(catalog);
  assert.deepEqual(
    failures.map(({ rule, problem }) => `${rule} ${problem}`),
    [],
  );
});

test('the catalogue holds at least 120 forms of secrets', () => {
  assert.ok(catalog.rules.filter((rule) => rule.engine === 'pattern').length >= 120);
});

test('a rule with a wrong sample, or without samples, is reported', async () => {
  const [first] = catalog.rules.filter((rule) => rule.id === 'github-token');
  assert.ok(first);
  const { samples: _none, ...bare } = first;
  const wrong = { match: [{ code: 'nothing here', line: 1 }], 'no-match': first.samples?.match ?? [] };
  const failures = await proveRules({ rules: [{ ...first, samples: wrong }], filters: [] });
  assert.equal(failures.length, 1 + wrong['no-match'].length);
  assert.equal((await proveRules({ rules: [bare], filters: [] })).length, 2);
});
