import { findInvisible } from '@ambit/core/text';
import type { HookScope } from './grants.ts';
import type { Hook } from './hook.ts';
import { matches } from './match.ts';
import { triggers } from './triggers.ts';

/** Answers of the policy point for a run of this hook; the audit asks it, never the prompt's words. */
export interface HookJudge {
  /** Decision on writing a workspace-relative path, with the rule that decided. */
  write: (path: string) => Promise<{ allowed: boolean; rule: string }>;
  command: (line: string) => Promise<{ allowed: boolean; rule: string }>;
  /** The programs the hook's own line starts, each as the policy point decides it for this hook's run. */
  own: (line: string) => Promise<OwnPart[]>;
  host: (host: string) => { allowed: boolean; rule: string };
}

/** One program of a hook's own command line. */
export interface OwnPart {
  command: string;
  /** What it does beyond reading and writing: `publish`, `install`, `network` … */
  classes: readonly string[];
  allowed: boolean;
  rule: string;
  /** The line could not be taken apart, so nothing is known of it but that it is refused. */
  unread?: boolean;
}

export interface HookAuditInput {
  hook: Hook;
  scope: HookScope;
  judge: HookJudge;
  /** Workspace-relative files, to count and show what a write glob reaches. */
  files: readonly string[];
  /** Ids of secret rules that match the hook's text. */
  secrets: readonly string[];
  /** Whether the hook's content is accepted; an unaccepted one does not run at all. */
  trusted: boolean;
  /**
   * Runs a matcher over file names within a time limit; undefined when it took longer. A matcher is repository content, and
   * regular expressions can be made to run for ever.
   */
  bounded: <T>(work: () => T) => T | undefined;
}

export interface HookFinding {
  rule: string;
  severity: 'high' | 'medium' | 'low';
  message: string;
  fix: string;
}

export interface HookAudit {
  hook: string;
  file: string;
  runs: boolean;
  /** Why it does not run. */
  rests?: string;
  /** Files of the workspace whose change fires it; absent where a trigger has no files or the matcher takes too long. */
  fires?: { count: number; examples: string[] };
  /** What its own command line starts. */
  own: readonly OwnPart[];
  /** Which files it can modify, by the policy engine's answer. */
  writes: { count: number; examples: string[]; refused: { path: string; rule: string }[]; lands: 'propose' | 'apply' };
  /** Commands and hosts it can use besides its own command. */
  commands: string[];
  hosts: string[];
  packages: boolean;
  /** Ways by which text that nobody reviewed reaches its prompt or its command. */
  untrusted: { what: string; way: string }[];
  risk: 'high' | 'medium' | 'low';
  findings: HookFinding[];
}

/** Lines that stand for «install a package»; if one is allowed, the hook can bring in code. */
const installs = ['npm install x', 'pip install x', 'pnpm add x', 'yarn add x'];

async function allowedOf(lines: readonly string[], judge: HookJudge): Promise<string[]> {
  const answers = await Promise.all(lines.map(async (line) => ({ line, ...(await judge.command(line)) })));
  return answers.filter((answer) => answer.allowed).map((answer) => answer.line);
}

