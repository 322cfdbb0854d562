// A real session on a throw-away workspace: real guard, policy, working copy, audit log; the model is scripted.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Event } from '../../packages/core/src/schema/index.ts';
import { type OpenedSession, type OpenSessionOptions, openSession } from '../../packages/engine/src/session.ts';
import { defaultAmbit, shippedPolicy } from '../../packages/guard/src/policy/index.ts';
import { type StatePaths, statePaths } from '../../packages/guard/src/state/index.ts';
import { readCatalogSources } from './catalog.ts';
import { type ClientStep, type ScriptedClient, scriptedClient } from './scripted-client.ts';

/** Read once: parsing the catalogue costs more than most tests. */
const catalog = readCatalogSources('policies');

export interface Place {
  workspace: string;
  state: StatePaths;
  put: (files: Record<string, string>) => Promise<void>;
  text: (path: string) => Promise<string | undefined>;
  close: () => Promise<void>;
}

export async function makePlace(files: Record<string, string> = {}): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'ambit-session-'));
  const workspace = join(root, 'workspace');
  await mkdir(workspace);
  const put = async (all: Record<string, string>) => {
    for (const [name, content] of Object.entries(all)) {
      await mkdir(dirname(join(workspace, name)), { recursive: true });
      await writeFile(join(workspace, name), content);
    }
  };
  await put(files);
  return {
    workspace,
    state: statePaths(workspace, { HOME: join(root, 'home') }),
    put,
    text: (path) => readFile(join(workspace, path), 'utf8').catch(() => undefined),
    close: () => rm(root, { recursive: true, force: true }),
  };
}

export interface TestSession extends OpenedSession {
  events: Event[];
  model: ScriptedClient;
  /** Texts of all tool results, in order. */
  results: () => string[];
}

/** `steps` may be a client of the caller's own. */
export async function startSession(
  place: Place,
  steps: readonly ClientStep[] | ((turn: number) => ClientStep),
  options: Partial<OpenSessionOptions> & { contextTokens?: number; keepRequests?: number } = {},
): Promise<TestSession> {
  const { contextTokens, keepRequests, ...rest } = options;
  const model = scriptedClient(
    typeof steps === 'function' ? (_request, turn) => steps(turn) : steps,
    contextTokens,
    keepRequests,
  );
  const events: Event[] = [];
  const opened = await openSession({
    state: place.state,
    kind: 'chat',
    ambit: defaultAmbit('chat'),
    mode: 'autopilot',
    policy: shippedPolicy(await catalog),
    redact: (text) => ({
      text: text.replaceAll('CANARY-SECRET', '[redacted]'),
      redactions: text.includes('CANARY-SECRET') ? 1 : 0,
    }),
    model,
    limits: { turns: 500 },
    emit: (event) => void events.push(event),
    now: () => new Date(),
    copyKinds: ['copy'],
    ...rest,
  });
  return {
    ...opened,
    events,
    model,
    results: () =>
      opened.session.messages.flatMap((message) =>
        message.role === 'tool' ? message.parts.map((part) => part.text) : [],
      ),
  };
}

export const call = (name: string, args: Record<string, unknown>): ClientStep => ({
  calls: [{ name, arguments: args }],
});
