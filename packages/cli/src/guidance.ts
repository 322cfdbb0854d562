import { homedir } from 'node:os';
import { join } from 'node:path';
import { AmbitError } from '@ambit/core/errors';
import type { RunRef } from '@ambit/core/schema';
import type { AgentFile } from '@ambit/engine/agents';
import type { SessionAutomation } from '@ambit/engine/automation';
import type { SteeringFile } from '@ambit/engine/steering';
import { openBeneath } from '@ambit/guard/resolve';
import { configDirectory } from '@ambit/guard/state';
import type { Io } from './command.ts';
import { findHooks } from './commands/hooks/found.ts';
import type { Workbench } from './workbench.ts';

/** What accepted files of the workspace and the user's own say and do in a session. */
export interface Guidance {
  /** Text of the steering that applies to a prompt; empty without any. */
  steering: (prompt: string) => Promise<string>;
  /** Undefined when no accepted hook is about sessions, prompts or tools. */
  automation?: SessionAutomation;
  /** Files that exist but are inert, for one line to the human. */
  inert: string[];
}

/** Folders of the user's own steering; a run cannot write there. */
export function userSteering(env: NodeJS.ProcessEnv): string[] {
  const kiro = join(env['HOME'] || homedir(), '.kiro');
  return [join(kiro, 'steering'), join(configDirectory(env), 'steering'), join(kiro, 'skills')];
}

/** Workspace-relative paths that a prompt names. */
function mentionedFiles(prompt: string): string[] {
  // `@src/a.ts` is how the editor completes a file.
  return [
    ...new Set(prompt.replaceAll(/(^|\s)@/g, '$1').match(/[\w@~.-]+(?:\/[\w@.[\]-]+)+|[\w-]+\.[a-z]{1,5}\b/g) ?? []),
  ].slice(0, 200);
}

function referenceReader(bench: Workbench): (path: string) => Promise<string> {
  return async (path) => {
    const protectedAs = bench.policy.protections.of(path).find(({ kind }) => kind === 'secret');
    if (protectedAs) throw new AmbitError('denied', `denied by ${protectedAs.rule}: ${protectedAs.reason}`);
    const handle = await openBeneath(bench.workspace, path);
    try {
      return bench.redact(await handle.readFile('utf8')).text;
    } finally {
      await handle.close();
    }
  };
}

/** An agent's prompt is guidance that always applies, with the files it names below it. */
function asSteering({ path, name, prompt, resources }: AgentFile): SteeringFile {
  const body = [prompt, ...resources.map((file) => `#[[file:${file}]]`)].join('\n\n');
  return { path, name, scope: 'user', inclusion: 'always', patterns: [], body };
}

const sessionTriggers: ReadonlySet<string> = new Set([
  'SessionStart',
  'SessionEnd',
  'UserPromptSubmit',
  'PreToolUse',
  'PostToolUse',
  'PreTaskExec',
  'PostTaskExec',
  'Stop',
]);

/** Reads accepted steering and hooks. Starts nothing; what is not accepted is named, not loaded. */
export async function openGuidance(
  bench: Workbench,
  run: RunRef,
  io: Io,
  note: (text: string) => void,
  agent?: AgentFile,
): Promise<Guidance> {
  const [{ loadSteering, renderSteering, selectSteering }, found] = await Promise.all([
    import('@ambit/engine/steering'),
    findHooks(io),
  ]);
  const loaded = await loadSteering(found.report, userSteering(io.env));
  for (const { path, message, hint } of loaded.problems) note(`${path} is not loaded: ${message}; ${hint}`);
  const read = referenceReader(bench);
  const files: readonly SteeringFile[] = agent ? [asSteering(agent), ...loaded.files] : loaded.files;
  const usable = found.hooks
    .filter(({ hook, trusted }) => trusted && hook.enabled && sessionTriggers.has(hook.trigger))
    .map(({ hook }) => hook);
  const inertHooks = found.hooks.filter(({ trusted }) => !trusted).map(({ hook }) => hook.file);
  const guidance: Guidance = {
    steering: (prompt) => renderSteering(selectSteering(files, { prompt, files: mentionedFiles(prompt) }), read),
    inert: [...new Set([...loaded.inert.map(({ path }) => path), ...inertHooks])],
  };
  if (usable.length === 0) return guidance;
  const [{ sessionAutomation }, { openAutomation }] = await Promise.all([
    import('@ambit/engine/automation'),
    import('./automation.ts'),
  ]);
  const { dispatcher } = await openAutomation(found, io, { note: (_level, text) => note(text) }, run.id);
  return { ...guidance, automation: sessionAutomation(dispatcher, usable, run) };
}
