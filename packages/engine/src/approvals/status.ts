import { openQuestions, type Phase, phaseDocument, phases, type Spec } from '@ambit/core/spec';
import type { StatePaths } from '@ambit/guard/state';
import { type Approval, approvalHash, readApprovals } from './store.ts';

/** `missing`: the spec has no such document. `stale`: approved, but the document differs from what was approved. */
export type PhaseState = 'missing' | 'pending' | 'stale' | 'approved';

export interface PhaseStatus {
  phase: Phase;
  state: PhaseState;
  file?: string;
  /** Hash of the document as it is now. */
  sha256?: string;
  approval?: Approval;
  /** `[NEEDS CLARIFICATION]` marks that stand in the way. */
  questions: number;
}

export interface ApprovalStatus {
  spec: string;
  phases: PhaseStatus[];
  /** Every document there is approved as it stands, tasks.md and requirements (or bugfix.md) among them. */
  runnable: boolean;
  /** Why not, one line each, for the person who must act. */
  reasons: string[];
}

function statusOf(spec: Spec, phase: Phase, approvals: readonly Approval[]): PhaseStatus {
  const document = phaseDocument(spec, phase);
  if (!document) return { phase, state: 'missing', questions: 0 };
  const sha256 = approvalHash(phase, document.source);
  const approval = approvals.find((entry) => entry.phase === phase);
  const questions = openQuestions(document.source).length;
  const state = !approval ? 'pending' : approval.sha256 === sha256 && questions === 0 ? 'approved' : 'stale';
  return { phase, state, file: document.file, sha256, questions, ...(approval ? { approval } : {}) };
}

function reason(spec: string, status: PhaseStatus): string[] {
  const how = `ambit spec approve ${spec} ${status.phase}`;
  if (status.state === 'pending') return [`${status.phase} is not approved (${how})`];
  if (status.state === 'stale') return [`${status.phase} changed after it was approved (${how})`];
  if (status.state === 'missing' && status.phase !== 'design') return [`the spec has no ${status.phase}`];
  return [];
}

/** The status of each phase, from the spec as parsed and the stored approvals. Nothing stored, nothing approved. */
export function judgeApprovals(spec: Spec, approvals: readonly Approval[]): ApprovalStatus {
  const found = phases.map((phase) => statusOf(spec, phase, approvals));
  const reasons = found.flatMap((status) => reason(spec.name, status));
  return { spec: spec.name, phases: found, runnable: reasons.length === 0, reasons };
}

/** What the runner asks before it starts. */
export async function approvalStatus(state: Pick<StatePaths, 'approvals'>, spec: Spec): Promise<ApprovalStatus> {
  return judgeApprovals(spec, await readApprovals(state, spec.name));
}
