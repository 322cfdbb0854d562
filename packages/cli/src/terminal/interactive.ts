import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAmbitError, messageOf } from '@ambit/core/errors';
import type { Event } from '@ambit/core/schema';
import { showInvisible } from '@ambit/core/text';
import {
  type AgentResult,
  branchOf,
  type Continuation,
  continueSession,
  listSessions,
  readSession,
  saidOf,
  sessionFile,
  type TurnPoint,
  turnPoints,
  turnsOf,
} from '@ambit/engine';
import type { Effort } from '@ambit/engine/providers';
import type { Subject } from '@ambit/guard/integrity';
import type { SlashCommand } from '@earendil-works/pi-tui';
import { exitCode, type Io } from '../command.ts';
import { openChosenModel, requireModel } from '../models.ts';
import { findWorkspace } from '../place.ts';
import { type OpenedChat, openChat } from '../run/open.ts';
import { stepLines, usageLine } from '../run/report.ts';
import type { Workbench } from '../workbench.ts';
import { approvals } from './approval.ts';
import { diffLines, gatherChanges, offerChanges } from './changes.ts';
import type { Chat } from './chat.ts';
import { type Slash, slashCommands, splitWords } from './slash.ts';
import type { View } from './view.ts';

export interface InteractiveOptions {
  model: string | undefined;
  effort: Effort | undefined;
  autopilot: boolean;
  turns: number | undefined;
  dollars: number | undefined;
  agent?: string | undefined;
  plain: boolean;
  /** Said at once. */
  prompt: string | undefined;
  continuation?: Continuation & { run: string; agent?: string };
}

async function openView(options: InteractiveOptions, io: Io, chat: () => Chat | undefined): Promise<View> {
  const dumb = options.plain || io.env['TERM'] === 'dumb' || Boolean(io.env['AMBIT_PLAIN']) || !process.stdout.isTTY;
  if (dumb) {
    const { plainView } = await import('./plain-view.ts');
    return plainView({ input: io.stdin, output: process.stderr });
  }
  const [{ richView }, { completion }] = await Promise.all([import('./rich-view.ts'), import('./completion.ts')]);
  const commands = completedCommands(chat);
  return richView({ colour: io.colour, completion: completion(commands, findWorkspace(io.cwd, io.env), Date.now) });
}

/** Slash commands as the editor completes them; what may follow one is known once the session is open. */
function completedCommands(chat: () => Chat | undefined): SlashCommand[] {
  return slashCommands().map(({ name, about, follows }) => {
    if (!follows) return { name, description: about };
    const getArgumentCompletions = async (prefix: string) => {
      const open = chat();
      const words = open && !prefix.includes(' ') ? await follows(open).catch(() => []) : [];
      // A word that is written out needs no list: Enter sends it.
      const fitting = words.includes(prefix) ? [] : words.filter((word) => word.startsWith(prefix));
      return fitting.length > 0 ? fitting.map((value) => ({ value, label: value })) : null;
    };
    return { name, description: about, getArgumentCompletions };
  });
}

const tones = { done: 'quiet', failed: 'bad', denied: 'warning', cancelled: 'quiet' } as const;

/** Events of runs as lines and text of a view. */
function eventPrinter(view: View): (event: Event) => void {
  const follow = stepLines();
  return (event) => {
    const step = follow(event);
    if (step) view.line(step.text, tones[step.status]);
    if (event.type === 'text.delta') view.delta(event.text);
    if (event.type === 'message.finished') view.endMessage();
    if (event.type === 'action.requested') view.status(`${event.tool} ${event.summary}`, true);
    if (event.type === 'note') view.line(event.text, event.level === 'info' ? 'quiet' : 'warning');
  };
}

interface Live {
  options: InteractiveOptions;
  io: Io;
  view: View;
  current: OpenedChat;
  /** The turn that is running. */
  abort?: AbortController;
  lastInterrupt: number;
  /** The spec in view. */
  spec?: string;
  leave: () => void;
}

function statusText({ current, options }: Live): string {
  const mode = options.autopilot ? 'autopilot' : 'supervised';
  return `${current.model} · ${mode} · ${usageLine(current.opened.session.usage)}`;
}

function report(view: View, result: AgentResult): void {
  if (result.status === 'interrupted') view.line('stopped; say what to do instead, or go on', 'warning');
  else if (result.status !== 'done') view.line(result.text, 'bad');
}

