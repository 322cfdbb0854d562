import type { Hook } from './hook.ts';
import type { HookEvent } from './match.ts';
import { triggers } from './triggers.ts';

export interface HookInput {
  stdin: string;
  /** Variables beyond the scrubbed environment. */
  env: Record<string, string>;
}

/** Longest prompt passed as a variable; the kernel refuses an environment string over 128 KiB. */
const promptVariableMax = 100_000;

/** What a command hook gets on standard input, in the words of its own generation. */
export function hookInput(
  hook: Hook,
  event: HookEvent,
  cwd: string,
  session: string,
  paths: readonly string[] = [],
): HookInput {
  const row = triggers[hook.trigger];
  const name =
    hook.format === 'v1'
      ? hook.trigger
      : hook.format === 'agent'
        ? (row.agent ?? hook.trigger)
        : (row.legacy ?? hook.trigger);
  const data = {
    hook_event_name: name,
    cwd,
    session_id: session,
    ...(event.prompt === undefined ? {} : { prompt: event.prompt }),
    ...(event.tool ? { tool_name: event.tool.name, tool_input: event.tool.input } : {}),
    ...(event.tool?.response === undefined ? {} : { tool_response: event.tool.response }),
    ...(event.path === undefined ? {} : { file_path: event.path }),
    // Kiro sends one file a run; a batch names all of them beside the first.
    ...(paths.length > 1 ? { file_paths: paths } : {}),
    ...(event.task ? { spec: event.task.spec, task_id: event.task.id, task_title: event.task.title } : {}),
    ...(event.task?.status === undefined ? {} : { task_status: event.task.status }),
    origin: event.origin,
    depth: event.depth,
  };
  const old = hook.format === 'legacy' && hook.trigger === 'UserPromptSubmit' && event.prompt !== undefined;
  const prompt = (event.prompt ?? '').replaceAll('\0', '').slice(0, promptVariableMax);
  return { stdin: `${JSON.stringify(data)}\n`, env: old ? { USER_PROMPT: prompt } : {} };
}
