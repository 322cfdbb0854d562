// A workspace, a scripted model and real terminals on both.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cli } from './cli.ts';
import { type HeardRequest, type ScriptedModel, type Step, startScriptedModel } from './scripted-model.ts';
import { openScreen, type Screen } from './tmux.ts';

export interface TerminalStage {
  workspace: string;
  model: ScriptedModel;
  open: (...args: string[]) => Screen;
  has: (path: string) => boolean;
  text: (path: string) => string;
}

export interface StageOptions {
  env?: Record<string, string>;
  files?: Record<string, string>;
  columns?: number;
  rows?: number;
}

/** A workspace, a model that follows the steps, and terminals on both; all gone afterwards. */
export async function onStage(
  steps: Step[] | ((request: HeardRequest, index: number) => Step),
  play: (stage: TerminalStage) => Promise<void>,
  { env = {}, files = {}, columns, rows }: StageOptions = {},
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'ambit-terminal-'));
  const workspace = join(root, 'workspace');
  mkdirSync(join(root, 'home'));
  mkdirSync(workspace);
  for (const [name, text] of Object.entries({ 'README.md': '# demo\n', ...files })) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), text);
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@e', ...args], { cwd: workspace });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'start');
  const model = await startScriptedModel({ steps });
  const screens: Screen[] = [];
  const open = (...args: string[]) => {
    const screen = openScreen([process.execPath, cli, ...args], {
      cwd: workspace,
      env: {
        HOME: join(root, 'home'),
        PATH: process.env['PATH'] ?? '',
        TERM: 'xterm-256color',
        LANG: 'C.UTF-8',
        OPENAI_BASE_URL: `${model.url}/v1`,
        OPENAI_API_KEY: 'x',
        AMBIT_MODEL: 'openai-compatible/scripted',
        ...env,
      },
      ...(columns ? { columns } : {}),
      ...(rows ? { rows } : {}),
    });
    screens.push(screen);
    return screen;
  };
  try {
    await play({
      workspace,
      model,
      open,
      has: (path) => existsSync(join(workspace, path)),
      text: (path) => readFileSync(join(workspace, path), 'utf8'),
    });
  } finally {
    for (const screen of screens) screen.close();
    await model.close();
    rmSync(root, { recursive: true, force: true });
  }
}
