// node evals/crash/run.ts [--points 200] [--seed N] [--jobs 2]: kill -9 at random moments of whole runs. Half of the moments are
// anywhere in the run's time, half just after a random line of its output. Exit code 1 when anything is broken.
import { parseArgs } from 'node:util';
import { seeded } from '../policy/generate.ts';
import { crash, type Moment, undisturbed } from './crash.ts';

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
  },
});
const points = Number(values.points);
const random = seeded(Number(values.seed));
const usual = await undisturbed();
const moments = Array.from(
  { length: points },
  (_, i): Moment =>
    i % 2 === 0
      ? { afterMs: Math.floor(random() * usual.milliseconds * 1.1) }
      : { line: 1 + Math.floor(random() * usual.lines), afterMs: Math.floor(random() * 40) },
);
const tally = { old: 0, new: 0, killed: 0, broken: 0 };
const queue = moments.entries();
const worker = async () => {
  for (const [i, moment] of queue) {
    const { problems, tree, killed } = await crash(moment, i % 5 === 0);
    tally[tree] += 1;
    if (killed) tally.killed += 1;
    if (problems.length === 0) continue;
    tally.broken += 1;
    console.log(`BAD ${JSON.stringify(moment)}: ${problems.join('; ')}`);
  }
};
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
console.log(
  `${points} moments (a run takes ${Math.round(usual.milliseconds)} ms, ${usual.lines} lines): ${tally.killed} killed before the end, workspace old ${tally.old}, new ${tally.new}; ${tally.broken} broken`,
);
process.exitCode = tally.broken > 0 ? 1 : 0;
