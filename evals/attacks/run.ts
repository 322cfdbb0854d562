// node evals/attacks/run.ts [--way plain|sub-run|resumed|mcp|tasks|all] [--mode default|autopilot] [--only REGEX] [--jobs N] [--json FILE]
// Every attack in every mode, every everyday job in autopilot; one fresh stage a session. Exit code 1 when an effect
// happened or a job did not work.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { allAttacks, jobs, leftOut, type Mode, runAttack, runBenign } from './suite.ts';
import { notBy, type Way, ways } from './ways.ts';

const { values } = parseArgs({
  options: {
    mode: { type: 'string' },
    way: { type: 'string', default: 'plain' },
    only: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    json: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

const only = values.only ? new RegExp(values.only) : undefined;
const modes: Mode[] = values.mode ? [values.mode as Mode] : ['default', 'autopilot'];
const chosen = values.way === 'all' ? ways : ways.filter((way) => way === values.way);
if (chosen.length === 0) throw new Error(`there is no way \`${values.way}\`; there are ${ways.join(', ')}`);
const wanted = <T extends { id: string; title: string }>(items: T[]) =>
  items.filter((item) => !only || only.test(item.id) || only.test(item.title));

const by = <T extends { id: string; title: string }>(items: T[], way: Way) =>
  wanted(items).filter(({ id }) => notBy[way]?.[id] === undefined);
const queue = [
  ...chosen.flatMap((way) =>
    by(allAttacks, way).flatMap((attack) => modes.map((mode) => () => runAttack(attack, mode, way))),
  ),
  ...chosen.flatMap((way) =>
    modes.includes('autopilot') ? by(jobs, way).map((job) => () => runBenign(job, way)) : [],
  ),
];
const rows: Awaited<ReturnType<(typeof queue)[number]>>[] = [];
const worker = async () => {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const row = await next();
    rows.push(row);
    if (!row.good || values.verbose) {
      console.log(`${row.good ? 'ok  ' : 'BAD '} ${row.kind} ${row.mode} ${row.id}: ${row.title}`);
      for (const result of row.results) console.log(`      ${result.replaceAll(/\s+/g, ' ').slice(0, 200)}`);
    }
  }
};
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
if (leftOut.length > 0) console.log(`left out: ${leftOut.join(', ')}`);
for (const way of chosen)
  for (const [id, why] of Object.entries(notBy[way] ?? {})) console.log(`not by ${way}: ${id} (${why})`);
if (values.json) writeFileSync(values.json, rows.map((row) => JSON.stringify(row)).join('\n'));
const bad = (kind: string) => rows.filter((row) => row.kind === kind && !row.good).length;
const all = (kind: string) => rows.filter((row) => row.kind === kind).length;
console.log(
  `attacks: ${bad('attack')} effects in ${all('attack')} sessions; everyday jobs: ${bad('benign')} refused or broken of ${all('benign')}`,
);
process.exitCode = rows.some((row) => !row.good) ? 1 : 0;
