import type { RunRef } from '@ambit/core/schema';
import type { Dispatcher, Hook, HookEvent } from '../hooks/index.ts';
import type { SessionHooks } from '../session/session.ts';
import type { AnyTool } from '../tools/tool.ts';
import { aroundTools, originOfRun } from './tool-hooks.ts';

type TaskOfEvent = NonNullable<HookEvent['task']>;

/** What a session needs so that hooks have their word in it. */
export interface SessionAutomation {
  hooks: SessionHooks;
  around: (tool: AnyTool) => AnyTool;
  /** Task hooks before a task's work: why it may not begin, or undefined. */
  beforeTask: (task: TaskOfEvent) => Promise<string | undefined>;
  afterTask: (task: TaskOfEvent) => Promise<void>;
  /** To be called once when the session is left. */
  end: () => Promise<void>;
}

/**
 * Session, prompt, tool and stop hooks of one session. A prompt hook that fails stops the prompt; what start and prompt
 * commands print goes before it, marked as a hook's words.
 */
export function sessionAutomation(dispatcher: Dispatcher, hooks: readonly Hook[], run: RunRef): SessionAutomation {
  const has = (trigger: Hook['trigger']) => hooks.some((hook) => hook.enabled && hook.trigger === trigger);
  const base = originOfRun(run);
  let started = false;
  const start = async () => {
    if (started || !has('SessionStart')) return [];
    started = true;
    return (await dispatcher.fire({ trigger: 'SessionStart', ...base })).context;
  };
  return {
    hooks: {
      prompt: async (text) => {
        const before = await start();
        const origin = run.hook === undefined ? 'human' : base.origin;
        const fired = has('UserPromptSubmit')
          ? await dispatcher.fire({ trigger: 'UserPromptSubmit', origin, depth: base.depth, prompt: text })
          : { context: [] };
        if ('blocked' in fired && fired.blocked) return { blocked: fired.blocked.reason };
        const said = [...before, ...fired.context].map((output) => `<hook-output>\n${output}\n</hook-output>`);
        return { text: [...said, text].join('\n\n') };
      },
      stop: async () => {
        if (has('Stop')) await dispatcher.fire({ trigger: 'Stop', ...base });
        return undefined;
      },
    },
    around: aroundTools(dispatcher, hooks, run),
    beforeTask: async (task) => {
      if (!has('PreTaskExec')) return undefined;
      const { blocked } = await dispatcher.fire({ trigger: 'PreTaskExec', ...base, task });
      return blocked && `stopped by the hook ${blocked.hook}: ${blocked.reason}`;
    },
    afterTask: async (task) => {
      if (has('PostTaskExec')) await dispatcher.fire({ trigger: 'PostTaskExec', ...base, task });
    },
    end: async () => {
      if (has('SessionEnd')) await dispatcher.fire({ trigger: 'SessionEnd', ...base });
    },
  };
}
