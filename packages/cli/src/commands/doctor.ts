import { homedir } from 'node:os';
import { messageOf } from '@ambit/core/errors';
import { type Command, exitCode, type Io, options } from '../command.ts';
import type { Finding } from '../doctor/checks.ts';

const help = `ambit doctor: what is present, what is missing, and what that costs

Usage: ambit doctor [--json]
       ambit doctor --aws [--json]    static AWS keys in project, profile and environment; nothing secret is shown

Looks for Node, git, a sandbox, the working copy, a model, the state folder and the audit log. Nothing in the
workspace is touched.

Exit codes: 0 everything needed is there (what is merely missing has its cost beside it); 1 something is broken, or with
--aws a key stands where a commit would publish it

Example:
  ambit doctor
`;

async function examine(io: Io): Promise<Finding[]> {
  const checks = await import('../doctor/checks.ts');
  const { findWorkspace } = await import('../place.ts');
  const { statePaths } = await import('@ambit/guard/state');
  const state = statePaths(findWorkspace(io.cwd, io.env), io.env);
  const safely = (name: string, work: Promise<Finding | Finding[]>) =>
    work.catch((error: unknown): Finding => ({ name, state: 'broken', detail: messageOf(error) }));
  const found = await Promise.all([
    checks.nodeFinding(),
    safely('git', checks.programFinding(state.workspace, io)),
    safely('sandbox', checks.sandboxFinding(io)),
    safely('working copy', checks.workingCopyFinding(state)),
    safely('model', checks.modelFinding(io)),
    safely('state', checks.stateFindings(state, io)),
    safely('audit log', checks.auditFinding(state)),
  ]);
  return [{ name: 'workspace', state: 'ok' as const, detail: state.workspace }, ...found.flat()];
}

async function awsKeys(json: boolean, io: Io): Promise<number> {
  const [{ checkAwsCredentials }, { findWorkspace }] = await Promise.all([
    import('@ambit/guard/credentials'),
    import('../place.ts'),
  ]);
  const home = io.env['HOME'] || homedir();
  const workspace = findWorkspace(io.cwd, io.env);
  const findings = await checkAwsCredentials({ home, workspace, env: io.env, now: io.now() });
  if (json) io.out(`${JSON.stringify({ version: 1, findings })}\n`);
  else if (findings.length === 0) io.out('No static AWS keys in the project, the profiles or the environment.\n');
  else
    for (const { severity, where, problem, advice } of findings)
      io.out(`${severity.padEnd(7)} ${where}  ${problem}\n        ${advice}\n`);
  return findings.some(({ severity }) => severity === 'high') ? exitCode.findings : exitCode.done;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values } = options('doctor', args, {
    json: { type: 'boolean', default: false },
    aws: { type: 'boolean', default: false },
  });
  if (values.aws) return awsKeys(values.json === true, io);
  const findings = await examine(io);
  const isBroken = findings.some((finding) => finding.state === 'broken');
  if (values.json) io.out(`${JSON.stringify({ version: 1, findings })}\n`);
  else {
    const marks = { ok: 'ok      ', missing: 'missing ', broken: 'BROKEN  ' };
    const width = Math.max(...findings.map((finding) => finding.name.length));
    for (const { name, state, detail, cost } of findings) {
      io.out(`${marks[state]}${name.padEnd(width)}  ${detail}\n`);
      if (cost && state !== 'ok') io.out(`${' '.repeat(8 + width)}  ${cost}\n`);
    }
  }
  return isBroken ? exitCode.findings : exitCode.done;
}

export const command: Command = {
  name: 'doctor',
  summary: 'what is present, what is missing, what that costs',
  help,
  run,
};
