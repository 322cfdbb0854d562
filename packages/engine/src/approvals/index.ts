export { type ApprovalStatus, approvalStatus, judgeApprovals, type PhaseState, type PhaseStatus } from './status.ts';
export {
  type Approval,
  type ApprovalPorts,
  approvalHash,
  keepBaseline,
  readApprovals,
  readBaseline,
  revokeApproval,
  storeApproval,
} from './store.ts';
