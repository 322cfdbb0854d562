// Holds that criteria are raised for what a text describes: recall of the weaknesses it invites among the first 15 and 30,
// and how much is raised beside them. `../shared` holds the list of one benchmark's exploits; without it only our own run.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { coveredBy, detect, rank } from '../../packages/core/src/capability/index.ts';
import { parseCriteria } from '../../packages/core/src/catalog/index.ts';
import { readCatalogSources } from '../../test/support/catalog.ts';

interface Scenario {
  id: string;
  text: string;
  cwes: string[];
}

const root = join(import.meta.dirname, '..', '..');
const exploits = join(root, '..', 'shared', 'data', 'baxbench-cwes.json');
const catalog = parseCriteria(await readCatalogSources('criteria'));

/** A weakness counts as raised when a criterion carries it or one of its accepted relatives. */
const relatives: Record<string, readonly string[]> = {
  'CWE-20': ['CWE-840', 'CWE-1284'],
  'CWE-22': ['CWE-23', 'CWE-36', 'CWE-73', 'CWE-59'],
  'CWE-78': ['CWE-77', 'CWE-88'],
  'CWE-79': ['CWE-80', 'CWE-116'],
  'CWE-89': ['CWE-943'],
  'CWE-94': ['CWE-95', 'CWE-1336', 'CWE-502'],
  'CWE-117': ['CWE-93'],
  'CWE-284': ['CWE-285', 'CWE-862', 'CWE-863', 'CWE-639', 'CWE-330', 'CWE-340'],
  'CWE-400': ['CWE-770', 'CWE-409', 'CWE-1333', 'CWE-789', 'CWE-834'],
  'CWE-434': ['CWE-646', 'CWE-351'],
  'CWE-522': ['CWE-256', 'CWE-257', 'CWE-916', 'CWE-759'],
  'CWE-703': ['CWE-755', 'CWE-248', 'CWE-369'],
  'CWE-863': ['CWE-862', 'CWE-639', 'CWE-285', 'CWE-290', 'CWE-345'],
};

function read(name: string): Scenario[] {
  return (parse(readFileSync(join(import.meta.dirname, name), 'utf8')) as { scenarios: Scenario[] }).scenarios;
}

function measure(scenarios: readonly Scenario[]) {
  const sum = { pairs: 0, first15: 0, first30: 0, others: 0, noise: 0 };
  const counts: number[] = [];
  for (const scenario of scenarios) {
    const raised = rank(detect(scenario.text, catalog), catalog);
    counts.push(raised.length);
    for (const [cwe, more] of Object.entries(relatives)) {
      const at = raised.find((one) => one.criterion.cwe.some((id) => id === cwe || more.includes(id)))?.rank;
      if (scenario.cwes.includes(cwe)) {
        sum.pairs += 1;
        if (at !== undefined && at <= 15) sum.first15 += 1;
        if (at !== undefined && at <= 30) sum.first30 += 1;
      } else {
        sum.others += 1;
        if (at !== undefined) sum.noise += 1;
      }
    }
  }
  counts.sort((a, b) => a - b);
  return {
    first15: sum.first15 / sum.pairs,
    first30: sum.first30 / sum.pairs,
    noise: sum.noise / sum.others,
    median: counts[Math.floor(counts.length / 2)] ?? 0,
  };
}

function holds(scenarios: readonly Scenario[]): void {
  const result = measure(scenarios);
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
  it('holds on our own texts in many styles', () => holds(read('cross.yaml')));
  it('holds on our own interface descriptions', () => holds(read('cross-api.yaml')));
  it('holds on running prose and on mixed texts', () =>
    holds([...read('cross-prose.yaml'), ...read('cross-mixed.yaml'), ...read('cross-rich.yaml')]));

  for (const name of ['styles', 'interfaces', 'briefs', 'generated', 'trades', 'tasks', 'notes'])
    it(`holds on texts written before any cue was looked at: ${name}`, () => holds(read(`blind-${name}.yaml`)));

  const without = existsSync(exploits) ? false : 'the list of exploits is not there (../shared)';
  it('holds on 28 scenarios with known exploits, described at length and in one sentence', { skip: without }, () => {
    const list = (JSON.parse(readFileSync(exploits, 'utf8')) as { scenarios: (Scenario & { description: string })[] })
      .scenarios;
    const texts = new Map(read('scenarios.yaml').map((one) => [one.id, one.text]));
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
