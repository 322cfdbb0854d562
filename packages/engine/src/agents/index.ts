export { collectAgents, type FoundAgent } from './collect.ts';
export { type AgentFile, parseAgent } from './parse.ts';
export { offers } from './tools.ts';