async function runTurn(live: Live, text: string): Promise<void> {
  const { view, io, options } = live;
  const abort = new AbortController();
  live.abort = abort;
  const stop = () => abort.abort();
  io.signal.addEventListener('abort', stop, { once: true });
  view.status('thinking', true);
  try {
    const { opened, bench } = live.current;
    const result = await opened.session.prompt(text, abort.signal);
    report(view, result);
    delete live.abort;
    if (result.status !== 'interrupted') await offerChanges({ opened, bench, view, autopilot: options.autopilot }, io);
  } catch (error) {
    view.line(messageOf(error), 'bad');
  } finally {
    delete live.abort;
    io.signal.removeEventListener('abort', stop);
    view.status(statusText(live), false);
  }
}

function openFor(
  live: Pick<Live, 'options' | 'io' | 'view'>,
  model: string | undefined,
  continuation?: Live['options']['continuation'],
) {
  const { options, io, view } = live;
  const { effort, autopilot, turns, dollars, agent } = options;
  let opened: OpenedChat | undefined;
  const read = async (relative: string) =>
    opened ? Buffer.from(await opened.opened.copy.read(relative)).toString() : undefined;
  const chat = {
    ...{ model, effort, autopilot, turns, dollars, agent },
    ...(continuation ? { continuation } : {}),
    ask: approvals(view, read),
    human: (question: string, choices: readonly string[]) =>
      view.ask([question, ...choices.map((choice) => `  - ${choice}`)].join('\n')),
    acceptTools: async ({ id, text }: Subject) => {
      const lines = showInvisible(text).split('\n');
      const shown = lines.slice(0, 80);
      const more = lines.length > shown.length ? [`(${lines.length - shown.length} more lines: ambit trust)`] : [];
      const title = [`${id.replace('mcp-tools:', 'MCP server ')} offers these tools:`, ...shown, ...more];
      const key = await view.choose(title, [
        { key: 'y', label: 'accept exactly these' },
        { key: 'n', label: 'do not use them' },
      ]);
      return key === 'y';
    },
    emit: eventPrinter(view),
    progress: (text: string) => view.status(text.trim().split('\n').at(-1) ?? '', true),
  };
  return openChat(chat, io).then((made) => {
    opened = made;
    return made;
  });
}

function chatOf(live: Live): Chat {
  const { view, io } = live;
  return {
    get session() {
      return live.current.opened.session;
    },
    get opened() {
      return live.current.opened;
    },
    get bench() {
      return live.current.bench;
    },
    get model() {
      return live.current.model;
    },
    useModel: async (name) => {
      const chosen = await openChosenModel(io, { flag: name, dollars: live.options.dollars });
      if (!chosen) return;
      await live.current.opened.session.useModel(chosen.client);
      live.current.model = chosen.client.id;
    },
    diff: () => diffLines(live.current.opened),
    offer: () => offerChanges({ ...live.current, view, autopilot: false }, io),
    discard: () => live.current.opened.copy.discard(),
    sessions: async () => {
      const sessions = (await listSessions(live.current.bench.state.sessions)).filter(({ kind }) => kind === 'chat');
      return sessions.slice(0, 20).map(({ id, changed, title }) => `${id}  ${changed.slice(0, 16)}  ${title}`);
    },
    resume: async (id) => {
      const sessions = await listSessions(live.current.bench.state.sessions);
      const found = sessions.filter((one) => one.id.startsWith(id));
      const [only] = found;
      if (!only || found.length > 1) return view.line(`\`${id}\` names ${found.length} sessions; see /resume`, 'bad');
      const continuation = await continueSession(live.current.bench.state, only.id, io.now);
      await parkChanges(live);
      await live.current.opened.close();
      live.current = await openFor(live, continuation.model, continuation);
      view.line(`going on with ${only.id}: ${only.title}`, 'strong');
    },
    costs: async () => {
      const { state } = live.current.bench;
      const { entries } = await readSession(sessionFile(state.sessions, live.current.opened.session.id));
      return turnsOf(branchOf(entries));
    },
    turns: () => turnPoints(live.current.bench.state, live.current.opened.session.id),
    rewind: (point) => rewind(live, point),
    showSpec: async (name) => {
      if (name === undefined) delete live.spec;
      else live.spec = name;
      await refreshPane(live);
    },
    leave: live.leave,
  };
}

