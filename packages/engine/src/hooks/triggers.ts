/** Kiro's triggers of the current generation; older names are read as these. */
export type Trigger =
  | 'SessionStart'
  | 'SessionEnd'
  | 'UserPromptSubmit'
  | 'PreToolUse'
  | 'PostToolUse'
  | 'PreTaskExec'
  | 'PostTaskExec'
  | 'PostFileCreate'
  | 'PostFileSave'
  | 'PostFileDelete'
  | 'Stop'
  | 'Manual';

export interface TriggerRow {
  /** What a matcher is tried on. */
  subject: 'none' | 'prompt' | 'tool' | 'path';
  /** The hook runs before something, which its failure stops. */
  blocks: boolean;
  /** `when.type` of `*.kiro.hook` files. */
  legacy?: string;
  /** Key of `hooks` in agent files of the command line's second generation. */
  agent?: string;
}

/** Every trigger with its names in the three formats. */
export const triggers: Readonly<Record<Trigger, TriggerRow>> = {
  SessionStart: { subject: 'none', blocks: false, legacy: 'sessionStart', agent: 'agentSpawn' },
  SessionEnd: { subject: 'none', blocks: false },
  UserPromptSubmit: { subject: 'prompt', blocks: true, legacy: 'promptSubmit', agent: 'userPromptSubmit' },
  PreToolUse: { subject: 'tool', blocks: true, legacy: 'preToolUse', agent: 'preToolUse' },
  PostToolUse: { subject: 'tool', blocks: false, legacy: 'postToolUse', agent: 'postToolUse' },
  PreTaskExec: { subject: 'none', blocks: true, legacy: 'preTaskExecution' },
  PostTaskExec: { subject: 'none', blocks: false, legacy: 'postTaskExecution' },
  PostFileCreate: { subject: 'path', blocks: false, legacy: 'fileCreated' },
  PostFileSave: { subject: 'path', blocks: false, legacy: 'fileEdited' },
  PostFileDelete: { subject: 'path', blocks: false, legacy: 'fileDeleted' },
  Stop: { subject: 'none', blocks: false, legacy: 'agentStop', agent: 'stop' },
  Manual: { subject: 'none', blocks: false, legacy: 'userTriggered' },
};

export const isTrigger = (name: string): name is Trigger => Object.hasOwn(triggers, name);

function byName(key: 'legacy' | 'agent'): ReadonlyMap<string, Trigger> {
  const names = new Map<string, Trigger>();
  for (const [trigger, row] of Object.entries(triggers)) {
    const name = row[key];
    if (name !== undefined && isTrigger(trigger)) names.set(name, trigger);
  }
  return names;
}

export const legacyTriggers = byName('legacy');
export const agentTriggers = byName('agent');
