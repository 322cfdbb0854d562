/** Kiro's names of tools, of both generations, and ours. */
const known: Readonly<Record<string, readonly string[]>> = {
  read: ['read', 'list', 'search'],
  fs_read: ['read', 'list', 'search'],
  grep: ['search'],
  glob: ['list'],
  write: ['edit', 'write'],
  fs_write: ['edit', 'write'],
  shell: ['bash', 'output'],
  execute_bash: ['bash', 'output'],
  web: ['fetch'],
  web_fetch: ['fetch'],
  subagent: ['spawn'],
  use_subagent: ['spawn'],
  delegate: ['spawn'],
  todo_list: ['plan'],
  todo: ['plan'],
};

/** Asking the person is no power; it is never taken away. */
const always: ReadonlySet<string> = new Set(['ask']);

function covers(tag: string, tool: string, core: ReadonlySet<string>): boolean {
  if (tag === '*') return true;
  if (tag === '@builtin') return core.has(tool);
  if (tag === '@mcp') return !core.has(tool);
  if (tag.startsWith('@')) {
    const [server = '', name] = tag.slice(1).split('/');
    const prefix = `${server.replaceAll(/[^\w-]/g, '_')}_`;
    if (core.has(tool)) return false;
    return name === undefined || name === '*'
      ? tool.startsWith(prefix)
      : tool === `${prefix}${name}`.replaceAll(/[^\w-]/g, '_').slice(0, 64);
  }
  return known[tag]?.includes(tool) ?? false;
}

/** Whether an agent with these tags is offered a tool. What no tag names is not offered. */
export function offers(
  { tools, excluded }: { tools: readonly string[]; excluded: readonly string[] },
  core: ReadonlySet<string>,
): (tool: string) => boolean {
  return (tool) =>
    always.has(tool) ||
    (tools.some((tag) => covers(tag, tool, core)) && !excluded.some((tag) => covers(tag, tool, core)));
}
