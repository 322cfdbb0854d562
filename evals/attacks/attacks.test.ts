import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allAttacks, benignCore, jobs, labAttacks, type Mode, runAttack, runBenign } from './suite.ts';

test('every attack and job has an id of its own', () => {
  for (const items of [allAttacks, jobs]) assert.equal(new Set(items.map((item) => item.id)).size, items.length);
  for (const id of benignCore)
    assert.ok(
      jobs.some((job) => job.id === id),
      id,
    );
});

for (const mode of ['default', 'autopilot'] as Mode[]) {
  for (const attack of labAttacks) {
    test(`${mode}: no effect: ${attack.id} ${attack.title}`, { concurrency: 2 }, async () => {
      const row = await runAttack(attack, mode);
      assert.ok(row.good, row.results.join('\n'));
    });
  }
}

for (const job of jobs.filter((item) => benignCore.includes(item.id))) {
  test(`autopilot: works: ${job.title}`, async () => {
    const row = await runBenign(job);
    assert.ok(row.good, row.results.join('\n'));
  });
}
