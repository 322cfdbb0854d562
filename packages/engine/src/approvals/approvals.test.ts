import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseSpec } from '@ambit/core/spec';
import { openAuditLog, readAuditLog } from '@ambit/guard/audit';
import { statePaths } from '@ambit/guard/state';
import { approvalHash, approvalStatus, readApprovals, revokeApproval, storeApproval } from './index.ts';

const requirements =
  '# Requirements Document\n\n### Requirement 1: A\n\n#### Acceptance Criteria\n\n1. THE system SHALL save.\n';
const tasks = '# Plan\n\n- [ ] 1. Save\n  - [ ] 1.1 Write it\n    - _Requirements: 1.1_\n';
const specOf = (r: string, t: string, name = 'drafts') =>
  parseSpec({ name, requirements: { file: 'requirements.md', text: r }, tasks: { file: 'tasks.md', text: t } });

async function place(t: { after: (fn: () => Promise<void>) => void }) {
  const root = await mkdtemp(join(tmpdir(), 'ambit-approvals-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, 'w'));
  const state = statePaths(join(root, 'w'), { HOME: join(root, 'home') });
  const audit = await openAuditLog(state, { now: () => new Date('2026-01-01') });
  return { state, audit };
}

const approve = (
  ports: Awaited<ReturnType<typeof place>>,
  phase: 'requirements' | 'tasks',
  text: string,
  spec = 'drafts',
) =>
  storeApproval(ports, {
    version: 1,
    spec,
    phase,
    sha256: approvalHash(phase, text),
    file: `${phase}.md`,
    by: 'ada',
    at: 't',
    channel: 'terminal',
  });

test('a spec runs only when every document is approved as it stands, and any edit but a tick makes it stale', async (t) => {
  const ports = await place(t);
  const status = async (r: string, k: string) =>
    (await approvalStatus(ports.state, specOf(r, k))).phases.map((phase) => phase.state);
  assert.deepEqual(await status(requirements, tasks), ['pending', 'missing', 'pending']);
  await approve(ports, 'requirements', requirements);
  await approve(ports, 'tasks', tasks);
  assert.deepEqual(await status(requirements, tasks), ['approved', 'missing', 'approved']);
  assert.equal((await approvalStatus(ports.state, specOf(requirements, tasks))).runnable, true);
  assert.deepEqual(await status(requirements, tasks.replace('[ ] 1.1', '[x] 1.1')), [
    'approved',
    'missing',
    'approved',
  ]);
  assert.deepEqual(await status(requirements.replace('save', 'erase'), tasks.replace('Write it', 'Delete it')), [
    'stale',
    'missing',
    'stale',
  ]);
  assert.deepEqual(await status(`${requirements}\n`, tasks), ['stale', 'missing', 'approved']);
});

test('an approval is a record of the audit log, and taking it back is one too', async (t) => {
  const ports = await place(t);
  await approve(ports, 'requirements', requirements);
  assert.equal(await revokeApproval(ports, 'drafts', 'requirements', 'ada'), true);
  assert.deepEqual(await readApprovals(ports.state, 'drafts'), []);
  const kinds: string[] = [];
  for await (const record of readAuditLog(ports.state)) kinds.push(record.kind);
  assert.deepEqual(kinds, ['approval', 'approval']);
});

test('an open question keeps an approval from counting', async (t) => {
  const ports = await place(t);
  const open = requirements.replace('save', 'save [NEEDS CLARIFICATION: where?]');
  await approve(ports, 'requirements', open);
  assert.equal((await approvalStatus(ports.state, specOf(open, tasks))).phases[0]?.state, 'stale');
});

test('approvals of another spec, and a damaged file, approve nothing', async (t) => {
  const ports = await place(t);
  await approve(ports, 'requirements', requirements, '../drafts');
  assert.equal((await approvalStatus(ports.state, specOf(requirements, tasks))).runnable, false);
  const [file] = (await readdir(ports.state.approvals)).filter((name) => name.endsWith('.json'));
  await writeFile(join(ports.state.approvals, file ?? ''), '[{"version":1,"phase":"requirements"}]');
  await assert.rejects(readApprovals(ports.state, '../drafts'), { code: 'state.broken' });
});
