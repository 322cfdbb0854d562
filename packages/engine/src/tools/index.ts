import { bashTool } from './bash.ts';
import { editTool } from './edit.ts';
import { listTool } from './list.ts';
import { outputTool } from './output.ts';
import { readTool } from './read.ts';
import { searchTool } from './search.ts';
import type { AnyTool } from './tool.ts';
import { writeTool } from './write.ts';

export type * from './tool.ts';

/** The tools every run has; what they may do is decided call by call. */
export function coreTools(): AnyTool[] {
  return [readTool(), listTool(), searchTool(), editTool(), writeTool(), bashTool(), outputTool()];
}
