// node evals/providers/run.ts [--only REGEX] [--jobs N]
// Every fault over every provider's wire, each as a session of its own process. Exit code 1 when one did not hold.
import { parseArgs } from 'node:util';
import { faults, providers, survive, survivePlan } from './faults.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, jobs: { type: 'string', default: '4' } } });
const plan = 'a plan whose model fails';
const only = new RegExp(values.only ?? '');
const queue = providers
  .flatMap((provider) => [...Object.keys(faults), plan].map((name) => ({ provider, name })))
  .filter(({ provider, name }) => only.test(`${provider}: ${name}`));
const all = queue.length;
let failed = 0;
const worker = async () => {
  for (let next = queue.shift(); next; next = queue.shift())
    try {
      await (next.name === plan ? survivePlan(next.provider) : survive(next.provider, next.name));
    } catch (error) {
      failed += 1;
      console.log(`BAD ${next.provider}: ${next.name}\n    ${String(error).replaceAll('\n', '\n    ')}`);
    }
};
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
console.log(
  `${all - failed} of ${all} sessions held (${providers.length} wires, ${Object.keys(faults).length} faults and a plan)`,
);
process.exitCode = failed > 0 || all === 0 ? 1 : 0;
