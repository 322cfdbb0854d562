import { type Capability, capability, type PolicyScope, type Rule } from '@ambit/core/policy-model';
import { effect } from '@ambit/core/schema';
import * as z from 'zod/mini';
import { brokenFile, type Located, nothingSaid, type PolicySource, readLocated } from './file.ts';

const strings = z.array(z.string());

const kiroRule = z.looseObject({
  capability: z.union([z.string(), strings]),
  effect,
  match: z.optional(z.union([z.string(), strings])),
  exclude: z.optional(z.union([z.string(), strings])),
});
const kiroFile = z.looseObject({ rules: z.optional(z.array(kiroRule)) });

const known = new Set(['capability', 'effect', 'match', 'exclude', 'id', 'reason', 'description']);
const listOf = (value: string | string[] | undefined) => (typeof value === 'string' ? [value] : value);

/**
 * One of Kiro's rules. What this version does not understand narrows: an unknown condition is ignored on a forbidding
 * rule and drops an allowing one; an unknown capability on a forbidding rule covers everything.
 */
function kiroRuleOf(source: z.infer<typeof kiroRule>, scope: PolicyScope, place: string, id: string): Rule | undefined {
  const strange = Object.keys(source).some((key) => !known.has(key));
  if (strange && source.effect === 'allow') return undefined;
  const names = listOf(source.capability) ?? [];
  const capabilities = names.filter((name): name is Capability => capability.safeParse(name).success);
  if (capabilities.length < names.length && source.effect !== 'allow') capabilities.push('all');
  if (capabilities.length === 0) return undefined;
  const [match, exclude] = [listOf(source.match), listOf(source.exclude)];
  return {
    id,
    scope,
    source: place,
    effect: source.effect,
    capabilities,
    ...(match ? { match } : {}),
    ...(exclude && !strange ? { exclude } : {}),
    reason: `${source.effect} by Kiro's permissions`,
    syntax: 'glob',
  };
}

function kiroRules(located: Located, value: unknown, name: string, scope: PolicyScope, at: string[]): PolicySource {
  const parsed = z.safeParse(kiroFile, value ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = [...at, ...(issue?.path ?? [])];
    return brokenFile(
      `${name}:${located.lineOf(path)}`,
      `${path.join('.') || 'the file'}: ${issue?.message ?? 'not permissions'}`,
    );
  }
  const rules = (parsed.data.rules ?? [])
    .map((rule, i) =>
      kiroRuleOf(rule, scope, `${name}:${located.lineOf([...at, 'rules', i])}`, `kiro.${scope}.${i + 1}`),
    )
    .filter((rule) => rule !== undefined);
  return { ...nothingSaid(), rules };
}

/** Kiro's `permissions.yaml` (user's or workspace's). Never throws. */
export async function readKiroPermissions(text: string, name: string, scope: PolicyScope): Promise<PolicySource> {
  const located = await readLocated(text);
  if (located.problem) return brokenFile(`${name}:${located.problem.line}`, located.problem.message);
  return kiroRules(located, located.value, name, scope, []);
}

const paths = z.looseObject({ allowedPaths: z.optional(strings), deniedPaths: z.optional(strings) });
const shell = z.looseObject({
  allowedCommands: z.optional(strings),
  deniedCommands: z.optional(strings),
  denyByDefault: z.optional(z.boolean()),
});
const web = z.looseObject({ trusted: z.optional(strings), blocked: z.optional(strings) });
const toolsSettings = z.looseObject({
  shell: z.optional(shell),
  execute_bash: z.optional(shell),
  read: z.optional(paths),
  fs_read: z.optional(paths),
  write: z.optional(paths),
  fs_write: z.optional(paths),
  web_fetch: z.optional(web),
});

interface OldList {
  capability: Capability;
  effect: Rule['effect'];
  match: string[] | undefined;
  syntax: Rule['syntax'];
}

function oldRules(lists: readonly OldList[], source: string): Rule[] {
  return lists
    .filter(({ match }) => match !== undefined && match.length > 0)
    .map(({ capability: one, effect: what, match, syntax }, i) => ({
      id: `kiro.agent.${i + 1}`,
      scope: 'agent',
      source,
      effect: what,
      capabilities: [one],
      match: match ?? [],
      reason: `${what} by the agent's tool settings`,
      syntax,
    }));
}

/**
 * Rules of an agent file, new (`permissions.rules`) and old (`toolsSettings`). They only narrow: `allowedTools` and
 * allowing rules of a repository's agent never widen what the user allows.
 */