/** Code of the workspace that a command line runs; it can change without the hook's file or hash changing. */
function ownCode(own: readonly OwnPart[], files: readonly string[]): string[] {
  const known = new Set(files);
  const found = new Set<string>();
  for (const { command } of own) {
    const words = command.split(/\s+/).map((word) => word.replace(/^['"]|['"]$/g, '').replace(/^\.\//, ''));
    for (const word of words)
      if (known.has(word) && /\.(?:[cm]?[jt]s|sh|bash|py|rb|pl|php)$/.test(word)) found.add(word);
    const script = /^(?:npm|pnpm|yarn|bun)\s+(?:run\s+|run-script\s+)?([\w:.-]+)/.exec(command)?.[1];
    if (script && known.has('package.json') && !/^(?:ci|install|add|exec|i)$/.test(script))
      found.add(`the script \`${script}\` of package.json`);
  }
  return [...found];
}

function untrustedText({ hook, files }: HookAuditInput, own: readonly OwnPart[]): HookAudit['untrusted'] {
  const agent = hook.action.type === 'agent';
  const into = agent ? 'its prompt' : 'standard input of its command';
  const found: HookAudit['untrusted'] = [];
  const { subject } = triggers[hook.trigger];
  if (subject === 'path') found.push({ what: 'file names', way: `the saved file's path goes into ${into}` });
  if (subject === 'prompt')
    found.push({ what: 'prompt text', way: `the submitted prompt, with anything pasted into it, goes into ${into}` });
  if (hook.trigger === 'PreToolUse')
    found.push({ what: 'tool arguments', way: `the model's arguments go into ${into}` });
  if (hook.trigger === 'PostToolUse')
    found.push({ what: 'tool results', way: `what the tool returned (files, pages, issues) goes into ${into}` });
  for (const code of ownCode(own, files))
    found.push({ what: 'code of the repository', way: `it runs ${code}, which no hash pins` });
  if (agent) found.push({ what: 'file contents', way: 'its agent reads files of the workspace while it works' });
  return found;
}

const variable = /(?<!["'\\])\$\{?(USER_PROMPT|[A-Z_]*(?:FILE|PATH|PROMPT)[A-Z_]*)\}?(?!["'])/;

function wide(hook: Hook): boolean {
  if (triggers[hook.trigger].subject !== 'path') return false;
  const { matcher } = hook;
  if (matcher.kind === 'always') return true;
  if (matcher.kind === 'globs') return matcher.patterns.some((pattern) => /^(\*\*\/)?\*+$/.test(pattern));
  return matcher.kind === 'regex' && /^\^?\.\*\$?$/.test(matcher.source);
}

function textFindings({ hook, secrets }: HookAuditInput): HookFinding[] {
  const found: HookFinding[] = [];
  const text = hook.action.type === 'agent' ? hook.action.prompt : hook.action.command;
  for (const rule of secrets)
    found.push({
      rule: 'hook.secret',
      severity: 'high',
      message: `its text holds a secret (${rule})`,
      fix: 'remove and revoke it; a hook that needs one is granted a variable by name',
    });
  const hidden = findInvisible(text);
  if (hidden.length > 0)
    found.push({
      rule: 'hook.hidden-text',
      severity: 'high',
      message: `its text holds ${hidden.length} invisible characters`,
      fix: 'look at it with ambit trust diff and remove them',
    });
  if (hook.action.type === 'command' && variable.test(hook.action.command))
    found.push({
      rule: 'hook.unquoted-variable',
      severity: 'high',
      message: 'its command pastes untrusted text into a shell line',
      fix: 'read the event from standard input, or quote the variable',
    });
  if (wide(hook))
    found.push({
      rule: 'hook.wide-matcher',
      severity: 'low',
      message: 'it fires on every file',
      fix: 'name the files it is about, for example `"matcher": "^src/.*\\\\.ts$"`',
    });
  return found;
}

/** What cannot be taken back, in the words of a finding. */
const outward: Readonly<Record<string, string>> = {
  publish: 'publishes',
  destructive: 'destroys',
  cloud: 'changes a cloud',
};

function ownFindings(own: readonly OwnPart[]): HookFinding[] {
  const found: HookFinding[] = [];
  for (const { command, classes, allowed, rule, unread } of own) {
    const does = Object.keys(outward).find((name) => classes.includes(name));
    if (does)
      found.push({
        rule: 'hook.outward-command',
        severity: 'high',
        message: `its own command ${outward[does]}: \`${command}\`${allowed ? '' : ` (refused here by ${rule}; other agents run it unattended)`}`,
        fix: 'take it out of the hook and let a person start it',
      });
    else if (classes.includes('install'))
      found.push({
        rule: 'hook.installs-packages',
        severity: 'high',
        message: `its own command installs packages: \`${command}\``,
        fix: 'take it out of the hook; dependencies are added by a reviewed change',
      });
    else if (unread)
      found.push({
        rule: 'hook.undecidable-command',
        severity: 'medium',
        message: `what its own command does cannot be told without running it (${rule}), so it is refused here`,
        fix: 'put the steps into a script of the project, without substitutions in the line, and let the hook start that',
      });
    else if (!allowed)
      found.push({
        rule: 'hook.own-command-refused',
        severity: 'low',
        message: `a part of its own command is refused by ${rule}, so the hook fails: \`${command}\``,
        fix: 'write the part plainly, or grant it by name and hash in .ambit/policy.yaml',
      });
  }
  return found;
}

function firing({ hook, files, bounded }: HookAuditInput): HookAudit['fires'] {
  if (triggers[hook.trigger].subject !== 'path') return undefined;
  const event = { trigger: hook.trigger, origin: 'human', depth: 0 };
  const hit = bounded(() => files.filter((path) => matches(hook.matcher, { ...event, path })));
  return hit && { count: hit.length, examples: hit.slice(0, 5) };
}

function slowMatcher(input: HookAuditInput, fires: HookAudit['fires']): HookFinding[] {
  if (fires || triggers[input.hook.trigger].subject !== 'path') return [];
  return [
    {
      rule: 'hook.slow-matcher',
      severity: 'medium',
      message: 'its matcher takes too long on the file names here',
      fix: 'write it without nested repetition, for example `"matcher": "^src/.*\\\\.ts$"`',
    },
  ];
}

function restOf({ hook, trusted, secrets }: HookAuditInput): string | undefined {
  if (!trusted) return 'not accepted; see: ambit trust diff';
  if (!hook.enabled) return 'disabled';
  return secrets.length > 0 ? 'its text holds a secret' : undefined;
}

function scopeFindings(
  input: HookAuditInput,
  audit: Pick<HookAudit, 'untrusted' | 'packages' | 'writes'>,
): HookFinding[] {
  const { hook, scope } = input;
  const found: HookFinding[] = [];
  if (scope.grant === 'other hash')
    found.push({
      rule: 'hook.changed-since-grant',
      severity: 'medium',
      message: 'its grant names another hash: the hook changed, so it is read-only',
      fix: `review it, then set the grant's hash to ${hook.hash}`,
    });
  if (scope.write.some((glob) => /^(\*\*?|\*\*\/\*)$/.test(glob)))
    found.push({
      rule: 'hook.write-everything',
      severity: 'high',
      message: 'its grant lets it write any ordinary file',
      fix: 'grant only the folders it is about',
    });
  if (scope.land === 'apply' && hook.action.type === 'agent')
    found.push({
      rule: 'hook.auto-apply',
      severity: 'medium',
      message: 'what its agent writes lands without review',
      fix: 'use `land: propose`, unless scan and tests cover these files',
    });
  if (scope.hosts.length > 0 && audit.untrusted.length > 0)
    found.push({
      rule: 'hook.untrusted-to-network',
      severity: 'high',
      message: `text nobody reviewed reaches it and it may reach ${scope.hosts.join(', ')}`,
      fix: 'remove the hosts, or the untrusted input',
    });
  if (audit.packages)
    found.push({
      rule: 'hook.installs-packages',
      severity: 'high',
      message: 'it may install packages',
      fix: 'remove the command from its grant; dependencies are added by a reviewed change',
    });
  if (scope.onHookWrites)
    found.push({
      rule: 'hook.feeds-itself',
      severity: 'medium',
      message: 'it may fire on its own or another hook’s writes',
      fix: 'remove onHookWrites',
    });
  return found;
}

function gradeOf(
  findings: readonly HookFinding[],
  audit: Pick<HookAudit, 'untrusted' | 'writes' | 'commands'>,
): HookAudit['risk'] {
  if (findings.some((finding) => finding.severity === 'high')) return 'high';
  const acts = audit.writes.count > 0 || audit.commands.length > 0;
  if (findings.some((finding) => finding.severity === 'medium') || (acts && audit.untrusted.length > 0))
    return 'medium';
  return 'low';
}

/**
 * The guide's three questions for one hook: which files can it modify, what commands, packages and hosts can it use, can
 * untrusted text reach it. Answers come from the policy point.
 */
export async function auditHook(input: HookAuditInput): Promise<HookAudit> {
  const { hook, scope, judge, files } = input;
  const own = hook.action.type === 'command' ? await judge.own(hook.action.command) : [];
  const fires = firing(input);
  const answers = await Promise.all(files.map(async (path) => ({ path, ...(await judge.write(path)) })));
  const writable = answers.filter((answer) => answer.allowed).map((answer) => answer.path);
  const refused =
    scope.write.length === 0 ? [] : answers.filter((answer) => !answer.allowed && !answer.rule.startsWith('ambit.'));
  const audit = {
    writes: {
      count: writable.length,
      examples: writable.slice(0, 5),
      refused: refused.slice(0, 5).map(({ path, rule }) => ({ path, rule })),
      lands: scope.land,
    },
    commands: scope.commands.length > 0 ? [...scope.commands] : [],
    packages: (await allowedOf(installs, judge)).length > 0,
    hosts: scope.hosts.filter((host) => judge.host(host).allowed),
    untrusted: untrustedText(input, own),
  };
  const findings = [
    ...textFindings(input),
    ...slowMatcher(input, fires),
    ...ownFindings(own),
    ...scopeFindings(input, audit),
  ];
  const rests = restOf(input);
  return {
    hook: hook.id,
    file: hook.file,
    runs: rests === undefined,
    ...(rests ? { rests } : {}),
    ...(fires ? { fires } : {}),
    own,
    ...audit,
    risk: gradeOf(findings, audit),
    findings,
  };
}
