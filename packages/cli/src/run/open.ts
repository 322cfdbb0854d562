import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import type { Event, RunRef } from '@ambit/core/schema';
import type { Continuation, OpenedSession, OpenSessionOptions } from '@ambit/engine';
import type { Effort } from '@ambit/engine/providers';
import type { GatePorts } from '@ambit/guard';
import type { Subject } from '@ambit/guard/integrity';
import type { Io } from '../command.ts';
import { openGuidance } from '../guidance.ts';
import { openMcp } from '../mcp-servers.ts';
import { requireModel } from '../models.ts';
import { openWorkbench, type Workbench } from '../workbench.ts';

/** Turns of one prompt unless said otherwise: far more than a job takes, far less than a night of loops. */
export const defaultTurns = 200;

export interface ChatOptions {
  model: string | undefined;
  effort: Effort | undefined;
  autopilot: boolean;
  turns: number | undefined;
  dollars: number | undefined;
  /** A custom agent by name; it narrows the session. */
  agent?: string | undefined;
  /** From a stored session, with the run whose working copy it left, and the agent that narrowed it. */
  continuation?: Continuation & { run: string; agent?: string };
  ask?: NonNullable<GatePorts['ask']>;
  human?: NonNullable<OpenSessionOptions['human']>;
  /** Looks at the tools an MCP server offers; only a terminal stands behind it. */
  acceptTools?: (tools: Subject) => Promise<boolean>;
  emit: (event: Event) => void;
  progress?: (text: string) => void;
}

export interface OpenedChat {
  bench: Workbench;
  opened: OpenedSession;
  model: string;
}

/** Keeps an «always» in the user's configuration and says what was kept. */
function keeper(bench: Workbench, io: Io, note: (text: string) => void): NonNullable<OpenSessionOptions['remember']> {
  return async (requests, { decision }) => {
    const [{ keepGrants }, { configDirectory }] = await Promise.all([
      import('@ambit/guard/approvals'),
      import('@ambit/guard/state'),
    ]);
    const given = {
      workspace: bench.workspace,
      at: io.now().toISOString(),
      channel: 'terminal',
      rule: decision.because.rule,
    };
    const kept = await keepGrants(configDirectory(io.env), requests, given);
    if (kept.length === 0) note('not kept: what was asked reads as a pattern and would cover more than was shown');
    for (const { id, capability, match } of kept)
      note(`kept ${id}: ${capability} ${match.join(', ')} in this workspace (ambit policy grants)`);
  };
}

/** What a custom agent makes of a session: its words, fewer tools, and rules that only forbid or ask. */
async function narrow(name: string, bench: Workbench, io: Io) {
  const [{ agentNamed, policyWith }, { offers }] = await Promise.all([
    import('../agents.ts'),
    import('@ambit/engine/agents'),
  ]);
  const agent = await agentNamed(name, io);
  return {
    agent,
    policy: await policyWith(bench.policy, agent),
    offers: (core: ReadonlySet<string>) => offers(agent, core),
  };
}

/** Where the person stands below the workspace, `/` between segments; empty at its root. */
function standsIn(workspace: string, cwd: string): string {
  const path = relative(workspace, realpathSync(cwd)).split(sep).join('/');
  return path.startsWith('..') || isAbsolute(path) ? '' : path;
}

/** A chat run in the workspace around `io.cwd`: the workspace without guarded and control files is its ambit. */
export async function openChat(chat: ChatOptions, io: Io): Promise<OpenedChat> {
  const [{ openSession }, { defaultAmbit }, bench, { client, choice, table }] = await Promise.all([
    import('@ambit/engine'),
    import('@ambit/guard/policy'),
    openWorkbench(io),
    requireModel(io, { flag: chat.model, role: 'coder', effort: chat.effort, dollars: chat.dollars }),
  ]);
  const run: RunRef = { id: chat.continuation?.run ?? randomBytes(6).toString('hex'), kind: 'chat', depth: 0 };
  const note = (text: string) =>
    chat.emit({ version: 1, time: io.now().toISOString(), run, type: 'note', level: 'warning', text });
  // SECURITY: going on with a session whose agent narrowed it never widens it (agents.test.ts).
  const name = chat.continuation?.agent ?? chat.agent;
  const narrowed = name === undefined ? undefined : await narrow(name, bench, io);
  const agent = narrowed?.agent;
  for (const one of agent?.ignored ?? []) note(`agent ${agent?.name}: does not count: ${one}`);
  const guidance = await openGuidance(bench, run, io, note, agent);
  if (guidance.inert.length > 0)
    note(`not loaded, because nobody accepted it: ${guidance.inert.join(', ')} (ambit trust)`);
  const { automation } = guidance;
  const mcp = await openMcp(io, note, chat.acceptTools);
  const opened = await openSession({
    state: bench.state,
    kind: 'chat',
    run,
    steering: guidance.steering,
    folder: standsIn(bench.workspace, io.cwd),
    ...(automation ? { hooks: automation.hooks, around: automation.around } : {}),
    ambit: defaultAmbit('chat'),
    mode: chat.autopilot ? 'autopilot' : 'supervised',
    policy: narrowed?.policy ?? bench.policy,
    ...(narrowed ? { offers: narrowed.offers, agent: narrowed.agent.name } : {}),
    redact: bench.redact,
    judges: bench.judges,
    ...(mcp ? { mcp } : {}),
    ...(bench.confinement ? { confinement: bench.confinement } : {}),
    model: client,
    ...(choice.effort ? { effort: choice.effort } : {}),
    limits: { turns: chat.turns ?? defaultTurns, ...(chat.dollars === undefined ? {} : { dollars: chat.dollars }) },
    dollars: table.dollars,
    emit: chat.emit,
    ...(chat.progress ? { progress: chat.progress } : {}),
    now: io.now,
    ...(chat.ask ? { ask: chat.ask, remember: keeper(bench, io, note) } : {}),
    ...(chat.human ? { human: chat.human } : {}),
    ...(chat.continuation ? { continuation: chat.continuation } : {}),
  });
  const close = async () => {
    await automation?.end();
    await opened.close();
  };
  return { bench, opened: { ...opened, close }, model: client.id };
}
