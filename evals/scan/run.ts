// node evals/scan/run.ts [kind] [--quiet] [--misses]: figures of the scanner on samples of our own, with every miss.
// `--misses` prints the list that `misses.json` keeps.
import { scoreAll, shippedScanner } from './cases.ts';

const [wanted = ''] = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const quiet = process.argv.includes('--quiet');
const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
const scores = scoreAll(await shippedScanner()).filter(({ name }) => name.startsWith(wanted));
const listed = scores.flatMap(({ name, missed, wrong }) => [
  ...missed.map((title) => `${name}: missed: ${title}`),
  ...wrong.map((title) => `${name}: flagged: ${title}`),
]);
if (process.argv.includes('--misses')) console.log(JSON.stringify(listed, null, 2));
else {
  for (const { name, found, missed, wrong, spoken, precision, recall, f1 } of scores) {
    const numbers = `${found} found, ${missed.length} missed, ${wrong.length} wrong, ${spoken.length} good twins spoken of`;
    console.log(`${name}: precision ${percent(precision)}, recall ${percent(recall)}, F1 ${percent(f1)} (${numbers})`);
  }
  if (!quiet) for (const line of listed) console.log(`  ${line}`);
}
