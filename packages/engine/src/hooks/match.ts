import picomatch from 'picomatch';
import type { Hook, Matcher } from './hook.ts';
import { type Trigger, triggers } from './triggers.ts';

/** Something a hook may react to. `origin` and `depth` travel with it, so that hooks cannot feed each other. */
export interface HookEvent {
  trigger: Trigger;
  /** `human`, `agent`, or `hook:<id>`. */
  origin: string;
  /** Number of hooks that led here; 0 for an event that no hook caused. */
  depth: number;
  /** For file triggers: relative to the workspace, `/` between segments. */
  path?: string;
  prompt?: string;
  /** For tool triggers. `server` for tools of an MCP server. */
  tool?: { name: string; server?: string; input: Readonly<Record<string, unknown>>; response?: unknown };
  task?: { spec: string; id: string; title: string; status?: string };
}

/** Names by which each of Ambit's tools is known to hooks written for Kiro, its category last. */
const toolNames: Readonly<Record<string, readonly string[]>> = {
  read: ['read', 'fs_read', 'readFile', 'read_file', 'read'],
  list: ['list', 'fs_read', 'listDirectory', 'list_directory', 'read'],
  search: ['search', 'fs_read', 'grepSearch', 'grep_search', 'read'],
  write: ['write', 'fs_write', 'fsWrite', 'write_file', 'write'],
  edit: ['edit', 'fs_write', 'str_replace', 'strReplace', 'write'],
  bash: ['bash', 'execute_bash', 'executeBash', 'execute_command', 'shell'],
  fetch: ['fetch', 'web_fetch', 'webFetch', 'web'],
  task: ['task', 'task_update', 'taskStatus', 'spec'],
};

/** Every name a tool event goes by: its own, Kiro's, its category, and for MCP tools `@server/tool`. */
export function namesOfTool(tool: { name: string; server?: string }): string[] {
  if (tool.server !== undefined)
    return [`@${tool.server}/${tool.name}`, `@${tool.server}`, `@mcp/${tool.server}/${tool.name}`, '@mcp', tool.name];
  return [...(toolNames[tool.name] ?? [tool.name]), `@builtin/${tool.name}`, '@builtin'];
}

/** Longest text a matcher's regular expression is tried on; what lies behind it counts as matching. */
const regexSubjectMax = 4_000;

function testRegex(source: string, subjects: readonly string[]): boolean {
  const flags = /\\[pP]\{/.test(source) ? 'u' : '';
  const regex = new RegExp(source, flags);
  return subjects.some((subject) => subject.length > regexSubjectMax || regex.test(subject));
}

/** A pattern without a slash names files in any folder, as editors' glob settings do. */
function globMatches(pattern: string, path: string): boolean {
  const anywhere = pattern.includes('/') ? pattern.replace(/^\.?\//, '') : `**/${pattern}`;
  return picomatch(anywhere, { dot: true })(path);
}

/** What a tool call is about, as a matcher may name it: its paths, command line and address. */
function argumentsOf(tool: NonNullable<HookEvent['tool']>): string[] {
  const keys = ['path', 'file_path', 'from', 'to', 'command', 'url'];
  return keys.flatMap((key) => (typeof tool.input[key] === 'string' ? [tool.input[key]] : []));
}

/** `write(src/**)`, `shell(git push*)`: `*` stands for anything but a slash in a path, for anything in a command. */
function argumentMatches(pattern: string, argument: string): boolean {
  const anything = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  return (
    globMatches(pattern, argument) || (/\s/.test(pattern) && new RegExp(`^${anything.join('.*')}$`, 's').test(argument))
  );
}

function toolMatches(wanted: string, names: readonly string[], args: readonly string[]): boolean {
  if (wanted === '*') return true;
  const [, name, pattern] = /^([^()]+)\(([^()]+)\)$/.exec(wanted) ?? [];
  if (name !== undefined && pattern !== undefined)
    return toolMatches(name, names, []) && args.some((argument) => argumentMatches(pattern, argument));
  if (names.includes(wanted)) return true;
  if (/^[\w@/*?-]+$/.test(wanted) && /[*?]/.test(wanted)) {
    const matches = picomatch(wanted, { dot: true, bash: true });
    if (names.some((name) => matches(name))) return true;
  }
  try {
    return testRegex(wanted, names);
  } catch {
    return false;
  }
}

function subjectsOf(event: HookEvent): string[] {
  const { subject } = triggers[event.trigger];
  if (subject === 'path') return event.path === undefined ? [] : [event.path];
  if (subject === 'prompt') return [event.prompt ?? ''];
  if (subject === 'tool' && event.tool) return namesOfTool(event.tool);
  return [];
}

/** A literal parenthesis is in no tool's name: such an expression asks for `name(argument)`. */
function withArguments(source: string, event: HookEvent, names: readonly string[]): readonly string[] {
  if (!event.tool || !source.includes('\\(')) return names;
  const args = argumentsOf(event.tool);
  return [...names, ...names.flatMap((name) => args.map((argument) => `${name}(${argument})`))];
}

/** Whether a matcher speaks about an event. Pure. */
export function matches(matcher: Matcher, event: HookEvent): boolean {
  if (matcher.kind === 'always') return true;
  const subjects = subjectsOf(event);
  // A trigger without a subject has nothing to try a matcher on: the hook fires, as Kiro's does.
  if (triggers[event.trigger].subject === 'none') return true;
  if (matcher.kind === 'regex') return testRegex(matcher.source, withArguments(matcher.source, event, subjects));
  if (matcher.kind === 'tools') {
    const args = event.tool ? argumentsOf(event.tool) : [];
    return matcher.names.some((name) => toolMatches(name, subjects, args));
  }
  const [path = ''] = subjects;
  return (
    matcher.patterns.some((pattern) => globMatches(pattern, path)) &&
    !matcher.excluded.some((pattern) => globMatches(pattern, path))
  );
}

/** Longest chain of hooks that may lead to another; deeper events start nothing. */
export const depthLimit = 3;

export interface MatchOptions {
  /** Hook ids allowed to fire on a hook's own or another hook's writes, from a grant. */
  onHookWrites?: ReadonlySet<string>;
}

/**
 * The hooks an event starts, in file order. A hook never fires on its own or another hook's effects unless granted, and
 * never beyond the depth limit. Pure.
 */
export function matchHooks(hooks: readonly Hook[], event: HookEvent, options: MatchOptions = {}): Hook[] {
  if (event.depth >= depthLimit) return [];
  return hooks.filter((hook) => {
    if (!hook.enabled || hook.trigger !== event.trigger) return false;
    if (event.origin.startsWith('hook:') && !triggers[hook.trigger].blocks && !options.onHookWrites?.has(hook.id))
      return false;
    return matches(hook.matcher, event);
  });
}
