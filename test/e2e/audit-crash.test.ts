// kill -9 at any moment of appending: the chain holds, what was acknowledged is there, the next writer goes on.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAuditLog, readAuditLog, verifyAuditLog } from '../../packages/guard/src/audit/index.ts';

const log = new URL('../../packages/guard/src/audit/index.ts', import.meta.url).href;

/** Appends for ever; says the number of each record once it is on the disk. */
const writer = `
import { openAuditLog } from ${JSON.stringify(log)};
const opened = await openAuditLog({ audit: process.argv[1] }, { now: () => new Date(), maxSegmentBytes: 20_000 });
for (let i = 0; ; i += 1) {
  const records = await Promise.all([0, 1, 2].map((j) => opened.record('note', null, { i, j, filler: 'x'.repeat((i * 37) % 900) })));
  process.stdout.write(records.map(({ sequence, hash }) => sequence + ' ' + hash + '\\n').join(''));
}`;

interface Writer {
  said: () => Map<number, string>;
  kill: () => Promise<void>;
}

function startWriter(audit: string): Writer {
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, audit], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return {
    said: () =>
      new Map([...out.matchAll(/^(\d+) ([0-9a-f]{64})\n/gm)].map((match) => [Number(match[1]), match[2] ?? ''])),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function until(what: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!what() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(what(), 'the writer did not start');
}

test('a log whose writers are killed again and again stays one chain without a lost record', async (t) => {
  const audit = await mkdtemp(join(tmpdir(), 'ambit-audit-crash-'));
  t.after(() => rm(audit, { recursive: true, force: true }));
  const acknowledged = new Map<number, string>();
  for (let round = 0; round < 12; round += 1) {
    // Two writers at once; one dies earlier, perhaps with the lock in its hand.
    const writers = [startWriter(audit), startWriter(audit)];
    await until(() => writers.every((one) => one.said().size > 0));
    await new Promise((resolve) => setTimeout(resolve, (round * 7) % 23));
    await writers[0]?.kill();
    const before = writers[1]?.said().size ?? 0;
    await until(() => (writers[1]?.said().size ?? 0) > before);
    await writers[1]?.kill();
    for (const one of writers) for (const [sequence, hash] of one.said()) acknowledged.set(sequence, hash);
    const result = await verifyAuditLog({ audit });
    assert.equal(result.ok, true, JSON.stringify(result));
  }
  const next = await openAuditLog({ audit }, { now: () => new Date() });
  await next.record('note', null, { after: 'the crashes' });
  const kept = new Map<number, string>();
  for await (const record of readAuditLog({ audit })) kept.set(record.sequence, record.hash);
  for (const [sequence, hash] of acknowledged) assert.equal(kept.get(sequence), hash, `record ${sequence}`);
  assert.ok(acknowledged.size > 30);
  assert.equal((await verifyAuditLog({ audit })).ok, true);
});
