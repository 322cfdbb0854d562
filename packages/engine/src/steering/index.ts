export { foundationFiles, type ProjectSurvey, surveyProject } from './foundation.ts';
export { type LoadedSteering, loadSteering } from './load.ts';
export {
  appliesTo,
  type Inclusion,
  type ParsedSteering,
  parseSteering,
  type SteeringFile,
  type SteeringProblem,
} from './parse.ts';
export { type ReadReference, referencesOf, withReferences } from './references.ts';
export { renderSteering } from './render.ts';
export { type Selected, type SteeringRequest, selectSteering } from './select.ts';
