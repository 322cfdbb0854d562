// Runs Ambit's command line as a process on a throw-away workspace against a scripted model.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cli } from './cli.ts';
import { type ScriptedModel, type Step, startScriptedModel } from './scripted-model.ts';

export interface Ended {
  code: number;
  out: string;
  err: string;
}

export interface Stage {
  root: string;
  home: string;
  workspace: string;
  model: ScriptedModel;
  env: Record<string, string>;
  run: (args: string[], options?: { stdin?: string; interruptWhen?: () => boolean; folder?: string }) => Promise<Ended>;
  has: (path: string) => boolean;
  text: (path: string) => string;
}

/** A workspace with git, a home of its own and a model that follows the steps; all gone when `play` has ended. */
export async function onStage(
  steps: Step[] | Parameters<typeof startScriptedModel>[0],
  play: (stage: Stage) => Promise<void>,
  files: Record<string, string> = { 'README.md': '# demo\n' },
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'ambit-stage-'));
  const [home, workspace] = [join(root, 'home'), join(root, 'workspace')];
  for (const folder of [home, workspace]) mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), content);
  }
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid'];
  const git = (...args: string[]) => execFileSync('git', [...identity, ...args], { cwd: workspace, stdio: 'ignore' });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'start');
  const model = await startScriptedModel(Array.isArray(steps) ? { steps } : steps);
  const env = {
    HOME: home,
    PATH: process.env['PATH'] ?? '',
    LANG: 'C.UTF-8',
    OPENAI_BASE_URL: `${model.url}/v1`,
    OPENAI_API_KEY: 'x',
    AMBIT_MODEL: 'openai-compatible/scripted',
  };
  const run: Stage['run'] = (args, { stdin, interruptWhen, folder = '.' } = {}) =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [cli, ...args], {
        cwd: join(workspace, folder),
        env,
        stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
      let [out, err] = ['', ''];
      child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(stdin);
      const watch = interruptWhen && setInterval(() => interruptWhen() && child.kill('SIGINT'), 50);
      const limit = setTimeout(() => child.kill('SIGKILL'), 90_000);
      child.on('close', (code) => {
        clearTimeout(limit);
        if (watch) clearInterval(watch);
        resolve({ code: code ?? -1, out, err });
      });
    });
  const text = (path: string) => (existsSync(join(workspace, path)) ? readFileSync(join(workspace, path), 'utf8') : '');
  try {
    await play({ root, home, workspace, model, env, run, text, has: (path) => existsSync(join(workspace, path)) });
  } finally {
    await model.close();
    rmSync(root, { recursive: true, force: true });
  }
}