/** The spec in view as it stands now; one that cannot be read any more goes out of view, with the reason. */
async function refreshPane(live: Live): Promise<void> {
  const { view, spec, io } = live;
  if (spec === undefined) return view.pane(undefined);
  try {
    const { paneLines, readPane } = await import('./pane.ts');
    const content = await readPane(live.current.bench, io.cwd, spec);
    view.pane((columns, rows) => paneLines(content, columns, rows));
  } catch (error) {
    delete live.spec;
    view.pane(undefined);
    view.line(messageOf(error), 'bad');
  }
}

/** The session is closed, taken back on disk, and opened again: nothing of it in memory can disagree. */
async function rewind(live: Live, point: TurnPoint): Promise<void> {
  const { view, io } = live;
  const { id } = live.current.opened.session;
  const [{ goBackTo }, { openLandingFor }] = await Promise.all([
    import('../run/rewind.ts'),
    import('../run/change-set.ts'),
  ]);
  const { ports } = await openLandingFor(live.current.bench, io);
  await live.current.opened.close();
  try {
    const result = await goBackTo(point, ports, io);
    if (result.status === 'conflict') {
      for (const { path, reason } of result.conflicts) view.line(`conflict: ${path}: ${reason}`, 'bad');
      view.line('nothing was changed', 'warning');
    } else {
      const paths = [...(result.undone?.paths ?? []), ...result.rewound.restored];
      view.line(`back to before your prompt; ${paths.length > 0 ? paths.join(', ') : 'no file changed'}`, 'good');
      view.draft(result.rewound.prompt);
    }
  } finally {
    const continuation = await continueSession(live.current.bench.state, id, io.now);
    live.current = await openFor(live, continuation.model, continuation);
  }
}

/** Sessions whose prompts are offered, and the largest file that is read for them: opening must not wait. */
const earlierSessions = 5;
const earlierBytes = 2_000_000;

/** Prompts of the newest sessions, oldest first; what is stored is redacted already. */
async function earlierPrompts({ state }: Workbench): Promise<string[]> {
  const names = (await readdir(state.sessions).catch(() => [])).filter((name) => name.endsWith('.jsonl')).sort();
  const said: string[] = [];
  for (const name of names.slice(-earlierSessions)) {
    const path = join(state.sessions, name);
    const found = await stat(path).catch(() => undefined);
    if (!found || found.size > earlierBytes) continue;
    const { entries } = await readSession(path).catch(() => ({ entries: [] }));
    const [first] = entries;
    if (first?.type === 'session' && first.kind === 'chat') said.push(...saidOf(entries));
  }
  return said.slice(-200);
}

/** Changes that were not applied wait as a change set. */
async function parkChanges({ current, view, io }: Live): Promise<void> {
  const set = await gatherChanges(current.opened, current.bench, io).catch((error: unknown) => {
    view.line(`the changes stay in the session: ${messageOf(error)}`, 'bad');
    return undefined;
  });
  if (set) view.line(`What was not applied waits: ambit review show ${set.id}`, 'warning');
}

async function runSlash(live: Live, chat: Chat, table: readonly Slash[], text: string): Promise<void> {
  const [name = '', ...args] = splitWords(text.slice(1));
  const command = table.find((one) => one.name === name);
  if (!command) return live.view.line(`there is no /${name}; see /help`, 'bad');
  if (live.abort && !command.anytime) return live.view.line(`/${name} waits until the turn has ended`, 'warning');
  try {
    await command.run(args, chat, live.view, live.io);
  } catch (error) {
    live.view.line(messageOf(error), 'bad');
  }
  await refreshPane(live);
  if (!live.abort) live.view.status(statusText(live), false);
}

/** Two within this time leave. */
const twiceMs = 2_000;

function onInterrupt(live: Live): void {
  const now = live.io.now().getTime();
  const twice = now - live.lastInterrupt < twiceMs;
  live.lastInterrupt = now;
  if (twice) live.leave();
  else if (live.abort) {
    live.abort.abort();
    live.view.status('stopping', true);
  } else live.view.line('Ctrl-C again leaves', 'quiet');
}

