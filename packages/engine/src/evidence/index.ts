export { collectTests, diskView, type FileView, hashFiles, isTestFile, sha256 } from './collect.ts';
export { type CriterionDrift, type DriftVerdict, judgeDrift } from './drift.ts';
export { cites, criteriaOf, judgeTaskEvidence, type RuleScan, recordsOf, type TaskQuestion } from './judge.ts';
export { type EvidenceFile, type EvidencePorts, readEvidence, recordEvidence, type TaskChange } from './store.ts';
