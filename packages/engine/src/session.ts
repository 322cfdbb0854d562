import { randomBytes } from 'node:crypto';
import { AmbitError } from '@ambit/core/errors';
import type { Mode, NamedGrant } from '@ambit/core/policy-model';
import type { Ambit, Event, Label, RuleVerdict, RunKind, RunRef, Usage } from '@ambit/core/schema';
import type { Executed, GatePorts, Grant } from '@ambit/guard';
import { openAuditLog } from '@ambit/guard/audit';
import { createGuard, type Guard, type GuardOptions, type Judge, type LoadedPolicy } from '@ambit/guard/policy';
import { workingCopyView } from '@ambit/guard/resolve';
import { type StatePaths, workingCopyFolder } from '@ambit/guard/state';
import { openWorkingCopy, type WorkingCopy, type WorkingCopyKind } from '@ambit/guard/working-copy';
import type { RunLimits } from './agent/types.ts';
import { openBlobs } from './checkpoint/index.ts';
import type { Effort, Message, ModelClient, ModelUsage } from './providers/model.ts';
import { type ConfinedCommands, type Confinement, confinedCommands } from './session/commands.ts';
import { saveCopyPoint } from './session/copy-point.ts';
import { diagnose } from './session/diagnose.ts';
import {
  branchOf,
  historyOf,
  keptOf,
  modelOf,
  newSessionId,
  openSessionLog,
  readSession,
  type SessionLog,
  saidOf,
  sessionFile,
  usageOf,
} from './session/log.ts';
import { agentOf, labelsOf, writtenOf } from './session/recall.ts';
import { turnBlobs } from './session/rewind.ts';
import type { McpSetup, Serving } from './session/serving.ts';
import { createSession, type Session, type SessionHooks, type SessionParts } from './session/session.ts';
import { systemText } from './session/system.ts';
import { coreTools } from './tools/index.ts';
import type { AnyTool } from './tools/tool.ts';
import type { TypeCheck } from './types/index.ts';

/** Where a resumed session goes on. */
export interface Continuation {
  log: SessionLog;
  history: readonly Message[];
  kept: ReadonlyMap<string, string>;
  said: readonly string[];
  /** Spent in the session so far. */
  usage?: Usage;
  /** What its words are tainted with, and what its tools wrote. */
  labels?: readonly Label[];
  written?: readonly string[];
}

/** Where a stored session goes on: after its last line, or after `at` (a branch). */
export async function continueSession(
  state: StatePaths,
  id: string,
  now: () => Date,
  at?: string,
): Promise<Continuation & { run: string; model?: string; agent?: string }> {
  const path = sessionFile(state.sessions, id);
  const { entries } = await readSession(path);
  const branch = branchOf(entries, at);
  const [first] = branch;
  if (first?.type === 'session') ownSession(first, state, path);
  const model = modelOf(branch);
  const log = await openSessionLog(path, branch.at(-1)?.id ?? null, now);
  // A branch starts from the workspace as it is: the working copy belongs to the turns that were left.
  const run = at === undefined && first?.type === 'session' ? first.run : randomBytes(6).toString('hex');
  const usage = usageOf(entries);
  const agent = agentOf(branch);
  const words = { history: historyOf(branch), kept: keptOf(branch), said: saidOf(branch) };
  const passed = { labels: labelsOf(branch), written: writtenOf(branch) };
  return { log, run, usage, ...words, ...passed, ...(model ? { model } : {}), ...(agent ? { agent } : {}) };
}

/**
 * A session file may have been edited or brought from elsewhere: what it names is used as part of a path, so it is a name
 * and nothing else, and the session is one of this workspace.
 * SECURITY: held by evals/attacks («session:run-…») and session.test.ts («a session file cannot name …»).
 */
function ownSession(first: { run: string; workspace: string }, state: StatePaths, path: string): void {
  workingCopyFolder(state, first.run);
  if (first.workspace === state.workspace) return;
  throw new AmbitError('state.broken', `the session belongs to another workspace: \`${first.workspace}\``, {
    where: path,
    hint: 'to see the sessions of this workspace: ambit resume --list',
  });
}

