import { readFile } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import { showInvisible } from '@ambit/core/text';
import { type HookGuardPorts, hookGuard, ownLine } from '@ambit/engine/automation';
import {
  auditHook,
  type Hook,
  type HookAudit,
  type HookAuditInput,
  type HookJudge,
  type HookScope,
  type OwnPart,
  scopeOf,
} from '@ambit/engine/hooks';
import { type LoadedPolicy, shippedPolicy } from '@ambit/guard/policy';
import { diskView } from '@ambit/guard/resolve';
import { readCatalog } from '../../catalog.ts';
import { exitCode, type Io } from '../../command.ts';
import { secretDetectors } from '../../detectors.ts';
import { listFiles } from '../../files.ts';
import { findHooks } from './found.ts';
import { hooksSarif } from './sarif.ts';

/** The guard of a run of this hook, asked without doing. */
function judgeFor(hook: Hook, scope: HookScope, workspace: string, policy: LoadedPolicy): HookJudge {
  const run = { id: 'audit', kind: 'hook' as const, depth: 1, hook: hook.id };
  const ports: HookGuardPorts = {
    policy,
    workspace,
    view: diskView(),
    readText: async (path) => readFile(path.absolute, 'utf8').catch(() => undefined),
    confined: true,
    audit: { record: () => Promise.reject(new Error('an audit records nothing')) },
    redact: (text) => ({ text, redactions: 0 }),
  };
  const guardWith = (own: readonly string[]) => hookGuard(hook, scope, run, own, ports);
  const guard = guardWith([]);
  const executing = (command: string) => ({ id: 'audit', run, labels: [], kind: 'execute' as const, command });
  const answer = ({ effect, because }: { effect: string; because: { rule: string } }) => ({
    allowed: effect === 'allow',
    rule: because.rule,
  });
  const own = async (line: string): Promise<OwnPart[]> => {
    const { resolved, decision, parts, guard: asked } = await ownLine(guardWith, executing(line));
    if (parts.length === 0) {
      const classes = resolved?.kind === 'execute' ? resolved.classes : [];
      return [{ command: line, classes, allowed: false, rule: decision.because.rule, unread: true }];
    }
    return Promise.all(
      parts.map(async ({ value, classes = [] }) => {
        const said = (await asked.judge(executing(value))).decision;
        return { command: value, classes, ...answer(said) };
      }),
    );
  };
  return {
    write: async (path) => answer(await guard.judgeChange(path, 'write')),
    own,
    command: async (line) => answer((await guard.judge(executing(line))).decision),
    host: (host) => ({ allowed: scope.hosts.includes(host), rule: 'ambit.hosts' }),
  };
}

/** Longest time that the matcher of one hook, and all of them together, may take over the names of all files. */
const matcherMs = 2_000;
const matchersMs = 10_000;

/** Ends work that takes too long; once the time of all is used up, each one has a moment only. */
function timekeeper(): HookAuditInput['bounded'] {
  let left = matchersMs;
  return <T>(work: () => T): T | undefined => {
    let result: T | undefined;
    const began = performance.now();
    try {
      const timeout = Math.max(10, Math.round(Math.min(matcherMs, left)));
      runInNewContext('work()', { work: () => (result = work()) }, { timeout });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      return undefined;
    } finally {
      left -= performance.now() - began;
    }
    return result;
  };
}

async function audits(io: Io): Promise<{ audits: HookAudit[]; problems: string[] }> {
  const found = await findHooks(io);
  const policy = shippedPolicy(await readCatalog('policies'));
  const detectors = await secretDetectors();
  const files = await listFiles(found.place.workspace);
  const all = found.hooks.map(({ hook }) => hook);
  const made: HookAudit[] = [];
  const bounded = timekeeper();
  for (const { hook, trusted } of found.hooks) {
    const scope = scopeOf(hook, all, found.grants);
    const text = hook.action.type === 'agent' ? hook.action.prompt : hook.action.command;
    const secrets = [...new Set(detectors.find(text).secrets.map((secret) => secret.ruleId))];
    const judge = judgeFor(hook, scope, found.place.workspace, policy);
    made.push(await auditHook({ hook, scope, judge, files, secrets, trusted, bounded }));
  }
  const problems = found.problems.map(
    ({ file, entry, message, hint }) => `${file}${entry ? ` (${entry})` : ''}: ${message}. ${hint}`,
  );
  return { audits: made, problems };
}

const some = ({ count, examples }: { count: number; examples: readonly string[] }) =>
  count === 0 ? '' : ` (${examples.map(showInvisible).join(', ')}${count > examples.length ? ', …' : ''})`;

function writes({ writes: { count, examples, lands, refused } }: HookAudit): string {
  const blocked =
    refused.length > 0
      ? `; refused although its grant matches: ${refused.map(({ path, rule }) => `${path} (${rule})`).join(', ')}`
      : '';
  if (count === 0) return `none${blocked}`;
  return `${count}${some({ count, examples })}, ${lands === 'apply' ? 'applied without review' : 'as proposals for review'}${blocked}`;
}

function show(audit: HookAudit): string {
  const rests = audit.rests ? `  (does not run: ${audit.rests})` : '';
  const fires = audit.fires
    ? [`  fires on:                   ${audit.fires.count} of the files here${some(audit.fires)}`]
    : [];
  const own = audit.own.map(
    ({ command, allowed, rule }) =>
      `  its own command:            ${showInvisible(command)}${allowed ? '' : ` (refused by ${rule})`}`,
  );
  const use = [
    ...audit.commands,
    ...audit.hosts.map((host) => `host ${host}`),
    ...(audit.packages ? ['package installation'] : []),
  ];
  const lines = [
    `${showInvisible(audit.hook)}: risk ${audit.risk}${rests}`,
    ...fires,
    ...own,
    `  files it can modify:        ${writes(audit)}`,
    `  commands, packages, hosts:  ${use.join(', ') || 'none beyond its own'}`,
    `  untrusted text:             ${audit.untrusted.map(({ what, way }) => `${what}: ${way}`).join('; ') || 'none'}`,
    ...audit.findings.map(
      ({ severity, message, fix, rule }) => `  ! ${severity}: ${message}\n      fix: ${fix}  [${rule}]`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** `ambit hooks check`: the three questions, answered by the policy point; exit code 1 at a high risk or a broken hook. */
export async function check(format: 'terminal' | 'json' | 'sarif', io: Io): Promise<number> {
  const { audits: made, problems } = await audits(io);
  if (format === 'json') io.out(`${JSON.stringify({ version: 1, audits: made, problems }, null, 2)}\n`);
  else if (format === 'sarif') io.out(`${JSON.stringify(hooksSarif(made), null, 2)}\n`);
  else {
    if (made.length + problems.length === 0) io.out('There are no hooks here.\n');
    for (const audit of made) io.out(`${show(audit)}\n`);
    for (const problem of problems) io.out(`! ${showInvisible(problem)}\n`);
  }
  return problems.length > 0 || made.some((audit) => audit.risk === 'high') ? exitCode.findings : exitCode.done;
}
