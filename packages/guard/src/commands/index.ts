export { type Analysis, analyze, programName } from './analyze.ts';
export { type Knowledge, readKnowledge, type Stakes } from './knowledge.ts';
export { hostOf } from './operands.ts';
export { type ParsedLine, parseLine, type SimpleCommand } from './parse.ts';
export { type CommandContext, resolveCommandLine } from './resolve.ts';
export { shownUnknown } from './unknown.ts';
