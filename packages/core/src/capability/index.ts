export { type Coverage, coverageOf, coveredBy, type Said } from './covered.ts';
export {
  type Decision,
  type DecisionState,
  decisionFence,
  type OpenCriterion,
  openCriteria,
  parseDecisions,
  printDecision,
  type Reading,
  raisedFor,
  withoutDecisions,
} from './decisions.ts';
export { type Cue, type Detected, type Detection, detect } from './detect.ts';
export { detectManifests, isManifest, type Manifest } from './manifest.ts';
export { RAISED_LIMIT, type Raised, type RankOptions, rank } from './rank.ts';
export { type Statement, statements } from './statements.ts';