export interface OpenSessionOptions {
  /** Layout of the workspace's state; `workspace` in it is the real path. */
  state: StatePaths;
  kind: RunKind;
  /** Who this run is, beyond its kind: spec, task, hook, parent. The id is made here unless given. */
  run?: Partial<RunRef>;
  ambit: Ambit;
  mode: Mode;
  policy: LoadedPolicy;
  redact: GatePorts['redact'];
  /** Absent where nothing confines: commands are refused. */
  confinement?: Confinement;
  model: ModelClient;
  effort?: Effort;
  limits: RunLimits;
  dollars?: (model: string, usage: ModelUsage) => number | undefined;
  emit: (event: Event) => void;
  progress?: (text: string) => void;
  now: () => Date;
  /** Only a terminal or user interface may stand behind it (C5). */
  ask?: NonNullable<GatePorts['ask']>;
  /** Keeps an «always»; absent where that is not offered. */
  remember?: GuardOptions['remember'];
  checkpoint?: GatePorts['checkpoint'];
  grants?: readonly NamedGrant[];
  hashes?: readonly string[];
  judges?: readonly Judge[];
  /** Budgets of the runs this one is part of. */
  spendings?: GuardOptions['spendings'];
  hooks?: SessionHooks;
  /** Trusted guidance for what was said last. */
  steering?: (prompt: string) => Promise<string>;
  /** What the run is for, beyond the prompt. */
  task?: string;
  /** Folder in which the person stands, relative to the workspace. */
  folder?: string;
  /** The custom agent that narrows it, by name, so that a continuation is narrowed as well. */
  agent?: string;
  /** MCP servers of accepted settings; started with the session, in the sandbox. */
  mcp?: McpSetup;
  /** Tools beyond the core ones. */
  tools?: readonly AnyTool[];
  /** Which tools are offered, told the names of the core ones; absent: all. */
  offers?: (core: ReadonlySet<string>) => (tool: string) => boolean;
  /** Wraps every tool, for those who want a word before and after each call (hooks). */
  around?: (tool: AnyTool) => AnyTool;
  /** A working copy that is already open; it is then not closed here. */
  copy?: WorkingCopy;
  /** Asks the person at the terminal, for the model's own questions. */
  human?: SessionParts['human'];
  /** What the run that started this one had read. */
  labels?: readonly Label[];
  copyKinds?: readonly WorkingCopyKind[];
  continuation?: Continuation;
}

/** A session with what it was wired from, for whoever makes its change set. */
export interface OpenedSession {
  session: Session;
  guard: Guard;
  copy: WorkingCopy;
  /** Lets go of files and processes. What was changed stays in the working copy. */
  close: () => Promise<void>;
}

async function startLog(options: OpenSessionOptions, run: RunRef): Promise<SessionLog> {
  const { state, kind, now, agent } = options;
  const log = await openSessionLog(sessionFile(state.sessions, newSessionId(now())), null, now);
  const named = agent === undefined ? {} : { agent };
  await log.append({ type: 'session', version: 1, workspace: state.workspace, kind, run: run.id, ...named });
  await log.append({ type: 'model', model: options.model.id });
  return log;
}

function openGuard(options: OpenSessionOptions, run: RunRef, copy: WorkingCopy, audit: GatePorts['record']): Guard {
  const { state, ask, checkpoint, grants, hashes, judges } = options;
  const inside = (path: { relative?: string }) => path.relative !== undefined && path.relative !== '.';
  const install = options.confinement?.install?.(async (path) =>
    (await copy.exists(path)) ? Buffer.from(await copy.read(path)).toString() : undefined,
  );
  return createGuard({
    run,
    ambit: options.ambit,
    policy: options.policy,
    workspace: state.workspace,
    view: workingCopyView(state.workspace, copy),
    readText: async (path) =>
      inside(path) && path.type === 'file' ? Buffer.from(await copy.read(path.relative ?? '')).toString() : undefined,
    mode: options.mode,
    confined: options.confinement !== undefined,
    ...(options.confinement?.path ? { path: options.confinement.path } : {}),
    audit: { record: audit },
    redact: options.redact,
    ...(install ? { install } : {}),
    ...(ask ? { ask } : {}),
    ...(options.remember ? { remember: options.remember } : {}),
    ...(checkpoint ? { checkpoint } : {}),
    ...(grants ? { grants } : {}),
    ...(hashes ? { hashes } : {}),
    ...(judges ? { judges } : {}),
    ...(options.spendings ? { spendings: options.spendings } : {}),
    measure: async () => (copy.made ? await copy.changes() : []),
  });
}

