import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cli } from '../../test/support/cli.ts';
import { type ScriptedModel, startScriptedModel } from '../../test/support/scripted-model.ts';
import type { Attack, Benign, Seen, Step } from './case.ts';
import { benignCore, benignJobs } from './cases/benign.ts';
import { chainAttacks } from './cases/chains.ts';
import { commandAttacks } from './cases/commands.ts';
import { controlFileAttacks } from './cases/control-files.ts';
import { egressAndTrustAttacks } from './cases/egress-and-trust.ts';
import { everydayTools } from './cases/everyday.ts';
import { everydayFiles } from './cases/everyday-files.ts';
import { everydayHistory } from './cases/everyday-history.ts';
import { everydayMore } from './cases/everyday-more.ts';
import { everydayShells } from './cases/everyday-shells.ts';
import { everydayStacks } from './cases/everyday-stacks.ts';
import { everydayTrades } from './cases/everyday-trades.ts';
import { hiddenGit } from './cases/hidden-git.ts';
import { hiddenPrograms } from './cases/hidden-programs.ts';
import { hiddenServers, twoServers } from './cases/hidden-servers.ts';
import { hiddenSessions, resumedJob } from './cases/hidden-sessions.ts';
import { labAttacks } from './cases/lab.ts';
import { obeyedAttacks } from './cases/obeyed.ts';
import { outwardAttacks } from './cases/outward.ts';
import { persistenceAttacks } from './cases/persistence.ts';
import { reachAttacks } from './cases/reach.ts';
import { reachPrograms } from './cases/reach-programs.ts';
import { secretAttacks } from './cases/secrets.ts';
import { traceAttacks } from './cases/traces.ts';
import { makeStage, type Stage } from './stage.ts';
import { blockedAsTask, played, type Way } from './ways.ts';

export type Mode = 'default' | 'autopilot';

export interface Row {
  kind: 'attack' | 'benign';
  id: string;
  title: string;
  mode: Mode;
  good: boolean;
  exitCode: number;
  results: string[];
}

export const allAttacks: Attack[] = [
  ...labAttacks,
  ...controlFileAttacks,
  ...commandAttacks,
  ...egressAndTrustAttacks,
  ...secretAttacks,
  ...persistenceAttacks,
  ...outwardAttacks,
  ...traceAttacks,
  ...chainAttacks,
  ...obeyedAttacks,
  ...reachAttacks,
  ...reachPrograms,
  ...hiddenPrograms,
  ...hiddenGit,
  ...hiddenServers,
  ...hiddenSessions,
];
const installed = (program: string) =>
  (process.env['PATH'] ?? '')
    .split(':')
    // A stage has a home of its own: a toolchain in the real one is not there.
    .filter((folder) => !folder.startsWith(homedir()))
    .some((folder) => existsSync(join(folder, program)));
const all: Benign[] = [
  ...benignJobs,
  ...everydayTools,
  ...everydayFiles,
  ...everydayMore,
  ...everydayHistory,
  ...everydayShells,
  ...everydayStacks,
  ...everydayTrades,
  { id: 'day:resumed', title: 'a session is resumed and goes on', ...resumedJob },
  { id: 'day:two-servers', title: 'two MCP servers are used as they were accepted', ...twoServers },
];

/** Every everyday job this machine can do, and the programs whose jobs are left out here. */
export const jobs = all.filter(({ needs }) => needs === undefined || installed(needs));
export const leftOut = all.filter((job) => !jobs.includes(job)).map(({ id, needs }) => `${id} (no ${needs})`);
export { benignCore, labAttacks };

interface Finished {
  exitCode: number;
  output: string;
}

/** Longest a session may take, in milliseconds; a hang is a failed row, not a hung suite. */
const sessionLimit = 90_000;

function startAmbit(stage: Stage, model: ScriptedModel, args: string[], stdin: string | undefined): Promise<Finished> {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: stage.workspace,
    env: { ...stage.environment, OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_API_KEY: 'x' },
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(stdin);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    const killGroup = () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch {}
    };
    const timer = setTimeout(killGroup, sessionLimit);
    child.on('close', (code) => {
      clearTimeout(timer);
      killGroup();
      resolve({ exitCode: code ?? -1, output });
    });
  });
}

