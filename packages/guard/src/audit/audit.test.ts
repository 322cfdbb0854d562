import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { canonicalJson, openAuditLog, readAuditLog, verifyAuditLog } from './index.ts';
import { listSegments, segmentName } from './segments.ts';

const ports = { now: () => new Date('2026-01-02T03:04:05Z') };

async function log(t: { after: (fn: () => Promise<void>) => void }) {
  const audit = await mkdtemp(join(tmpdir(), 'ambit-audit-'));
  t.after(() => rm(audit, { recursive: true, force: true }));
  const fill = async (count: number, more: object = {}) => {
    const opened = await openAuditLog({ audit }, { ...ports, ...more });
    for (let i = 0; i < count; i += 1) await opened.record('note', null, { i });
  };
  return { audit, fill, first: join(audit, segmentName(1)) };
}

async function readAll(audit: string) {
  const kept = [];
  for await (const record of readAuditLog({ audit })) kept.push(record);
  return kept;
}

test('a record whose data holds a hash and a sequence of its own does not break the chain', async (t) => {
  const { audit, fill } = await log(t);
  const opened = await openAuditLog({ audit }, ports);
  await opened.record('apply', null, { sequence: 99, hash: 'a'.repeat(64) });
  await fill(2);
  assert.deepEqual(await verifyAuditLog({ audit }), { ok: true, records: 3 });
});

test('records form one chain over processes, restarts and rotation', async (t) => {
  const { audit, fill } = await log(t);
  await fill(3);
  await fill(5, { maxSegmentBytes: 600 });
  assert.ok(listSegments(audit).length > 1);
  assert.deepEqual(await verifyAuditLog({ audit }), { ok: true, records: 8 });
  const kept = await readAll(audit);
  assert.deepEqual(
    kept.map((record) => record.sequence),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
});

test('concurrent appenders in several logs of one folder interleave without a gap', async (t) => {
  const { audit } = await log(t);
  const logs = await Promise.all([1, 2, 3].map(() => openAuditLog({ audit }, ports)));
  await Promise.all(logs.flatMap((one) => [1, 2, 3, 4].map((i) => one.record('note', null, { i }))));
  assert.deepEqual(await verifyAuditLog({ audit }), { ok: true, records: 12 });
});

test('flipping any one byte of a record makes verify name that record', async (t) => {
  const { audit, fill, first } = await log(t);
  await fill(4);
  const good = await readFile(first);
  const lines = good.toString().split('\n');
  const start = (lines[0]?.length ?? 0) + 1;
  for (let at = start; at < start + (lines[1]?.length ?? 0); at += 1) {
    const changed = Buffer.from(good);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await writeFile(first, changed);
    const result = await verifyAuditLog({ audit });
    assert.equal(result.ok, false, `byte ${at}`);
    assert.equal(result.problem?.sequence, 1, `byte ${at}`);
  }
});

test('a removed, swapped or cut record is named', async (t) => {
  const { audit, fill, first } = await log(t);
  await fill(4);
  const lines = (await readFile(first, 'utf8')).split('\n').slice(0, 4);
  const write = (kept: (string | undefined)[]) => writeFile(first, `${kept.join('\n')}\n`);
  await write([lines[0], lines[2], lines[3]]);
  assert.equal((await verifyAuditLog({ audit })).problem?.sequence, 1);
  await write([lines[0], lines[2], lines[1], lines[3]]);
  assert.equal((await verifyAuditLog({ audit })).problem?.sequence, 1);
  await write([lines[0], lines[1]]);
  assert.match((await verifyAuditLog({ audit })).problem?.problem ?? '', /the log was cut/);
});

test('a torn last line is reported, not fatal, and kept in a note by the next append', async (t) => {
  const { audit, fill, first } = await log(t);
  await fill(2);
  await appendFile(first, '{"version":1,"sequence":2,"ti');
  const torn = await verifyAuditLog({ audit });
  assert.deepEqual(torn, { ok: true, records: 2, torn: { file: '000001.jsonl', line: 3, bytes: 29 } });
  await fill(1);
  assert.deepEqual(await verifyAuditLog({ audit }), { ok: true, records: 4 });
  const kept = await readAll(audit);
  assert.equal(Buffer.from(String(kept[2]?.data['base64']), 'base64').toString(), '{"version":1,"sequence":2,"ti');
});

test('a log cut inside a record at every byte stays appendable and says what was lost', async (t) => {
  const { audit, fill, first } = await log(t);
  await fill(2);
  const { length } = await readFile(first);
  const whole = await readFile(first);
  for (let size = length - 1; size > length - 60; size -= 7) {
    await writeFile(first, whole);
    await truncate(first, size);
    await fill(1);
    const result = await verifyAuditLog({ audit });
    assert.equal(result.records >= 1, true);
  }
});

test('secrets are redacted before they reach the log', async (t) => {
  const { audit, first } = await log(t);
  const redact = (text: string) => text.replaceAll('hunter2', '[secret]');
  const opened = await openAuditLog({ audit }, { ...ports, redact });
  const written = await opened.record('intent', null, { action: { argv: ['curl', '-u', 'me:hunter2'] } });
  assert.ok(!(await readFile(first, 'utf8')).includes('hunter2'));
  assert.deepEqual(written.data['action'], { argv: ['curl', '-u', 'me:[secret]'] });
});

test('an unwritable log rejects, so that the gate denies', async (t) => {
  const { first } = await log(t);
  await writeFile(first, '');
  await assert.rejects(openAuditLog({ audit: join(first, 'below') }, ports), { code: 'environment' });
});

test('canonical JSON does not depend on the order of members', () => {
  assert.equal(canonicalJson({ b: [1, { d: 1, c: undefined }], a: 'x' }), '{"a":"x","b":[1,{"d":1}]}');
});
