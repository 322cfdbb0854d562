import { readFile } from 'node:fs/promises';
import { showInvisible } from '@ambit/core/text';
import { auditHook, type Hook, type HookAudit, type HookJudge, type HookScope, scopeOf } from '@ambit/engine/hooks';
import { createGuard, defaultAmbit, type LoadedPolicy, shippedPolicy } from '@ambit/guard/policy';
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
  const guard = createGuard({
    run,
    ambit: { ...defaultAmbit('hook'), write: [...scope.write], commands: [...scope.commands], hosts: [...scope.hosts] },
    policy,
    workspace,
    view: diskView(),
    readText: async (path) => readFile(path.absolute, 'utf8').catch(() => undefined),
    mode: 'autopilot',
    confined: true,
    audit: { record: () => Promise.reject(new Error('an audit records nothing')) },
    redact: (text) => ({ text, redactions: 0 }),
  });
  const base = { id: 'audit', run, labels: [] };
  const answer = ({ effect, because }: { effect: string; because: { rule: string } }) => ({
    allowed: effect === 'allow',
    rule: because.rule,
  });
  return {
    write: (path) => answer(guard.judgeChange(path, 'write')),
    command: async (line) => answer((await guard.judge({ ...base, kind: 'execute', command: line })).decision),
    host: (host) => ({ allowed: scope.hosts.includes(host), rule: 'ambit.hosts' }),
  };
}

async function audits(io: Io): Promise<{ audits: HookAudit[]; problems: string[] }> {
  const found = await findHooks(io);
  const policy = shippedPolicy(await readCatalog('policies'));
  const detectors = await secretDetectors();
  const files = await listFiles(found.place.workspace);
  const all = found.hooks.map(({ hook }) => hook);
  const made: HookAudit[] = [];
  for (const { hook, trusted } of found.hooks) {
    const scope = scopeOf(hook, all, found.grants);
    const text = hook.action.type === 'agent' ? hook.action.prompt : hook.action.command;
    const secrets = [...new Set(detectors.find(text).secrets.map((secret) => secret.ruleId))];
    const judge = judgeFor(hook, scope, found.place.workspace, policy);
    made.push(await auditHook({ hook, scope, judge, files, secrets, trusted }));
  }
  const problems = found.problems.map(
    ({ file, entry, message, hint }) => `${file}${entry ? ` (${entry})` : ''}: ${message}. ${hint}`,
  );
  return { audits: made, problems };
}

function writes({ writes: { count, examples, lands, refused } }: HookAudit): string {
  const blocked =
    refused.length > 0
      ? `; refused although its grant matches: ${refused.map(({ path, rule }) => `${path} (${rule})`).join(', ')}`
      : '';
  if (count === 0) return `none${blocked}`;
  return `${count} (${examples.join(', ')}${count > examples.length ? ', …' : ''}), ${lands === 'apply' ? 'applied without review' : 'as proposals for review'}${blocked}`;
}

function show(audit: HookAudit): string {
  const runs = audit.runs ? '' : '  (does not run: disabled, not accepted, or holds a secret)';
  const use = [
    ...audit.commands,
    ...audit.hosts.map((host) => `host ${host}`),
    ...(audit.packages ? ['package installation'] : []),
  ];
  const lines = [
    `${showInvisible(audit.hook)}: risk ${audit.risk}${runs}`,
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
