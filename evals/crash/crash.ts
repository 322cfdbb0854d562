// Whole runs (prompt, tool calls, change set, apply) ended by kill -9 at a chosen moment, and what must hold afterwards:
// the workspace is wholly old or wholly new, what Ambit says of it is true, the log is one chain, nothing keeps running,
// and the same run goes through when it is started again.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from '../../test/support/cli.ts';
import { startScriptedModel } from '../../test/support/scripted-model.ts';
import { makeStage, type Stage } from '../attacks/stage.ts';

/** When to kill: so long after the start, or so long after the nth line of output. */
export type Moment = { afterMs: number } | { line: number; afterMs: number };

export interface Crashed {
  /** What was broken; empty when everything holds. */
  problems: string[];
  /** Where the workspace ended. */
  tree: 'old' | 'new';
  killed: boolean;
}

const steps = [
  { tool: 'write', arguments: { path: 'src/new.js', content: 'export const fresh = 1;\n' } },
  { tool: 'edit', arguments: { path: 'src/sum.js', old: 'a + b', new: 'b + a' } },
  { tool: 'bash', arguments: { command: 'echo by-command > docs.txt && rm src/old.js' } },
  { tool: 'write', arguments: { path: 'deep/er/file.txt', content: 'x'.repeat(20_000) } },
  { tool: 'bash', arguments: { command: 'node --test src/sum.test.js' } },
  { text: 'done' },
];

function tree(folder: string, below = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(folder, below)).sort()) {
    const path = below === '' ? name : `${below}/${name}`;
    if (name === '.git' || name === 'vendor') continue;
    if (statSync(join(folder, path)).isDirectory()) Object.assign(found, tree(folder, path));
    else found[path] = readFileSync(join(folder, path), 'utf8');
  }
  return found;
}

/** What the finished run makes of a tree. */
function finished(old: Record<string, string>): Record<string, string> {
  const fresh: Record<string, string> = {
    ...old,
    'src/new.js': 'export const fresh = 1;\n',
    'docs.txt': 'by-command\n',
    'deep/er/file.txt': 'x'.repeat(20_000),
  };
  fresh['src/sum.js'] = (old['src/sum.js'] ?? '').replace('a + b', 'b + a');
  delete fresh['src/old.js'];
  return Object.fromEntries(Object.entries(fresh).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const same = (a: object, b: object) =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

interface Ran {
  lines: number;
  milliseconds: number;
  code: number | null;
  killed: boolean;
  output: string;
}

async function run(stage: Stage, moment?: Moment): Promise<Ran> {
  const model = await startScriptedModel({ steps });
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [cli, '-p', 'do it', '--model', 'openai-compatible/scripted', '--json', '--autopilot'],
    {
      cwd: stage.workspace,
      env: { ...stage.environment, OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_API_KEY: 'x' },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let output = '';
  let killed = false;
  const kill = () => {
    killed = child.exitCode === null && child.kill('SIGKILL');
  };
  const timers: NodeJS.Timeout[] = [];
  if (moment && !('line' in moment)) timers.push(setTimeout(kill, moment.afterMs));
  const lines = () => output.split('\n').length - 1;
  child.stdout.on('data', (chunk: Buffer) => {
    const before = lines();
    output += chunk.toString();
    if (moment && 'line' in moment && before < moment.line && lines() >= moment.line)
      timers.push(setTimeout(kill, moment.afterMs));
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  for (const timer of timers) clearTimeout(timer);
  await model.close();
  return { lines: lines(), milliseconds: performance.now() - started, code, killed, output };
}

function ambit(stage: Stage, ...args: string[]) {
  return spawnSync(process.execPath, [cli, ...args], {
    cwd: stage.workspace,
    env: stage.environment,
    encoding: 'utf8',
    timeout: 60_000,
  });
}

/** Processes that still hold anything of the stage. */
function survivors(stage: Stage): string[] {
  const all = execFileSync(
    'sh',
    ['-c', 'for p in /proc/[0-9]*; do printf "%s " "${p#/proc/}"; tr "\\0" " " 2>/dev/null < $p/cmdline; echo; done'],
    { encoding: 'utf8', maxBuffer: 1e8, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return all.split('\n').filter((line) => line.includes(stage.root) && !line.includes('/proc/[0-9]*'));
}

interface Listed {
  changeSets: { state?: { status?: string }; status?: string }[];
}

/** What Ambit says must be what is there: applied means new, anything else means old. */
function saidProblems(stage: Stage, now: 'old' | 'new'): string[] {
  const listed = ambit(stage, 'review', 'list', '--all', '--json');
  if (listed.status !== 0) return [`review list: ${listed.stderr.slice(0, 300)}`];
  const said = (JSON.parse(listed.stdout) as Listed).changeSets.map((set) => set.state?.status ?? set.status);
  const applied = said.includes('applied');
  return applied === (now === 'new')
    ? []
    : [`the workspace is ${now}, the change sets say ${said.join(', ') || 'nothing'}`];
}

/** How long an undisturbed run takes here, and how many lines it says. */
export async function undisturbed(): Promise<{ milliseconds: number; lines: number }> {
  const stage = await makeStage();
  try {
    const ran = await run(stage);
    if (ran.code !== 0) throw new Error(`the run does not go through: exit ${ran.code}\n${ran.output.slice(-1_000)}`);
    return { milliseconds: ran.milliseconds, lines: ran.lines };
  } finally {
    await stage.close();
  }
}

/** One run killed at a moment, looked at, and (when asked) run again to its end. */
export async function crash(moment: Moment, again: boolean): Promise<Crashed> {
  const stage = await makeStage();
  try {
    const old = tree(stage.workspace);
    const fresh = finished(old);
    const ran = await run(stage, moment);
    const problems: string[] = [];
    await new Promise((resolve) => setTimeout(resolve, 400));
    const left = survivors(stage);
    if (left.length > 0) problems.push(`still running: ${left.join(' | ').slice(0, 300)}`);
    const verified = ambit(stage, 'log', 'verify');
    if (verified.status !== 0)
      problems.push(`log verify, exit ${verified.status}: ${(verified.stdout + verified.stderr).slice(0, 300)}`);
    // Any command that looks at change sets brings an interrupted apply to its end first.
    ambit(stage, 'review', 'list');
    const now = tree(stage.workspace);
    const state = same(now, fresh) ? 'new' : 'old';
    if (state === 'old' && !same(now, old)) problems.push(`neither old nor new: ${Object.keys(now).join(' ')}`);
    problems.push(...saidProblems(stage, state));
    if (again && state === 'old' && problems.length === 0) {
      const second = await run(stage);
      if (second.code !== 0 || !same(tree(stage.workspace), fresh))
        problems.push(`the run does not go through afterwards: exit ${second.code}`);
    }
    return { problems, tree: state, killed: ran.killed };
  } finally {
    await stage.close();
  }
}
