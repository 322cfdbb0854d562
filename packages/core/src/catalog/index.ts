export * from './criterion.ts';
export * from './rule.ts';
