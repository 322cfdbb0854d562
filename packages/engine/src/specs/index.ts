export { findSpec, isSpecName, listSpecs, readDocument, readSpec, readSpecTexts, type SpecFolder } from './read.ts';