function systemOf(options: OpenSessionOptions, said: () => string): () => Promise<string> {
  const { kind, ambit, state, task, confinement } = options;
  return async () => {
    const steering = await options.steering?.(said());
    const commands = confinement !== undefined;
    const folder = options.folder ? { folder: options.folder } : {};
    const parts = { kind, workspace: state.workspace, ambit, commands, ...folder };
    return systemText({ ...parts, ...(steering ? { steering } : {}), ...(task ? { task } : {}) });
  };
}

interface Parent {
  run: RunRef;
  guard: Guard;
  copy: WorkingCopy;
  session: () => Session | undefined;
}

/** What the parent's guard says of a sub-run's action, beside the sub-run's own: it can only narrow. */
function parentVerdicts(parent: Parent): Judge {
  return (resolved): RuleVerdict[] =>
    parent.guard.decide(resolved, resolved.action.labels).rules.filter((rule) => rule.effect !== 'allow');
}

/** The protocol's library is loaded only where there is a server to talk to. */
async function serveMcp(setup: McpSetup, commands: ConfinedCommands | undefined): Promise<Serving> {
  const { serveTools } = await import('./session/serving.ts');
  return serveTools(setup, commands);
}

/** Turns of a sub-run: a part of a job, not a job. */
const subRunTurns = 60;

/** A sub-run on the parent's working copy: fresh context, its own ambit under the parent's, its labels joined to ours. */
async function subRun(
  options: OpenSessionOptions,
  parent: Parent,
  grant: Grant<'spawn'>,
  signal: AbortSignal,
): Promise<Executed> {
  const { prompt, ambit, labels } = grant.resolved.action;
  const { continuation: _continuation, task: _task, hooks: _hooks, mcp: _mcp, ...shared } = options;
  const opened = await openSession({
    ...shared,
    kind: 'agent',
    run: { depth: parent.run.depth + 1, parent: parent.run.id, origin: 'spawn' },
    ambit,
    copy: parent.copy,
    labels,
    limits: { ...options.limits, turns: Math.min(options.limits.turns, subRunTurns) },
    judges: [...(options.judges ?? []), parentVerdicts(parent)],
    spendings: [...(options.spendings ?? []), parent.guard.spending],
  });
  try {
    const result = await opened.session.prompt(prompt, signal);
    const { passage, usage } = opened.session;
    parent.session()?.absorb(passage, usage);
    const denied = passage.refusals.map(({ action, rule }) => `denied by ${rule}: ${action}`);
    return {
      status: result.status === 'done' ? 'done' : result.status === 'interrupted' ? 'cancelled' : 'failed',
      text: [result.text, ...denied].join('\n'),
      labels: [...passage.labels],
      detail: { run: opened.session.run.id, turns: result.turns },
    };
  } finally {
    await opened.close();
  }
}

function offeredTools({ tools = [], around, offers }: OpenSessionOptions, run: RunRef, served: AnyTool[]): AnyTool[] {
  const core = coreTools(run.depth);
  const offered = offers?.(new Set(core.map(({ name }) => name)));
  return [...core, ...served, ...tools]
    .filter(({ name }) => offered?.(name) ?? true)
    .map((one) => around?.(one) ?? one);
}

/** Files whose types are looked at after an edit. */
const typed = /\.[cm]?tsx?$/;

