// node evals/scan/run.ts [kind] [--quiet]: figures of the scanner on samples of our own, with every miss.
import { join } from 'node:path';
import { readCases, readLines, scoreBatches, shippedScanner } from './cases.ts';

const [wanted] = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const quiet = process.argv.includes('--quiet');
const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
const { scanner, secrets } = await shippedScanner();
// What small projects lack by nature, and what is true of any old version.
const beside = new Set(['no-lockfile', 'package-with-known-flaw']);
for (const kind of ['secrets', 'config', 'agent-config', 'deps']) {
  if (wanted && wanted !== kind) continue;
  const folder = join(import.meta.dirname, kind);
  const cases = kind === 'secrets' ? readLines(folder) : readCases(folder);
  const counts = kind === 'secrets' ? (rule: string) => secrets.has(rule) : (rule: string) => !beside.has(rule);
  const scores = scoreBatches(scanner, cases, counts);
  for (const [batch, { found, missed, wrong, precision, recall, f1 }] of scores) {
    const numbers = `${found} found, ${missed.length} missed, ${wrong.length} wrong`;
    console.log(
      `${kind} ${batch}: precision ${percent(precision)}, recall ${percent(recall)}, F1 ${percent(f1)} (${numbers})`,
    );
    if (quiet) continue;
    for (const line of missed) console.log(`  missed ${line}`);
    for (const line of wrong) console.log(`  wrong  ${line}`);
  }
}
