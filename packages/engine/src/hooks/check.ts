import { findInvisible } from '@ambit/core/text';
import type { HookScope } from './grants.ts';
import type { Hook } from './hook.ts';
import { triggers } from './triggers.ts';

/** Answers of the policy point for a run of this hook; the audit asks it, never the prompt's words. */
export interface HookJudge {
  /** Decision on writing a workspace-relative path, with the rule that decided. */
  write: (path: string) => { allowed: boolean; rule: string };
  command: (line: string) => Promise<{ allowed: boolean; rule: string }>;
  host: (host: string) => { allowed: boolean; rule: string };
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

function untrustedText({ hook }: HookAuditInput): HookAudit['untrusted'] {
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
  const answers = files.map((path) => ({ path, ...judge.write(path) }));
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
    untrusted: untrustedText(input),
  };
  const findings = [...textFindings(input), ...scopeFindings(input, audit)];
  return {
    hook: hook.id,
    file: hook.file,
    runs: hook.enabled && input.trusted && input.secrets.length === 0,
    ...audit,
    risk: gradeOf(findings, audit),
    findings,
  };
}
