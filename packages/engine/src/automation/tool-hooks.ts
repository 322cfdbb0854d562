import type { RunRef } from '@ambit/core/schema';
import { type Dispatcher, type Hook, type HookEvent, matchHooks } from '../hooks/index.ts';
import type { AnyTool } from '../tools/tool.ts';

/** Longest tool result that a post-hook is shown, in characters. */
const responseMax = 20_000;

/** Events of a run carry what the run is: a hook's agent is a hook's origin, one level deeper. */
export function originOfRun(run: RunRef): { origin: string; depth: number } {
  return run.hook === undefined
    ? { origin: 'agent', depth: run.depth }
    : { origin: `hook:${run.hook}`, depth: run.depth };
}

const wants = (hooks: readonly Hook[], event: HookEvent) => matchHooks(hooks, event).length > 0;

/**
 * Gives tool hooks their word: before a call one can stop it (the model is told why), after it they see the result. Tools
 * that no hook is about are left as they are.
 */
export function aroundTools(dispatcher: Dispatcher, hooks: readonly Hook[], run: RunRef): (tool: AnyTool) => AnyTool {
  const relevant = hooks.filter(({ trigger }) => trigger === 'PreToolUse' || trigger === 'PostToolUse');
  return (tool) => {
    if (relevant.length === 0) return tool;
    return {
      ...tool,
      use: async (args, context) => {
        const names = tool.mcp ? { name: tool.mcp.tool, server: tool.mcp.server } : { name: tool.name };
        const shown = { ...names, input: args };
        const before: HookEvent = { trigger: 'PreToolUse', ...originOfRun(run), tool: shown };
        const fired = await dispatcher.fire(before);
        if (fired.blocked)
          return { text: `stopped by the hook ${fired.blocked.hook}: ${fired.blocked.reason}`, failed: true };
        const told = await tool.use(args, context);
        const response = told.text.slice(0, responseMax);
        const after: HookEvent = { trigger: 'PostToolUse', ...originOfRun(run), tool: { ...shown, response } };
        if (wants(relevant, after)) await dispatcher.fire(after);
        return told;
      },
    };
  };
}