export async function readAgentRules(text: string, name: string): Promise<PolicySource> {
  const located = await readLocated(text);
  if (located.problem) return brokenFile(`${name}:${located.problem.line}`, located.problem.message);
  const agent = z.safeParse(
    z.looseObject({ permissions: z.optional(z.unknown()), toolsSettings: z.optional(toolsSettings) }),
    located.value,
  );
  if (!agent.success)
    return brokenFile(`${name}:${located.lineOf(agent.error.issues[0]?.path ?? [])}`, 'tool settings cannot be read');
  const fresh = kiroRules(located, agent.data.permissions, name, 'agent', ['permissions']);
  const settings = agent.data.toolsSettings ?? {};
  const commands = [settings.shell, settings.execute_bash].filter((one) => one !== undefined);
  const lists: OldList[] = [
    ...commands.map(
      (one): OldList => ({ capability: 'shell', effect: 'deny', match: one.deniedCommands, syntax: 'regex' }),
    ),
    ...[settings.read, settings.fs_read].map(
      (one): OldList => ({ capability: 'fs_read', effect: 'deny', match: one?.deniedPaths, syntax: 'glob' }),
    ),
    ...[settings.write, settings.fs_write].map(
      (one): OldList => ({ capability: 'fs_write', effect: 'deny', match: one?.deniedPaths, syntax: 'glob' }),
    ),
    { capability: 'web_fetch', effect: 'deny', match: settings.web_fetch?.blocked, syntax: 'regex' },
  ];
  return {
    ...fresh,
    rules: [
      ...fresh.rules,
      ...oldRules(lists, `${name}:${located.lineOf(['toolsSettings'])}`),
      ...limits(settings, name),
    ],
  };
}

/** Lists of what is allowed, read as limits: what is not on them is asked or, with `denyByDefault`, denied. */
function limits(settings: z.infer<typeof toolsSettings>, name: string): Rule[] {
  const shells = [settings.shell, settings.execute_bash].filter((one) => one !== undefined);
  const limit = (
    id: string,
    one: Capability,
    exclude: string[],
    what: Rule['effect'],
    syntax: Rule['syntax'],
  ): Rule => ({
    id,
    scope: 'agent',
    source: name,
    effect: what,
    capabilities: [one],
    exclude,
    reason: 'not on the list of what this agent may do',
    syntax,
  });
  return [
    ...shells
      .filter((one) => one.denyByDefault && one.allowedCommands)
      .map((one) => limit('kiro.agent.commands', 'shell', one.allowedCommands ?? [], 'deny', 'regex')),
    ...[settings.write, settings.fs_write]
      .filter((one) => one?.allowedPaths !== undefined)
      .map((one) => limit('kiro.agent.write', 'fs_write', one?.allowedPaths ?? [], 'ask', 'glob')),
    ...[settings.read, settings.fs_read]
      .filter((one) => one?.allowedPaths !== undefined)
      .map((one) => limit('kiro.agent.read', 'fs_read', one?.allowedPaths ?? [], 'ask', 'glob')),
  ];
}

const editorSettings = z.looseObject({
  'kiroAgent.trustedCommands': z.optional(strings),
  'kiroAgent.commandDenylist': z.optional(strings),
});

/**
 * Kiro 0.x in an editor's `settings.json`: trusted commands (a user's count, except a bare `*`) and the deny list. Such
 * files carry comments and trailing commas; one that cannot be read says nothing, for it is not ours.
 */
export async function readEditorSettings(text: string, name: string, scope: PolicyScope): Promise<PolicySource> {
  if (!text.includes('kiroAgent.')) return nothingSaid();
  const located = await readLocated(text.replaceAll(/^\s*\/\/.*$/gm, ''));
  const parsed = z.safeParse(editorSettings, located.value);
  if (located.problem || !parsed.success) return nothingSaid();
  const trusted = parsed.data['kiroAgent.trustedCommands']?.filter((pattern) => !/^[*\s]*$/.test(pattern));
  const denied = parsed.data['kiroAgent.commandDenylist'];
  const rule = (id: string, what: Rule['effect'], match: string[]): Rule => ({
    id,
    scope,
    source: name,
    effect: what,
    capabilities: ['shell'],
    match,
    reason: `${what} by Kiro's editor settings`,
    syntax: 'glob',
  });
  return {
    ...nothingSaid(),
    rules: [
      ...(trusted?.length ? [rule('kiro.trusted-commands', 'allow', trusted)] : []),
      ...(denied?.length
        ? [
            rule(
              'kiro.command-denylist',
              'deny',
              denied.flatMap((one) => [one, `${one} *`]),
            ),
          ]
        : []),
    ],
  };
}
