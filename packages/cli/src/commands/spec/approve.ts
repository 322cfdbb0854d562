import { userInfo } from 'node:os';
import { AmbitError } from '@ambit/core/errors';
import { type Phase, phaseDocument, phases, type Spec } from '@ambit/core/spec';
import { showInvisible } from '@ambit/core/text';
import { approvalHash, approvalStatus, keepBaseline, revokeApproval, storeApproval } from '@ambit/engine/approvals';
import { readSpec } from '@ambit/engine/specs';
import { openAuditLog } from '@ambit/guard/audit';
import { statePaths } from '@ambit/guard/state';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { question } from '../../question.ts';
import { findWorkspace } from '../../workspace.ts';
import { checkFolder } from './check.ts';
import { askedSpecs, lintRules } from './place.ts';

const help = `ambit spec approve: approve one phase exactly as it stands

The approval binds the SHA-256 of the document, with your name and the time, and is kept outside the workspace, where
no run can reach it. After any edit it is stale (ticking boxes in tasks.md is no edit). Only a person at a terminal can
approve; a document with errors or [NEEDS CLARIFICATION] cannot be approved.

Usage: ambit spec approve <name> <requirements|design|tasks|all> [--revoke]
       ambit spec approve <name>          what is approved and what waits

Example:
  ambit spec approve user-accounts requirements
`;

const words: Record<string, string> = {
  approved: 'approved as it stands',
  pending: 'not approved',
  stale: 'changed since it was approved',
  missing: 'the spec has no such document',
};

async function showStatus(spec: Spec, workspace: string, json: boolean, io: Io): Promise<number> {
  const status = await approvalStatus(statePaths(workspace, io.env), spec);
  if (json) io.out(`${JSON.stringify({ version: 1, ...status }, null, 2)}\n`);
  else
    for (const { phase, state, approval } of status.phases)
      io.out(
        `  ${phase.padEnd(12)} ${words[state]}${approval ? ` (${approval.by}, ${approval.at.slice(0, 16).replace('T', ' ')})` : ''}\n`,
      );
  return exitCode.done;
}

function wanted(asked: string, spec: Spec): Phase[] {
  if (asked === 'all') return phases.filter((phase) => phaseDocument(spec, phase));
  const phase = phases.find((name) => name === (asked === 'bugfix' ? 'requirements' : asked));
  if (phase) return [phase];
  throw new AmbitError('usage', `\`${asked}\` is not a phase`, { hint: `phases: ${phases.join(', ')}, all` });
}

/** Errors in the document of this phase; a phase with errors is not approved by anybody. */
async function objections(place: Parameters<typeof checkFolder>[0], phase: Phase, workspace: string) {
  const { spec, diagnostics } = await checkFolder(place, await lintRules(), workspace, false);
  const document = phaseDocument(spec, phase);
  return diagnostics.filter((entry) => entry.severity === 'error' && entry.file === document?.file);
}

/** Phases build on each other: design on approved requirements, unless the spec is design-first. */
async function prerequisites(spec: Spec, phase: Phase, workspace: string, io: Io): Promise<string[]> {
  const designFirst = spec.config?.workflowType === 'design-first';
  const order: readonly Phase[] = designFirst ? ['design', 'requirements', 'tasks'] : phases;
  const before = order.slice(0, order.indexOf(phase));
  const status = await approvalStatus(statePaths(workspace, io.env), spec);
  return status.phases
    .filter((entry) => before.includes(entry.phase) && (entry.state === 'pending' || entry.state === 'stale'))
    .map((entry) => entry.phase);
}

