// node benchmarks/hooks.ts: from a save to the start of its hook, and a burst of ten thousand files (a branch switch).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LedgerLine, openLedger } from '../packages/engine/src/hooks/index.ts';
import { makeHookStage } from '../test/support/hook-stage.ts';

const saves = 30;
const burst = 10_000;
const bursts = 3;

const hook = {
  name: 'note',
  trigger: 'PostFileSave',
  matcher: '\\.txt$',
  action: { type: 'command', command: 'true' },
};
const stage = makeHookStage({
  '.kiro/hooks/note.json': JSON.stringify({
    version: 'v1',
    hooks: [hook, { ...hook, name: 'new', trigger: 'PostFileCreate' }],
  }),
  'a.txt': 'x\n',
});
await stage.acceptAll();
const child = stage.start(['hooks', 'watch']);
await new Promise<void>((ready) => child.stderr?.on('data', (chunk: Buffer) => chunk.includes('Watching') && ready()));

const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
const lines = async (): Promise<readonly LedgerLine[]> => (await openLedger(stage.state.hooks)).lines();

const delays: number[] = [];
for (let i = 0; i < saves; i += 1) {
  const before = (await lines()).length;
  const saved = Date.now();
  writeFileSync(join(stage.workspace, 'a.txt'), `save ${i}\n`);
  let now = await lines();
  while (now.length === before) {
    await sleep(10);
    now = await lines();
  }
  delays.push(Date.parse(now[before]?.time ?? '') - saved);
  await sleep(100);
}
delays.sort((a, b) => a - b);
const quantile = (share: number) => delays[Math.floor((delays.length - 1) * share)];
console.log(
  `save to hook start, ${saves} saves: median ${quantile(0.5)} ms, p95 ${quantile(0.95)} ms, max ${delays.at(-1)} ms`,
);

const restMemory = memory();
for (let round = 0; round < bursts; round += 1) {
  let peak = memory();
  const before = (await lines()).length;
  const started = performance.now();
  // The second and later bursts change the same files: what is remembered of them must not add up.
  for (let i = 0; i < burst; i += 1) writeFileSync(join(stage.workspace, `burst-${i}.txt`), `x${round}`);
  const written = performance.now();
  let handled = 0;
  while (handled < burst) {
    await sleep(20);
    peak = Math.max(peak, memory());
    if (performance.now() - written > 15_000) {
      console.log(`only ${handled} of ${burst} were seen`);
      break;
    }
    handled = (await lines()).slice(before).reduce((sum, line) => sum + (line.paths ?? 0), 0);
  }
  const runs = (await lines()).length - before;
  const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(2);
  const after = `${seconds(written)} s after the last write (${seconds(started)} s in all), ${runs} hook runs`;
  console.log(`burst ${round + 1} of ${burst} files: handled ${after}; memory at most ${peak.toFixed(0)} MB`);
  // A late second event of this burst must not be counted in the next one.
  await sleep(2_000);
}
console.log(`memory before the bursts ${restMemory.toFixed(0)} MB, after them ${memory().toFixed(0)} MB`);
child.kill('SIGTERM');
stage.close();