/** The end of what was said before: a person who comes back sees where they were. */
function showLast({ view, current }: Live): void {
  const { messages } = current.opened.session;
  const textOf = (role: 'user' | 'assistant') =>
    messages
      .findLast((message) => message.role === role && message.parts.some((part) => part.type === 'text'))
      ?.parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
      .join('\n');
  const [said, answered] = [textOf('user'), textOf('assistant')];
  if (said !== undefined && !said.startsWith('(')) view.line(`› ${said.slice(0, 2_000)}`, 'quiet');
  if (answered === undefined) return;
  view.delta(answered.slice(0, 8_000));
  view.endMessage();
}

/** What a person says, one turn at a time; what is said during a turn is heard before its next step. */
function listener(live: Live, chat: Chat): { said: (text: string) => void; idle: () => Promise<void> } {
  const table = slashCommands();
  // One after the other: what is typed while a change is being offered or landed waits for that to end.
  let turn: Promise<void> = Promise.resolve();
  const next = (work: () => Promise<void>) => {
    turn = turn.then(work);
  };
  const slash = (text: string) => {
    const name = splitWords(text.slice(1))[0];
    const now = live.abort !== undefined || table.some((one) => one.name === name && one.anytime);
    const work = () => runSlash(live, chat, table, text);
    if (now) void work();
    else next(work);
  };
  const said = (text: string): void => {
    if (text.trim() === '') return;
    if (text.startsWith('/')) {
      slash(text.trim());
      return;
    }
    live.view.line(`› ${text}`, 'strong');
    if (live.abort) {
      live.current.opened.session.queue(text);
      live.view.line('(heard before the next step)', 'quiet');
    } else next(() => runTurn(live, text));
  };
  return { said, idle: () => turn };
}

/** An interactive session: prompts and slash commands until the person leaves. */
/** File hooks fire beside the conversation, for people's editors and for what lands; undefined where none can. */
async function watchHooks(view: View, io: Io): Promise<{ stop: () => Promise<void> } | undefined> {
  const { fileHooks, findHooks } = await import('../commands/hooks/found.ts');
  const found = await findHooks(io);
  if (fileHooks(found) === 0) return undefined;
  const { startWatching } = await import('../hook-watch.ts');
  const note = (level: 'info' | 'warning', text: string) =>
    view.line(showInvisible(text), level === 'info' ? 'quiet' : 'warning');
  try {
    return await startWatching(found, io, { ports: { note } });
  } catch (error) {
    // Another watcher of this workspace is at work; its hooks fire there.
    if (!isAmbitError(error) || error.code !== 'state.locked') note('warning', `hooks: ${messageOf(error)}`);
    return undefined;
  }
}

export async function interactive(options: InteractiveOptions, io: Io): Promise<number> {
  // Before the terminal is taken: without a model there is nothing to talk to.
  await requireModel(io, { flag: options.model, role: 'coder' });
  let chat: Chat | undefined;
  const view = await openView(options, io, () => chat);
  let left: () => void = () => undefined;
  const leaving = new Promise<void>((resolve) => {
    left = resolve;
  });
  // Questions may come while the session opens (tools of a server), so the terminal is there first.
  let ready: { live: Live; said: (text: string) => void } | undefined;
  const interrupted = () => (ready ? onInterrupt(ready.live) : left());
  // What is typed ahead is said once there is somebody to hear it.
  const early: string[] = [];
  view.start((text) => (ready ? ready.said(text) : void early.push(text)), interrupted);
  try {
    const current = await openFor({ options, io, view }, options.model, options.continuation);
    const live: Live = { options, io, view, current, lastInterrupt: 0, leave: () => left() };
    chat = chatOf(live);
    const { said, idle } = listener(live, chat);
    ready = { live, said };
    io.signal.addEventListener('abort', live.leave, { once: true });
    view.line(`Ambit in ${current.bench.workspace}  (/help)`, 'strong');
    if (options.continuation) showLast(live);
    view.history(await earlierPrompts(current.bench));
    view.status(statusText(live), false);
    const hooks = await watchHooks(view, io);
    if (options.prompt) said(options.prompt);
    for (const text of early) said(text);
    await leaving;
    const stopped = live.abort !== undefined;
    // A Ctrl-C too many while things are put away; the next one is heard again.
    const release = io.onInterrupt?.(() => release?.());
    live.abort?.abort();
    await idle();
    await parkChanges(live);
    await hooks?.stop();
    view.line(`to go on: ambit resume ${live.current.opened.session.id}`, 'quiet');
    await live.current.opened.close();
    return stopped ? exitCode.interrupted : exitCode.done;
  } finally {
    await view.stop();
  }
}