function toolCall(step: Step): { text: string } | { tool: string; arguments: Record<string, unknown> } {
  if (step.tool === 'say') return { text: step.text };
  if (step.tool === 'call') return { tool: step.name, arguments: step.arguments };
  const { tool, ...rest } = step;
  return { tool, arguments: rest };
}

/** All tool results in order: the longest history of each conversation, so that sub-runs and tasks count as well. */
function resultsOf(model: ScriptedModel): string[] {
  const conversations = new Map<string, string[]>();
  for (const { results, body } of model.requests) {
    const key = results[0] ?? body.slice(0, 200);
    if (results.length >= (conversations.get(key)?.length ?? 0)) conversations.set(key, results);
  }
  return [...conversations.values()].flat();
}

async function session(item: Attack | Benign, mode: Mode, way: Way): Promise<{ stage: Stage; seen: Seen }> {
  const stage = await makeStage();
  const play = played[item.between ? 'resumed' : way];
  // The way first: what it commits must not set off the git hooks of a hostile case.
  await play.arrange(stage);
  await item.setup?.(stage);
  mkdirSync(join(stage.home, '.cache'), { recursive: true });
  const steps = play.steps([...item.steps(stage).map(toolCall), { text: 'done' }]);
  const model = await startScriptedModel({ steps });
  try {
    const prompt = item.prompt ?? 'Follow the notes in README.md';
    let finished: Finished = { exitCode: -1, output: '' };
    for (const [i, args] of play.lines(prompt, mode === 'autopilot').entries()) {
      if (i > 0) await item.between?.(stage);
      finished = await startAmbit(stage, model, args, item.stdin);
    }
    const results = way === 'plain' ? model.toolResults() : resultsOf(model);
    return { stage, seen: { requests: model.requests.map((r) => r.body), results, ...finished } };
  } finally {
    await model.close();
  }
}

/** Lets children that outlived their session show it before the effect is judged. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 300));

export async function runAttack(attack: Attack, mode: Mode, way: Way = 'plain'): Promise<Row> {
  const { stage, seen } = await session(attack, mode, way);
  await settle();
  const tried = seen.requests.length > 0;
  const good = tried && !attack.happened(stage, seen);
  const results = tried ? seen.results : [seen.output.slice(-600)];
  await stage.close();
  return { kind: 'attack', id: attack.id, title: attack.title, mode, good, exitCode: seen.exitCode, results };
}

/** The case's task is blocked because the tests fail, and nothing of it landed. */
function blockedByTests(stage: Stage, { exitCode, output }: Seen): boolean {
  const report = JSON.parse(output.trim().split('\n').at(-1) ?? '') as {
    tasks?: { status: string; reason?: string }[];
  };
  const [first] = report.tasks ?? [];
  const blocked = first?.status === 'blocked' && first.reason?.startsWith('tests: ') === true;
  return exitCode === 1 && blocked && stage.git('diff', '--', 'src') === '';
}

export async function runBenign(job: Benign, way: Way = 'plain'): Promise<Row> {
  const { stage, seen } = await session(job, 'autopilot', way);
  const blocked = way === 'tasks' && blockedAsTask[job.id] !== undefined;
  const good = blocked ? blockedByTests(stage, seen) : seen.exitCode === 0 && job.worked(stage, seen);
  const held = /"flags":\[[^\]]{3,}\]/.exec(seen.output)?.[0].slice(0, 500) ?? '';
  const last = `${held} ${seen.output.trim().split('\n').slice(-3).join(' ').slice(-300)}`;
  const results = [
    `exit ${seen.exitCode} ${good ? '' : last}`,
    ...(seen.results.length > 0 ? seen.results : [seen.output.slice(-600)]),
  ];
  await stage.close();
  return { kind: 'benign', id: job.id, title: job.title, mode: 'autopilot', good, exitCode: seen.exitCode, results };
}
