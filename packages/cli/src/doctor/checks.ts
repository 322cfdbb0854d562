import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, rm, statfs } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { messageOf } from '@ambit/core/errors';
import { searchPath } from '@ambit/core/text';
import { configDirectory, type StatePaths, writeAtomic } from '@ambit/guard/state';
import type { Io } from '../command.ts';

/** One thing Ambit looks for. `missing` costs something, `broken` keeps Ambit from working. */
export interface Finding {
  name: string;
  state: 'ok' | 'missing' | 'broken';
  /** What was found. */
  detail: string;
  /** What its absence means, and what to do. */
  cost?: string;
}

const ok = (name: string, detail: string): Finding => ({ name, state: 'ok', detail });
const missing = (name: string, detail: string, cost: string): Finding => ({ name, state: 'missing', detail, cost });
const broken = (name: string, detail: string, cost: string): Finding => ({ name, state: 'broken', detail, cost });

/** First line a program prints for these arguments, looked up where no repository can put one; undefined when it is not there. */
async function firstLine(program: string, args: string[], workspace: string, io: Pick<Io, 'env'>) {
  return new Promise<string | undefined>((resolve) => {
    const path = searchPath(io.env['PATH'] ?? '', workspace, delimiter);
    const options = { cwd: '/', env: { PATH: path, LC_ALL: 'C' }, timeout: 5_000 };
    execFile(program, args, options, (error, stdout) => resolve(error ? undefined : stdout.split('\n')[0]?.trim()));
  });
}

export function nodeFinding(version = process.version): Finding {
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return ok('node', version);
  return broken('node', version, 'Ambit needs Node 20.19 or newer');
}

export async function programFinding(workspace: string, io: Pick<Io, 'env'>): Promise<Finding> {
  const git = await firstLine('git', ['--version'], workspace, io);
  if (git) return ok('git', git);
  return missing(
    'git',
    'not found',
    'checkpoints copy changed files instead of sharing objects, and ignore files are not read; install git',
  );
}

/** State and configuration folders: everything Ambit knows is kept there. */
export async function stateFindings(state: StatePaths, io: Pick<Io, 'env'>): Promise<Finding[]> {
  const findings: Finding[] = [];
  const probe = join(state.root, `.doctor-${randomBytes(4).toString('hex')}`);
  try {
    await writeAtomic(probe, 'x');
    await rm(probe, { force: true });
    const { bavail, bsize } = await statfs(state.root);
    const megabytes = Math.floor((Number(bavail) * Number(bsize)) / 1024 / 1024);
    findings.push(
      megabytes >= 100
        ? ok('state', `${state.root}, ${megabytes} MB free`)
        : missing(
            'state',
            `${state.root}, only ${megabytes} MB free`,
            'runs stop when the disk is full; nothing is lost, but free some space',
          ),
    );
  } catch (error) {
    findings.push(
      broken(
        'state',
        messageOf(error),
        `Ambit can only scan and lint here; make ${state.root} writable or set XDG_STATE_HOME`,
      ),
    );
  }
  findings.push(ok('configuration', configDirectory(io.env)), await lockFinding(state));
  return findings;
}

async function lockFinding(state: StatePaths): Promise<Finding> {
  const text = await readFile(join(state.root, 'run.lock'), 'utf8').catch(() => undefined);
  if (text === undefined) return ok('lock', 'no other run here');
  const pid = /"pid":(\d+)/.exec(text)?.[1] ?? 'unknown';
  return missing(
    'lock',
    `held by process ${pid}`,
    'only one `ambit run` works here at a time; if that process is gone, the next run takes the lock over',
  );
}

export async function auditFinding(state: StatePaths): Promise<Finding> {
  const { verifyAuditLog } = await import('@ambit/guard/audit');
  const { records, problem } = await verifyAuditLog(state);
  if (!problem) return ok('audit log', `${records} records, whole`);
  const cost = 'somebody or something changed it; see: ambit log verify';
  return broken('audit log', `record ${problem.sequence}: ${problem.problem}`, cost);
}

/** The cheapest working copy this machine allows, tried for real. */
export async function workingCopyFinding(state: StatePaths): Promise<Finding> {
  const { openWorkingCopy } = await import('@ambit/guard/working-copy');
  const stateDir = join(state.workingCopies, `doctor-${randomBytes(4).toString('hex')}`);
  const copy = await openWorkingCopy({ workspace: state.workspace, stateDir });
  try {
    await copy.write('.ambit-doctor', 'x');
    if (copy.kind === 'overlay') return ok('working copy', 'overlay: starts at once, whatever the size of the project');
    return missing(
      'working copy',
      copy.kind,
      'each run copies the project first; an overlay needs Linux 5.11 or newer with user namespaces',
    );
  } catch (error) {
    return broken('working copy', messageOf(error), 'no run can start here');
  } finally {
    await copy.discard().catch(() => undefined);
  }
}

export async function sandboxFinding(io: Pick<Io, 'env'>): Promise<Finding> {
  const [{ sandboxHere }, { readCatalog }] = await Promise.all([import('../confinement.ts'), import('../catalog.ts')]);
  const { sandbox, considered } = await sandboxHere({ policies: await readCatalog('policies'), env: io.env });
  const passed = considered.flatMap(({ name, state }) => (state.ok ? [] : [`${name}: ${state.reason}`]));
  if (sandbox) return ok('sandbox', [sandbox.name, ...passed].join('; '));
  const cost = considered.flatMap(({ state }) => (state.ok ? [] : [state.cost]))[0];
  return missing('sandbox', passed.join('; '), cost ?? 'commands are refused; install bubblewrap');
}

export async function modelFinding(io: Pick<Io, 'env'>): Promise<Finding> {
  const { chooseFor } = await import('../models.ts');
  const cost =
    'spec new, scan, hooks, trust and policy work without; for runs set a key (see: ambit model) or start a local server';
  try {
    const choice = await chooseFor(io, { role: 'coder' });
    if (!choice) return missing('model', 'no key and no local server found', cost);
    return ok('model', `${choice.provider}/${choice.model} (${choice.because})`);
  } catch (error) {
    return broken('model', messageOf(error), cost);
  }
}
