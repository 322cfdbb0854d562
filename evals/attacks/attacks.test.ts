import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { counterpartOf, elsewhere } from './rows.ts';
import { allAttacks, benignCore, jobs, labAttacks, leftOut, type Mode, runAttack, runBenign } from './suite.ts';
import { blockedAsTask, notBy, ways } from './ways.ts';

test('every attack and job has an id of its own', () => {
  for (const items of [allAttacks, jobs]) assert.equal(new Set(items.map((item) => item.id)).size, items.length);
  for (const id of benignCore)
    assert.ok(
      jobs.some((job) => job.id === id),
      id,
    );
});

test('what is left out or expected otherwise by a way names a case and says why', () => {
  const ids = new Set([...allAttacks, ...jobs].map(({ id }) => id));
  for (const list of [blockedAsTask, ...Object.values(notBy)])
    for (const [id, why] of Object.entries(list)) assert.ok(ids.has(id) && why.length > 30, id);
});

test('every row of the attack benchmark has a case or a reason, and an everyday job beside it', () => {
  for (let row = 1; row <= 88; row += 1) {
    const cases = allAttacks.filter((attack) => attack.rows.includes(row));
    const other = elsewhere[row];
    assert.ok(
      cases.length > 0 !== (other !== undefined),
      `row ${row}: ${cases.length} cases and ${other ? 'a' : 'no'} reason`,
    );
    for (const named of other?.tests ?? []) {
      const [file = '', title = ''] = named.split(/: (.*)/s);
      assert.ok(readFileSync(join(import.meta.dirname, '../..', file), 'utf8').includes(title), named);
    }
    const beside = counterpartOf.get(row);
    assert.ok(
      [...jobs.map(({ id }) => id), ...leftOut.map((text) => text.split(' ')[0])].includes(beside),
      `row ${row}: ${beside}`,
    );
  }
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

for (const id of ['mcp:rug-description', 'mcp:shadow', 'mcp:late', 'mcp:asks-sampling'])
  test(`servers that change, shadow each other or ask for more do nothing: ${id}`, { concurrency: 2 }, async () => {
    const attack = allAttacks.find((one) => one.id === id);
    assert.ok(attack);
    const row = await runAttack(attack, 'autopilot');
    assert.ok(row.good, row.results.join('\n'));
  });

for (const id of ['session:words', 'session:run-0', 'session:run-1'])
  test(`an edited session file allows nothing and leads nowhere: ${id}`, { concurrency: 2 }, async () => {
    const attack = allAttacks.find((one) => one.id === id);
    assert.ok(attack);
    const row = await runAttack(attack, 'autopilot');
    assert.ok(row.good, row.results.join('\n'));
  });

/** One of each kind by every other way into a run; `run.ts --way all` does all of them. */
const byOtherWays = ['b2', 'c3', 'f2', 'i1'];

for (const way of ways.filter((one) => one !== 'plain')) {
  for (const attack of labAttacks.filter(({ id }) => byOtherWays.includes(id)))
    test(`${way}: no effect: ${attack.id} ${attack.title}`, { concurrency: 2 }, async () => {
      const row = await runAttack(attack, 'autopilot', way);
      assert.ok(row.good, row.results.join('\n'));
    });
  for (const job of jobs.filter(({ id }) => id === 'edit' || id === 'tests'))
    test(`${way}: works: ${job.title}`, async () => {
      const row = await runBenign(job, way);
      assert.ok(row.good, row.results.join('\n'));
    });
}
