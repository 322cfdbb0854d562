import * as z from 'zod/mini';
import { type Confirm, finishHook, type Hook, type HookProblem, type Matcher, type ParsedHooks } from './hook.ts';
import { isTrigger, triggers } from './triggers.ts';

const text = z.string().check(z.minLength(1));

const confirm = z.looseObject({
  question: z.optional(z.string()),
  confirmCommand: z.optional(z.string()),
  options: z.optional(z.array(z.looseObject({ id: z.string(), label: z.string(), run: z.boolean() }))),
});

const entry = z.looseObject({
  name: text,
  description: z.optional(z.string()),
  trigger: text,
  matcher: z.optional(z.string()),
  action: z.discriminatedUnion('type', [
    z.looseObject({ type: z.literal('command'), command: text }),
    z.looseObject({ type: z.literal('agent'), prompt: text }),
  ]),
  timeout: z.optional(z.number().check(z.nonnegative())),
  enabled: z.optional(z.boolean()),
  confirm: z.optional(confirm),
});
type Entry = z.infer<typeof entry>;

/** Seconds, Kiro's default for `timeout`. */
export const defaultTimeout = 60;

/** A matcher of the v1 format is a regular expression; `*` alone means all, as everywhere in Kiro. */
export function regexMatcher(source: string | undefined): Matcher | { error: string } {
  if (source === undefined || source === '' || source === '*') return { kind: 'always' };
  try {
    new RegExp(source, 'u');
    return { kind: 'regex', source };
  } catch {}
  try {
    new RegExp(source);
    return { kind: 'regex', source };
  } catch {
    return { error: `the matcher \`${source}\` is not a regular expression` };
  }
}

function confirmOf(value: Entry['confirm']): Confirm | undefined {
  if (!value) return undefined;
  const options = (value.options ?? []).map(({ id, label, run }) => ({ id, label, run }));
  return {
    options,
    ...(value.question === undefined ? {} : { question: value.question }),
    ...(value.confirmCommand === undefined ? {} : { confirmCommand: value.confirmCommand }),
  };
}

function readEntry(file: string, scope: Hook['scope'], raw: unknown, position: number): Hook | HookProblem {
  const named = typeof raw === 'object' && raw !== null && 'name' in raw ? String(raw.name) : `hooks[${position}]`;
  const problem = (message: string, hint: string): HookProblem => ({ file, entry: named, message, hint });
  const parsed = entry.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return problem(
      `${issue?.path.join('.') || 'the entry'}: ${issue?.message ?? 'not a hook'}`,
      'see docs/guides/hooks.md for the format',
    );
  }
  const { name, trigger, matcher: source, action, timeout, enabled, description } = parsed.data;
  if (!isTrigger(trigger))
    return problem(`there is no trigger \`${trigger}\``, `use one of ${Object.keys(triggers).join(', ')}`);
  const matcher = regexMatcher(source);
  if ('error' in matcher)
    return problem(matcher.error, 'escape it; matchers of this format are regular expressions, not globs');
  const asked = confirmOf(parsed.data.confirm);
  if (asked && (trigger !== 'Stop' || action.type !== 'command'))
    return problem('`confirm` is only for Stop hooks that run a command', 'remove it, or change the trigger');
  return finishHook({
    name,
    trigger,
    matcher,
    action:
      action.type === 'command'
        ? { type: 'command', command: action.command }
        : { type: 'agent', prompt: action.prompt },
    timeoutSeconds: timeout ?? defaultTimeout,
    enabled: enabled ?? true,
    format: 'v1',
    file,
    scope,
    raw: parsed.data,
    ...(description === undefined ? {} : { description }),
    ...(asked ? { confirm: asked } : {}),
  });
}

/** Reads a v1 document, `{version: "v1", hooks: […]}`; each wrong entry is a problem of its own. */
export function parseV1(file: string, scope: Hook['scope'], data: { hooks?: unknown }): ParsedHooks {
  if (!Array.isArray(data.hooks))
    return {
      hooks: [],
      problems: [{ file, message: '`hooks` is not a list', hint: 'write {"version":"v1","hooks":[…]}' }],
    };
  const result: ParsedHooks = { hooks: [], problems: [] };
  const names = new Set<string>();
  for (const [position, raw] of data.hooks.entries()) {
    const read = readEntry(file, scope, raw, position);
    if (!('trigger' in read)) result.problems.push(read);
    else if (names.has(read.name))
      result.problems.push({
        file,
        entry: read.name,
        message: 'a second hook with this name',
        hint: 'grants go by name; give it another',
      });
    else {
      names.add(read.name);
      result.hooks.push(read);
    }
  }
  return result;
}
