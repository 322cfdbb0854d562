import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRule, foldPath } from '@ambit/core/policy-model';
import { readCatalogSources } from '../../../../test/support/catalog.ts';
import { readCases, readPolicySets, runCases, shippedPolicy } from './index.ts';
import { policySetSource } from './sets.ts';

const files = await readCatalogSources('policies');
const policy = shippedPolicy(files);

for (const source of files.filter(({ file }) => file.startsWith('policies/cases/'))) {
  test(`decision cases of ${source.file}`, async () => {
    const results = await runCases(source, policy);
    const problems = results
      .filter((result) => result.problem)
      .map(({ case: { expect: _expect, ...one }, problem }) => `${JSON.stringify(one)}: ${problem}`);
    assert.deepEqual(problems, []);
  });
}

test('a file of cases with an unknown field is refused', () => {
  assert.throws(
    () => readCases({ file: 'x.yaml', data: { id: 'x', title: 'x', cases: [{ wrte: 'a', expect: 'deny' }] } }),
    {
      code: 'input.broken',
      where: 'x.yaml',
    },
  );
});

test('every rule that protects files has samples of both kinds, and they hold', () => {
  const names = new Set(
    readPolicySets(files)
      .filter(({ protects }) => protects)
      .map(({ id }) => id),
  );
  for (const { data } of files) {
    const set = policySetSource.safeParse(data);
    if (!set.success || !names.has(set.data.id)) continue;
    const compiled = new Map(
      readPolicySets(files).flatMap(({ rules }) => rules.map((rule) => [rule.id, compileRule(rule)])),
    );
    for (const { id = '', samples, effect } of set.data.rules) {
      assert.ok(samples && samples.match.length > 0 && samples.noMatch.length > 0, `${id} has no samples`);
      const capability = compiled.get(id)?.rule.capabilities[0] ?? 'all';
      const applies = (value: string) => compiled.get(id)?.applies({ capability, value, classes: [] }, foldPath(value));
      for (const value of samples.match) assert.equal(applies(value), true, `${id} (${effect}) should match ${value}`);
      for (const value of samples.noMatch) assert.equal(applies(value), false, `${id} should not match ${value}`);
    }
  }
});
