export * from './criterion.ts';
export * from './experience.ts';
export * from './rule.ts';
