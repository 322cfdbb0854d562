export { estimateTokens } from './estimate.ts';
export { runAgent } from './loop.ts';
export * from './types.ts';
