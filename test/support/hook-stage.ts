import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { acceptSubjects, compilePinned, trustStatus } from '@ambit/guard/integrity';
import { type StatePaths, statePaths } from '@ambit/guard/state';
import { parse } from 'yaml';
import { cli } from './cli.ts';

const root = join(import.meta.dirname, '..', '..');

export interface HookStage {
  workspace: string;
  state: StatePaths;
  env: Record<string, string>;
  put: (files: Record<string, string>) => void;
  text: (path: string) => string | undefined;
  /** Accepts everything that waits, as a person at a terminal would. */
  acceptAll: () => Promise<void>;
  run: (args: string[]) => Promise<{ code: number | null; out: string; err: string }>;
  start: (args: string[]) => ChildProcess;
  close: () => void;
}

/** A workspace and home of their own for process-level tests of hooks. */
export function makeHookStage(files: Record<string, string>, modelUrl = 'http://127.0.0.1:9'): HookStage {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'ambit-hooked-')));
  const workspace = join(base, 'ws');
  const home = join(base, 'home');
  mkdirSync(workspace);
  mkdirSync(home);
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: home,
    NO_COLOR: '1',
    LANG: 'C.UTF-8',
    AMBIT_MODEL: 'openai-compatible/scripted',
    OPENAI_BASE_URL: `${modelUrl}/v1`,
    OPENAI_API_KEY: 'x',
  };
  const put = (more: Record<string, string>) => {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(dirname(join(workspace, name)), { recursive: true });
      writeFileSync(join(workspace, name), text);
    }
  };
  put(files);
  const state = statePaths(workspace, env);
  const pinned = compilePinned(parse(readFileSync(join(root, 'catalog/policies/pinned.yaml'), 'utf8')), 'pinned.yaml');
  const start = (args: string[]) =>
    spawn(process.execPath, [cli, ...args], { cwd: workspace, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    workspace,
    state,
    env,
    put,
    text: (path) => {
      try {
        return readFileSync(join(workspace, path), 'utf8');
      } catch {
        return undefined;
      }
    },
    acceptAll: async () => {
      const place = { workspace, state, pinned };
      const { statuses } = await trustStatus(place);
      const shown = statuses.flatMap((status) =>
        status.subject && status.state !== 'trusted' ? [status.subject] : [],
      );
      await acceptSubjects(place, shown, { by: 'tester', at: '2026-11-24T00:00:00Z', channel: 'terminal' });
    },
    run: (args) =>
      new Promise((resolve) => {
        const child = start(args);
        let out = '';
        let err = '';
        child.stdout?.on('data', (chunk: Buffer) => {
          out += chunk;
        });
        child.stderr?.on('data', (chunk: Buffer) => {
          err += chunk;
        });
        child.on('close', (code) => resolve({ code, out, err }));
      }),
    start,
    close: () => rmSync(base, { recursive: true, force: true }),
  };
}
