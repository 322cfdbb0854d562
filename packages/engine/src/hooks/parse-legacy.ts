import * as z from 'zod/mini';
import { finishHook, type Hook, type Matcher, type ParsedHooks } from './hook.ts';
import { defaultTimeout } from './parse-v1.ts';
import { agentTriggers, legacyTriggers, type Trigger, triggers } from './triggers.ts';

const strings = z.union([z.array(z.string()), z.string()]);

const legacyFile = z.looseObject({
  name: z.optional(z.string()),
  description: z.optional(z.string()),
  enabled: z.optional(z.boolean()),
  when: z.looseObject({ type: z.string(), patterns: z.optional(strings), toolTypes: z.optional(strings) }),
  then: z.looseObject({
    type: z.string(),
    prompt: z.optional(z.string()),
    command: z.optional(z.string()),
    timeout: z.optional(z.number()),
  }),
});
type LegacyFile = z.infer<typeof legacyFile>;

const list = (value: string | string[] | undefined): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : value.split(','))
    .map((item) => item.trim())
    .filter(Boolean);

function legacyMatcher(trigger: Trigger, when: LegacyFile['when']): Matcher {
  const patterns = list(when.patterns);
  const tools = list(when.toolTypes);
  const { subject } = triggers[trigger];
  if (subject === 'path' && patterns.length > 0) {
    const excluded = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
    return { kind: 'globs', patterns: patterns.filter((pattern) => !pattern.startsWith('!')), excluded };
  }
  if (subject === 'tool' && tools.length > 0 && !tools.includes('*')) return { kind: 'tools', names: tools };
  return { kind: 'always' };
}

function legacyAction(then: LegacyFile['then']): Hook['action'] | string {
  if (then.type === 'askAgent')
    return then.prompt ? { type: 'agent', prompt: then.prompt } : '`then.prompt` is missing';
  if (then.type === 'runCommand')
    return then.command ? { type: 'command', command: then.command } : '`then.command` is missing';
  return `there is no action \`${then.type}\``;
}

/** Reads a `*.kiro.hook` document (`when`/`then`). */
export function parseLegacy(file: string, scope: Hook['scope'], data: unknown): ParsedHooks {
  const problem = (message: string, hint: string): ParsedHooks => ({ hooks: [], problems: [{ file, message, hint }] });
  const parsed = legacyFile.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return problem(
      `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not a hook'}`,
      'Kiro never ran this; write a v1 hook: ambit hooks new',
    );
  }
  const { when, then } = parsed.data;
  const trigger = legacyTriggers.get(when.type);
  if (!trigger)
    return problem(`there is no trigger \`${when.type}\``, `use one of ${[...legacyTriggers.keys()].join(', ')}`);
  const action = legacyAction(then);
  if (typeof action === 'string') return problem(action, 'use askAgent with prompt, or runCommand with command');
  const stem = (file.split('/').at(-1) ?? file).replace(/\.kiro\.hook$/i, '');
  const hook = finishHook({
    name: parsed.data.name || stem,
    trigger,
    matcher: legacyMatcher(trigger, when),
    action,
    timeoutSeconds: then.timeout ?? defaultTimeout,
    enabled: parsed.data.enabled ?? true,
    format: 'legacy',
    file,
    scope,
    raw: parsed.data,
    ...(parsed.data.description === undefined ? {} : { description: parsed.data.description }),
  });
  return { hooks: [hook], problems: [] };
}

const agentEntry = z.looseObject({
  command: z.string().check(z.minLength(1)),
  matcher: z.optional(z.string()),
  timeout_ms: z.optional(z.number().check(z.nonnegative())),
  cache_ttl_seconds: z.optional(z.number().check(z.nonnegative())),
  max_output_size: z.optional(z.number().check(z.nonnegative())),
});

/** Milliseconds, default of `timeout_ms` in agent files. */
const agentTimeoutMs = 30_000;

/** Reads the `hooks` of an agent file: lists by trigger, or the older object form with one entry. */
export function parseAgentHooks(file: string, scope: Hook['scope'], hooks: unknown): ParsedHooks {
  const result: ParsedHooks = { hooks: [], problems: [] };
  if (typeof hooks !== 'object' || hooks === null || Array.isArray(hooks)) {
    result.problems.push({
      file,
      entry: 'hooks',
      message: '`hooks` is not an object of lists',
      hint: 'write {"preToolUse": [{"command": "…"}]}',
    });
    return result;
  }
  for (const [key, value] of Object.entries(hooks)) {
    const trigger = agentTriggers.get(key);
    if (!trigger) {
      result.problems.push({
        file,
        entry: key,
        message: `there is no trigger \`${key}\``,
        hint: `use one of ${[...agentTriggers.keys()].join(', ')}`,
      });
      continue;
    }
    for (const [position, raw] of (Array.isArray(value) ? value : [value]).entries()) {
      const parsed = agentEntry.safeParse(raw);
      const name = `${key}[${position}]`;
      if (parsed.success) result.hooks.push(agentHook(file, scope, name, trigger, parsed.data));
      else
        result.problems.push({
          file,
          entry: name,
          message: parsed.error.issues[0]?.message ?? 'not a hook',
          hint: 'each entry needs a `command`',
        });
    }
  }
  return result;
}

function agentHook(
  file: string,
  scope: Hook['scope'],
  name: string,
  trigger: Trigger,
  entry: z.infer<typeof agentEntry>,
): Hook {
  const all = entry.matcher === undefined || entry.matcher === '*';
  return finishHook({
    name,
    trigger,
    matcher:
      all || triggers[trigger].subject !== 'tool'
        ? { kind: 'always' }
        : { kind: 'tools', names: [entry.matcher ?? ''] },
    action: { type: 'command', command: entry.command },
    timeoutSeconds: (entry.timeout_ms ?? agentTimeoutMs) / 1000,
    enabled: true,
    format: 'agent',
    file,
    scope,
    raw: entry,
    ...(entry.cache_ttl_seconds ? { cacheSeconds: entry.cache_ttl_seconds } : {}),
    ...(entry.max_output_size ? { maxOutput: entry.max_output_size } : {}),
  });
}
