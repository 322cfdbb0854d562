export { type Graph, readySteps, type Step, taskGraph, wavesOf } from './graph.ts';
export { type Guide, type RunPlace, type TaskScope, taskScope } from './job.ts';
export { keepProof } from './proof.ts';
export { runSpec, type SpecReport, type SpecRunOptions, type TaskReport, workedOut } from './run-spec.ts';
export { newestRun, type RunState, type TaskState } from './run-state.ts';
export { settledTasks } from './settled.ts';
export { runTask, type TaskJob, type TaskOutcome } from './task-run.ts';
export { tickTask } from './tick.ts';