async function approvePhase(
  place: Parameters<typeof checkFolder>[0],
  phase: Phase,
  workspace: string,
  io: Io,
): Promise<boolean> {
  const spec = await readSpec(place);
  const document = phaseDocument(spec, phase);
  if (!document) throw new AmbitError('input.missing', `the spec has no ${phase}`, { where: place.shown });
  const errors = await objections(place, phase, workspace);
  if (errors.length > 0) {
    for (const entry of errors) io.err(`${entry.file}:${entry.line}:${entry.column}: ${entry.rule} ${entry.message}\n`);
    throw new AmbitError(
      'input.broken',
      `${phase} cannot be approved: ${errors.length} error${errors.length === 1 ? '' : 's'}`,
      {
        where: document.file,
        hint: `ambit spec check ${spec.name}`,
      },
    );
  }
  const waiting = await prerequisites(spec, phase, workspace, io);
  if (waiting.length > 0)
    throw new AmbitError('input.broken', `${phase} builds on ${waiting.join(' and ')}, which must be approved first`, {
      hint: `ambit spec approve ${spec.name} ${waiting[0]}`,
    });
  const sha256 = approvalHash(phase, document.source);
  io.out(`${showInvisible(document.source)}\n`);
  const answer = await question(
    io,
    `Approve ${document.file} exactly as shown (sha256 ${sha256.slice(0, 12)})? [y/N] `,
  );
  if (!/^y(?:es)?$/i.test(answer.trim())) {
    io.out('Not approved.\n');
    return false;
  }
  return storeIfSame(place, phase, sha256, workspace, io);
}

/** What was shown is what is approved: a change while the question stood open approves nothing. */
async function storeIfSame(
  place: Parameters<typeof checkFolder>[0],
  phase: Phase,
  sha256: string,
  workspace: string,
  io: Io,
): Promise<boolean> {
  const spec = await readSpec(place);
  const document = phaseDocument(spec, phase);
  if (!document || approvalHash(phase, document.source) !== sha256)
    throw new AmbitError('denied', 'the document changed while it was being read; nothing was approved', {
      where: place.shown,
    });
  const state = statePaths(workspace, io.env);
  const audit = await openAuditLog(state, { now: io.now });
  const approval = {
    version: 1 as const,
    spec: spec.name,
    phase,
    sha256,
    file: document.file,
    by: userInfo().username,
    at: io.now().toISOString(),
    channel: 'terminal' as const,
  };
  await storeApproval({ state, audit }, approval);
  // With its last document a spec is in line: what `ambit spec sync` compares later edits with.
  const requirements = spec.requirements ?? spec.bugfix;
  if (requirements && (phase === 'tasks' || !spec.tasks)) await keepBaseline(state, spec.name, requirements.source);
  io.out(`Approved ${phase} of ${spec.name}.\n`);
  return true;
}

async function revoke(spec: Spec, chosen: readonly Phase[], workspace: string, io: Io): Promise<number> {
  const state = statePaths(workspace, io.env);
  const audit = await openAuditLog(state, { now: io.now });
  for (const phase of chosen) {
    const gone = await revokeApproval({ state, audit }, spec.name, phase, userInfo().username);
    io.out(gone ? `Took back the approval of ${phase}.\n` : `${phase} was not approved.\n`);
  }
  return exitCode.done;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec approve', args, {
    json: { type: 'boolean', default: false },
    revoke: { type: 'boolean', default: false },
  });
  const [name, asked] = positionals;
  if (name === undefined) throw new AmbitError('usage', 'which spec', { hint: 'ambit spec approve <name> <phase>' });
  const workspace = findWorkspace(io.cwd, io.env);
  const [place] = await askedSpecs([name], io);
  if (!place) throw new AmbitError('input.missing', `there is no spec \`${name}\``);
  const spec = await readSpec(place);
  if (asked === undefined) return showStatus(spec, workspace, values.json === true, io);
  const chosen = wanted(asked, spec);
  // SECURITY: a pipe never approves (test/e2e/spec.test.ts, «a pipe cannot approve»).
  if (!io.interactive)
    throw new AmbitError('needs-human', 'approving needs a person at a terminal', {
      hint: 'standard input is not a terminal here, and a pipe cannot approve anything',
    });
  if (values.revoke) return revoke(spec, chosen, workspace, io);
  for (const phase of chosen) if (!(await approvePhase(place, phase, workspace, io))) return exitCode.findings;
  return exitCode.done;
}

export const command: Command = { name: 'approve', summary: 'approve one phase exactly as it stands', help, run };
