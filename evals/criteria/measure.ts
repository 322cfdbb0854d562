// Texts with the weaknesses an engineer would test the described app for, and how well a catalogue finds them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { detect, rank } from '../../packages/core/src/capability/index.ts';
import type { CriteriaCatalog } from '../../packages/core/src/catalog/index.ts';

export interface Scenario {
  id: string;
  text: string;
  cwes: string[];
}

/** A weakness counts as raised when a criterion carries it or one of its accepted relatives. */
export const relatives: Record<string, readonly string[]> = {
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

/** Weaknesses that only the later sets name, and what is accepted for them. */
const further: Record<string, readonly string[]> = {
  'CWE-93': ['CWE-117'],
  'CWE-204': ['CWE-203'],
  'CWE-287': ['CWE-306', 'CWE-307', 'CWE-290', 'CWE-294', 'CWE-345', 'CWE-347', 'CWE-798'],
  'CWE-306': ['CWE-287', 'CWE-862'],
  'CWE-307': ['CWE-799'],
  'CWE-330': ['CWE-340', 'CWE-338', 'CWE-331'],
  'CWE-345': ['CWE-347'],
  'CWE-347': ['CWE-345'],
  'CWE-352': [],
  'CWE-362': ['CWE-367'],
  'CWE-409': [],
  'CWE-502': [],
  'CWE-601': [],
  'CWE-611': ['CWE-776'],
  'CWE-614': ['CWE-1004', 'CWE-1275'],
  'CWE-639': ['CWE-862', 'CWE-863', 'CWE-285', 'CWE-284'],
  'CWE-640': ['CWE-620'],
  'CWE-674': ['CWE-400', 'CWE-770'],
  'CWE-840': ['CWE-841', 'CWE-20', 'CWE-1284', 'CWE-602', 'CWE-472'],
  'CWE-918': [],
  'CWE-1321': ['CWE-915'],
  'CWE-1333': [],
  'CWE-1336': [],
};

export function readScenarios(name: string): Scenario[] {
  return (parse(readFileSync(join(import.meta.dirname, name), 'utf8')) as { scenarios: Scenario[] }).scenarios;
}

/** Names of all sets that carry labels of their own. */
export function labelledSets(): string[] {
  return readdirSync(import.meta.dirname)
    .filter((name) => /^(?:blind|cross|unseen)\b.*\.yaml$/.test(name))
    .sort();
}

export interface Measured {
  first15: number;
  first30: number;
  noise: number;
  median: number;
  pairs: number;
  /** Recall in 30 of all that the set names, the rarer weaknesses with it. */
  wide: number;
  missed: string[];
}

export function measure(scenarios: readonly Scenario[], catalog: CriteriaCatalog): Measured {
  const sum = { pairs: 0, first15: 0, first30: 0, others: 0, noise: 0, wide: 0, named: 0 };
  const counts: number[] = [];
  const missed: string[] = [];
  for (const scenario of scenarios) {
    const raised = rank(detect(scenario.text, catalog), catalog);
    counts.push(raised.length);
    const placeOf = (cwe: string, more: readonly string[]) =>
      raised.find((one) => one.criterion.cwe.some((id) => id === cwe || more.includes(id)))?.rank;
    for (const [cwe, more] of Object.entries(relatives)) {
      const at = placeOf(cwe, more);
      if (!scenario.cwes.includes(cwe)) {
        sum.others += 1;
        if (at !== undefined) sum.noise += 1;
        continue;
      }
      sum.pairs += 1;
      if (at !== undefined && at <= 15) sum.first15 += 1;
      if (at !== undefined) sum.first30 += 1;
    }
    for (const cwe of scenario.cwes) {
      sum.named += 1;
      const at = placeOf(cwe, relatives[cwe] ?? further[cwe] ?? []);
      if (at === undefined) missed.push(`${scenario.id} ${cwe}`);
      else sum.wide += 1;
    }
  }
  counts.sort((a, b) => a - b);
  return {
    first15: sum.first15 / sum.pairs,
    first30: sum.first30 / sum.pairs,
    noise: sum.noise / sum.others,
    median: counts[Math.floor(counts.length / 2)] ?? 0,
    pairs: sum.pairs,
    wide: sum.wide / sum.named,
    missed,
  };
}
