export { traceHtml, traceMermaid } from './render.ts';
export { type Gap, type GapKind, type Trace, type TraceRow, type TraceSources, traceSpec } from './trace.ts';
