export * from './detectors.ts';
export { decodeBase64, readToken } from './encoded.ts';
export { compileFilter, type Filter, parseFilters } from './filter.ts';
export { compileKeywords, type Keywords } from './keywords.ts';
export { nestsRepetition, type PatternMatch, patternMatch } from './match.ts';
export { fillSample } from './sample.ts';
export { entropy, wordShare } from './value.ts';
