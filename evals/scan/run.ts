// node evals/scan/run.ts: figures of the scanner on samples of our own, with every miss.
import { scoreSecrets } from './secrets/score.ts';

const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
const { precision, recall, f1, missed, wrong } = await scoreSecrets();
console.log(`secrets: precision ${percent(precision)}, recall ${percent(recall)}, F1 ${percent(f1)}`);
for (const line of missed) console.log(`  missed ${JSON.stringify(line)}`);
for (const line of wrong) console.log(`  wrong  ${JSON.stringify(line)}`);
