import { askTool } from './ask.ts';
import { bashTool } from './bash.ts';
import { editTool } from './edit.ts';
import { fetchTool } from './fetch.ts';
import { listTool } from './list.ts';
import { outputTool } from './output.ts';
import { planTool } from './plan.ts';
import { readTool } from './read.ts';
import { searchTool } from './search.ts';
import { spawnTool } from './spawn.ts';
import type { AnyTool } from './tool.ts';
import { writeTool } from './write.ts';

export type * from './tool.ts';

/** The tools every run has; what they may do is decided call by call. A sub-run starts no further runs. */
export function coreTools(depth = 0): AnyTool[] {
  const tools = [readTool(), listTool(), searchTool(), editTool(), writeTool(), bashTool(), outputTool()];
  return [...tools, fetchTool(), askTool(), planTool(), ...(depth === 0 ? [spawnTool()] : [])];
}