/** Loaded at the first such file: a session without any pays nothing. */
function lazyTypeCheck(copy: WorkingCopy, commands: ConfinedCommands, guard: GatePorts, run: RunRef): TypeCheck {
  let opening: Promise<TypeCheck> | undefined;
  const open = async () => {
    const [{ typeCheck }, { typePorts }] = await Promise.all([
      import('./types/index.ts'),
      import('./session/type-ports.ts'),
    ]);
    return typeCheck(typePorts(copy, commands, guard, run));
  };
  return {
    problems: async (path, text) => {
      if (!typed.test(path)) return [];
      opening ??= open();
      return (await opening).problems(path, text);
    },
    stale: () => void opening?.then((check) => check.stale()),
    stop: async () => (await opening)?.stop(),
  };
}

const earlier = ({ history, kept, said, usage, written }: Continuation) => ({
  history,
  kept,
  said,
  ...(written ? { written } : {}),
  ...(usage ? { usage } : {}),
});

/**
 * The one place that wires a run: guard, working copy, audit log, tools, model, session file. Nothing is made in the
 * workspace; the working copy comes into being at the first write or command.
 */
export async function openSession(options: OpenSessionOptions): Promise<OpenedSession> {
  const { state, kind, now } = options;
  const run: RunRef = { depth: 0, ...options.run, id: options.run?.id ?? randomBytes(6).toString('hex'), kind };
  const audit = await openAuditLog(state, { now, redact: (text) => options.redact(text).text });
  const kinds = options.copyKinds ? { prefer: options.copyKinds } : {};
  const copy =
    options.copy ??
    (await openWorkingCopy({ workspace: state.workspace, stateDir: workingCopyFolder(state, run.id), ...kinds }));
  const guard = openGuard(options, run, copy, audit.record);
  const log = options.continuation?.log ?? (await startLog(options, run));
  const { continuation, effort, dollars, hooks, progress, confinement } = options;
  confinement?.begin?.();
  const commands = confinement ? confinedCommands(copy, confinement) : undefined;
  const types = commands ? lazyTypeCheck(copy, commands, guard, run) : undefined;
  const letGo = async () => {
    await types?.stop();
    await commands?.stop();
    await log.close();
    if (!options.copy) await copy.close();
  };
  const serving = options.mcp
    ? await serveMcp(options.mcp, commands).catch(async (error: unknown) => {
        await letGo();
        throw error;
      })
    : undefined;
  let session: Session | undefined;
  const said = () => {
    const last = session?.messages.findLast((message) => message.role === 'user')?.parts[0];
    return last?.type === 'text' ? last.text : '';
  };
  session = createSession({
    run,
    guard,
    copy,
    ...(commands
      ? {
          command: async (grant, how) => {
            types?.stale();
            return commands.run(grant, how);
          },
          start: commands.start,
        }
      : {}),
    model: options.model,
    tools: offeredTools(options, run, serving?.tools ?? []),
    log,
    ...(continuation ? earlier(continuation) : {}),
    system: systemOf(options, said),
    limits: options.limits,
    ...(effort ? { effort } : {}),
    ...(dollars ? { dollars } : {}),
    ...(hooks ? { hooks } : {}),
    emit: options.emit,
    diagnose: async (path, text) => {
      const broken = await diagnose(path, text);
      // A file that does not parse has no types to speak of.
      return broken.length > 0 ? broken : ((await types?.problems(path, text)) ?? []);
    },
    ...(options.copy ? {} : { point: () => saveCopyPoint(copy, openBlobs(turnBlobs(state))) }),
    ...(options.human ? { human: options.human } : {}),
    labels: [...(options.labels ?? []), ...(continuation?.labels ?? [])],
    ...(run.depth === 0
      ? { spawn: (grant, stop) => subRun(options, { run, guard, copy, session: () => session }, grant, stop) }
      : {}),
    ...(progress ? { progress } : {}),
    now,
  });
  const opened = session;
  return {
    session: opened,
    guard,
    copy,
    close: async () => {
      await serving?.close();
      await letGo();
    },
  };
}
