export { type AnalysisFinding, analyzeSpec, type FindingKind } from './analyze.ts';
export { countAssertions } from './assertions.ts';
export { citationsIn, citedTests } from './citations.ts';
export { parseConfig } from './config.ts';
export { parseDesign } from './design.ts';
export {
  addCriterion,
  appendTask,
  applyEdits,
  type NewTask,
  printDocument,
  renumber,
  setTaskBox,
} from './edit.ts';
export * from './evidence.ts';
export * from './interop/index.ts';
export { languageOf } from './languages.ts';
export * from './lint/index.ts';
export { approvedText, openQuestions, type Phase, phaseDocument, phases } from './phase.ts';
export {
  type ReferenceIndex,
  type ResolvedReference,
  referenceIndex,
  resolveReference,
} from './references.ts';
export { parseBugfix, parseRequirements } from './requirements.ts';
export { parseSpec, requirementsOf } from './spec.ts';
export { type SyncPlan, syncPlan } from './sync.ts';
export { parseTasks } from './tasks.ts';
export { judgeTest, type TestOutput } from './test-report.ts';
export * from './trace/index.ts';
export * from './types.ts';
