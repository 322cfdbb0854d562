export * from './action.ts';
export * from './common.ts';
export * from './decision.ts';
export * from './event.ts';
export * from './record.ts';
