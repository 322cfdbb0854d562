export { canonicalJson, recordHash, sha256Of } from './chain.ts';
export { type AuditLog, type AuditPorts, openAuditLog } from './log.ts';
export { type OtlpTrace, toSpans } from './spans.ts';
export { type AuditProblem, readAuditLog, type Verification, verifyAuditLog } from './verify.ts';
