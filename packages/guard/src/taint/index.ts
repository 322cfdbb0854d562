export { isUntrusted, joinLabels, outcomeLabels } from './labels.ts';
export { fence, present } from './present.ts';
