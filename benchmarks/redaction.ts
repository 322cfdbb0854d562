// Redaction by kind and size of text, the first call of a process, and a stream. Prints one table.
// Usage: node benchmarks/redaction.ts [rounds]; among other work, put it before that (`chrt -r 10`).
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { readCatalogSources } from '../packages/cli/src/catalog.ts';
import { parseRules } from '../packages/core/src/catalog/index.ts';
import { compileDetectors, parseFilters } from '../packages/core/src/detect/index.ts';
import { createRedactor } from '../packages/guard/src/redact/index.ts';
import { texts } from './texts.ts';

const rounds = Number(process.argv[2] ?? 7);
/** Megabytes a second, at every size from 1 kB on. */
const budget = 50;
const kilobytes = [0.15, 1, 16, 64, 256, 500];

const files = await readCatalogSources(fileURLToPath(new URL('../catalog/', import.meta.url)), 'rules/secrets');
const secrets = Array.from({ length: 20 }, (_, i) => ({
  name: `K${i}`,
  value: createHash('sha256').update(`${i}`).digest().subarray(0, 24).toString('base64'),
}));
const begun = performance.now();
const detectors = compileDetectors(
  parseRules(files.filter(({ file }) => !file.includes('filters'))),
  parseFilters(files),
);
const compiled = performance.now();
const redactor = createRedactor(detectors, secrets);
const made = performance.now();
redactor.redact('an ordinary line\n');
const first = performance.now() - made;

/** Megabytes a second of one round over whole texts of one size, from different places: median and best. */
function speeds(text: string, size: number): { median: number; best: number } {
  const count = Math.max(4, Math.floor(1_500_000 / size));
  const parts = Array.from({ length: count }, (_, i) => {
    const from = (i * 97_001) % (text.length - size);
    return Buffer.from(text.slice(from, from + size)).toString();
  });
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const found: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const start = performance.now();
    for (const part of parts) redactor.redact(part);
    // The first round is the compiler's.
    if (round > 0) found.push(total / 1_000 / (performance.now() - start));
  }
  found.sort((a, b) => a - b);
  return { median: found[found.length >> 1] ?? 0, best: found.at(-1) ?? 0 };
}

const kinds = Object.entries(texts()).map(([kind, text]) => ({
  kind,
  text: text.repeat(Math.ceil(2_000_000 / text.length)),
}));
const missed: string[] = [];
console.log(`MB/s, median (best) of ${rounds} rounds\n`);
console.log(`| text | ${kilobytes.map((size) => `${size} kB`).join(' | ')} |`);
console.log(`| --- |${kilobytes.map(() => ' --- |').join('')}`);
for (const { kind, text } of kinds) {
  const cells = kilobytes.map((size) => {
    const { median, best } = speeds(text, Math.round(size * 1_000));
    if (size >= 1 && median < budget) missed.push(`${kind} at ${size} kB: ${median.toFixed(0)}`);
    return `${median.toFixed(0)} (${best.toFixed(0)})`;
  });
  console.log(`| ${kind} | ${cells.join(' | ')} |`);
}
const mixture = kinds[0]?.text ?? '';
const started = performance.now();
const stream = redactor.stream();
for (let at = 0; at < mixture.length; at += 65_536) stream.push(mixture.slice(at, at + 65_536));
stream.end();
console.log(`\na stream: ${(mixture.length / 1_000 / (performance.now() - started)).toFixed(0)} MB/s`);
console.log(
  `first: detectors ${(compiled - begun).toFixed(1)} ms, redactor ${(made - compiled).toFixed(1)} ms, one line ${first.toFixed(2)} ms`,
);
console.log(missed.length === 0 ? `≥ ${budget} MB/s holds everywhere` : `under ${budget} MB/s: ${missed.join('; ')}`);
