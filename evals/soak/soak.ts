// One session for thousands of turns: memory must stay flat, compaction must keep what was said, the file must reload fast.
// Usage: node evals/soak/soak.ts [--turns 5000]; prints one line of JSON, exit 1 where a bound is broken.
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { continueSession } from '../../packages/engine/src/session.ts';
import { call, makePlace, startSession } from '../../test/support/session.ts';

const { values } = parseArgs({ options: { turns: { type: 'string', default: '5000' } } });
const turns = Number(values.turns);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const heapMb = (): number => {
  collect();
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

const place = await makePlace({ 'big.txt': 'filler words of a file\n'.repeat(200) });
let samples: number[] = [];
let requestBytes = 0;
const prompts = Math.max(1, Math.floor(turns / 50));
const started = await startSession(
  place,
  (turn) => {
    if (turn % 250 === 249) samples.push(heapMb());
    // Fifty turns a prompt: reads at changing places, so that nothing is a repetition.
    return turn % 50 === 49
      ? { text: `part ${turn}` }
      : call('read', { path: 'big.txt', offset: (turn % 190) + 1, limit: 100 + (turn % 7) });
  },
  { contextTokens: 60_000, keepRequests: 1, emit: () => undefined },
);
await started.session.prompt('the port is 8472, never 8080', new AbortController().signal);
for (let i = 1; i < prompts; i += 1) await started.session.prompt(`go on with part ${i}`, new AbortController().signal);
const last = JSON.stringify(started.model.requests.at(-1)?.messages ?? []);
requestBytes = last.length;
await started.close();

const path = `${place.state.sessions}/${started.session.id}.jsonl`;
const before = performance.now();
const continuation = await continueSession(place.state, started.session.id, () => new Date());
const reloadMs = performance.now() - before;
await continuation.log.close();
const fileMb = statSync(path).size / 2 ** 20;
// The first five hundred turns warm up; after that the heap may move by a tenth of where it stands.
samples = samples.slice(2);
const base = samples[0] ?? 0;
const drift = Math.max(...samples.map((sample) => Math.abs(sample - base) / base));
const remembered = last.includes('the port is 8472');
const good = drift <= 0.1 && reloadMs <= 1_000 && remembered;
console.log(
  JSON.stringify({
    turns,
    heapMb: samples.map((sample) => Math.round(sample * 10) / 10),
    drift: Math.round(drift * 1_000) / 1_000,
    reloadMs: Math.round(reloadMs),
    fileMb: Math.round(fileMb * 10) / 10,
    requestBytes,
    remembered,
    good,
  }),
);
await place.close();
process.exitCode = good ? 0 : 1;
