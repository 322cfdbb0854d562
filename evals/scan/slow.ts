// node evals/scan/slow.ts FOLDER…: runs every expression that the scanner tells as slow there on texts made for it, and says
// which really take more than twice the time for twice the text. Nothing is asserted: times are the machine's.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { attackOn, readRules, scan } from '@ambit/scanner';
import { readCatalogSources } from '../../test/support/catalog.ts';

const LITERAL = /\/((?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;
/** Signs in the shorter text, milliseconds that one trial may take, and what counts as growing. */
const SIGNS = 12_000;
const LIMIT = 3_000;
const GROWS = 2.8;
/** Below this the clock says nothing. */
const LEAST = 3;

interface Told {
  place: string;
  source: string;
  flags: string;
}

async function toldIn(folder: string): Promise<Told[]> {
  const catalog = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
  const { findings } = await scan(folder, { catalog, everything: true, now: () => new Date() });
  const seen = new Map<string, Told>();
  for (const { ruleId, file, line } of findings) {
    if (!ruleId.startsWith('regex-') || ruleId.startsWith('regex-from-')) continue;
    const text = readFileSync(join(folder, file), 'utf8').split('\n')[line - 1] ?? '';
    for (const [whole, source = '', flags = ''] of text.matchAll(LITERAL))
      if (!seen.has(whole) && attackOn(source, flags)) seen.set(whole, { place: `${file}:${line}`, source, flags });
  }
  return [...seen.values()];
}

/** Milliseconds of the processor for one look through the text. */
function timeOf({ source, flags }: Told, text: string): number {
  const context = createContext({ source, flags, text });
  const before = process.cpuUsage();
  try {
    runInContext('text.replace(new RegExp(source, flags), "")', context, { timeout: LIMIT });
  } catch {
    return Number.POSITIVE_INFINITY;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function growth(told: Told): number {
  const attack = attackOn(told.source, told.flags);
  if (attack === undefined) return 0;
  const { prefix, pump, suffix } = attack;
  const text = (signs: number) => prefix + pump.repeat(signs / pump.length) + suffix;
  for (let signs = SIGNS; signs <= 4 * SIGNS; signs *= 2) {
    const short = timeOf(told, text(signs));
    if (short === Number.POSITIVE_INFINITY) return short;
    if (short >= LEAST) return timeOf(told, text(2 * signs)) / short;
  }
  return 0;
}

const folders = process.argv.slice(2);
if (folders.length === 0) console.error('which folders of scripts? node evals/scan/slow.ts node_modules/some-package');
for (const folder of folders.filter((each) => statSync(each).isDirectory())) {
  const told = await toldIn(folder);
  const slow = told.filter((each) => {
    const grown = growth(each) >= GROWS;
    if (!grown) console.log(`${each.place}: no more than linear: /${each.source}/${each.flags}`);
    return grown;
  });
  console.log(`${folder}: ${told.length} different expressions told as slow, ${slow.length} of them are`);
}
