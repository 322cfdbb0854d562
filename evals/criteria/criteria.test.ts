// Holds that criteria are raised for what a text describes: recall of the weaknesses it invites among the first 15 and 30,
// and how much is raised beside them. `../shared` holds the list of one benchmark's exploits; without it only our own run.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { coveredBy, detect } from '../../packages/core/src/capability/index.ts';
import { parseCriteria } from '../../packages/core/src/catalog/index.ts';
import { digestOf } from '../../scripts/experience.ts';
import { readCatalogSources } from '../../test/support/catalog.ts';
import { labelledSets, measure, readScenarios, type Scenario } from './measure.ts';

const root = join(import.meta.dirname, '..', '..');
const exploits = join(root, '..', 'shared', 'data', 'baxbench-cwes.json');
const catalog = parseCriteria(await readCatalogSources('criteria'));

function holds(scenarios: readonly Scenario[]): void {
  const result = measure(scenarios, catalog);
  const text = JSON.stringify(result);
  assert.ok(result.first15 >= 0.9, text);
  assert.ok(result.first30 >= 0.97, text);
  assert.ok(result.median <= 30, text);
  assert.ok(result.noise <= 0.35, text);
}

/** Identifiers as their sources list them; see the head of each file. */
function standard<T>(name: string): Map<string, T> {
  return new Map(
    Object.entries(parse(readFileSync(join(import.meta.dirname, 'standards', name), 'utf8')) as Record<string, T>),
  );
}

describe('identifiers', () => {
  const criteria = catalog.capabilities.flatMap((entry) => entry.criteria);
  const asvs = standard<[number, string]>('asvs.yaml');
  const cwe = standard<string>('cwe.yaml');

  it('stand in their sources', () => {
    for (const one of criteria) {
      assert.deepEqual(
        one.asvs.filter((id) => !asvs.has(id)),
        [],
        `${one.id}: no requirement of ASVS 5.0.0`,
      );
      assert.deepEqual(
        one.cwe.filter((id) => !cwe.has(id)),
        [],
        `${one.id}: no weakness of the CWE list`,
      );
    }
  });

  it('give a criterion the lowest level among its requirements', () => {
    for (const one of criteria) {
      const levels = one.asvs.map((id) => asvs.get(id)?.[0] ?? 9);
      assert.equal(one.level, Math.min(...levels), `${one.id}: ${one.asvs.join(', ')} have ${levels.join(', ')}`);
    }
  });
});

describe('criteria raised for a text', () => {
  it('holds on our own texts in many styles', () => holds(readScenarios('cross.yaml')));
  it('holds on our own interface descriptions', () => holds(readScenarios('cross-api.yaml')));
  it('holds on running prose and on mixed texts', () =>
    holds([
      ...readScenarios('cross-prose.yaml'),
      ...readScenarios('cross-mixed.yaml'),
      ...readScenarios('cross-rich.yaml'),
    ]));

  for (const name of ['styles', 'interfaces', 'briefs', 'generated', 'trades', 'tasks', 'notes'])
    it(`holds on texts written before any cue was looked at: ${name}`, () =>
      holds(readScenarios(`blind-${name}.yaml`)));

  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
    it(`holds on texts written before any cue was looked at, rarer weaknesses too: unseen ${name}`, () => {
      const texts = readScenarios(`unseen-${name}.yaml`);
      holds(texts);
      const { wide, missed } = measure(texts, catalog);
      assert.ok(wide >= 0.95, missed.join(', '));
    });

  it('learnt its words from these texts as they are', () => {
    const { from } = JSON.parse(readFileSync(join(root, 'catalog/criteria/experience.json'), 'utf8')) as {
      from: string;
    };
    const texts = labelledSets().flatMap(readScenarios);
    assert.equal(from, digestOf(texts), 'run: node scripts/experience.ts');
  });

  const without = existsSync(exploits) ? false : 'the list of exploits is not there (../shared)';
  it('holds on 28 scenarios with known exploits, described at length and in one sentence', { skip: without }, () => {
    const list = (JSON.parse(readFileSync(exploits, 'utf8')) as { scenarios: (Scenario & { description: string })[] })
      .scenarios;
    const texts = new Map(readScenarios('scenarios.yaml').map((one) => [one.id, one.text]));
    holds(list.map((one) => ({ ...one, text: texts.get(one.id) ?? '' })));
    holds(list.map((one) => ({ ...one, text: one.description })));
  });
});

describe('other languages', () => {
  const said = parse(readFileSync(join(import.meta.dirname, 'languages.yaml'), 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  for (const [language, sentences] of Object.entries(said))
    it(`are read by a word list: ${language}`, () => {
      const missed = Object.entries(sentences).filter(
        ([id, text]) => !detect(text, catalog).capabilities.some((entry) => entry.capability.id === id),
      );
      assert.ok(missed.length <= Object.keys(sentences).length * 0.1, missed.flat().join(' '));
    });
});

describe('what a spec says already', () => {
  interface Pair {
    id: string;
    covered: string;
    open: string;
  }
  for (const name of ['covered', 'covered-second', 'covered-third'])
    it(`is recognised in other words and not in words about the same thing: ${name}`, () => {
      const { pairs } = parse(readFileSync(join(import.meta.dirname, `${name}.yaml`), 'utf8')) as { pairs: Pair[] };
      const says = (id: string, text: string) => {
        const criterion = catalog.criterion(id);
        assert.ok(criterion, id);
        return coveredBy(criterion, [{ id: '1.1', text }], catalog) !== undefined;
      };
      const missed = pairs.filter((pair) => !says(pair.id, pair.covered)).map((pair) => pair.id);
      const wrong = pairs.filter((pair) => says(pair.id, pair.open)).map((pair) => pair.id);
      const others = pairs.flatMap((pair) =>
        pairs.filter((one) => one.id !== pair.id && says(one.id, pair.covered)).map((one) => `${one.id} by ${pair.id}`),
      );
      assert.ok(missed.length <= pairs.length * 0.1, `missed: ${missed.join(', ')}`);
      assert.ok(wrong.length <= pairs.length * 0.05, `wrong: ${wrong.join(', ')}`);
      assert.ok(others.length <= pairs.length * (pairs.length - 1) * 0.01, `of others: ${others.join(', ')}`);
    });
});
