import { randomBytes } from 'node:crypto';
import { AmbitError } from '@ambit/core/errors';
import type { Event, Label, RunRef, Usage } from '@ambit/core/schema';
import type { GatePorts, Grant } from '@ambit/guard';
import type { WorkingCopy } from '@ambit/guard/working-copy';
import { runAgent } from '../agent/loop.ts';
import {
  type AgentPorts,
  type AgentResult,
  type CallContext,
  type EventBody,
  type RunLimits,
  userMessage,
} from '../agent/types.ts';
import type { Effort, ImagePart, JsonSchema, Message, ModelClient, ModelUsage } from '../providers/model.ts';
import type { AnyTool, RunCommand, ToolContext } from '../tools/tool.ts';
import { compactHistory, type Kept } from './compaction.ts';
import type { CopyPoint } from './copy-point.ts';
import { newPassage, openDoor, type Passage } from './door.ts';
import { runFiles } from './files.ts';
import { addUsage, type SessionLog } from './log.ts';
import { openOutputs } from './outputs.ts';
import { structuredAnswer } from './structured.ts';

/** What may speak when a prompt comes in and before a run ends; hooks stand behind it. */
export interface SessionHooks {
  /** A changed prompt, or why it is blocked. */
  prompt?: (text: string) => Promise<{ text: string } | { blocked: string }>;
  /** A further instruction keeps the run going; undefined lets it end. */
  stop?: (result: AgentResult) => Promise<string | undefined>;
}

/** Everything a session is made of; `openSession` builds the real ones. */
export interface SessionParts {
  run: RunRef;
  guard: GatePorts & { mayRead: (relative: string) => boolean };
  copy: WorkingCopy;
  /** Absent where nothing confines commands: they are refused. */
  command?: RunCommand;
  model: ModelClient;
  tools: readonly AnyTool[];
  log: SessionLog;
  /** From a resumed session. */
  history?: readonly Message[];
  kept?: ReadonlyMap<string, string>;
  said?: readonly string[];
  /** Spent in this session so far. */
  usage?: Usage;
  /** What the run that started this one, or this one before it was resumed, had read. */
  labels?: readonly Label[];
  /** What this one wrote before it was resumed. */
  written?: readonly string[];
  system: () => string | Promise<string>;
  limits: RunLimits;
  effort?: Effort;
  dollars?: (model: string, usage: ModelUsage) => number | undefined;
  hooks?: SessionHooks;
  emit: (event: Event) => void;
  /** Asks the person at the terminal. */
  human?: NonNullable<ToolContext['human']>;
  spawn?: NonNullable<ToolContext['spawn']>;
  /** Keeps the working copy as it is before a prompt; absent where another run owns it. */
  point?: () => Promise<CopyPoint>;
  /** Starts a command in the background and says how to read its output. */
  start?: (grant: Grant<'execute'>) => Promise<() => string>;
  diagnose?: NonNullable<ToolContext['diagnose']>;
  /** Live output of a command, for display only; not redacted by the gate, so redacted here. */
  progress?: (text: string) => void;
  now: () => Date;
}

export interface PromptOptions {
  images?: ImagePart[];
  output?: JsonSchema;
}

export interface Session {
  readonly id: string;
  readonly run: RunRef;
  readonly passage: Passage;
  readonly usage: Usage;
  readonly messages: readonly Message[];
  /** One prompt to its end. The signal stops it at once; the session stays usable. */
  prompt: (text: string, signal: AbortSignal, options?: PromptOptions) => Promise<AgentResult>;
  /** Said while a prompt is running: the model hears it before its next turn. */
  queue: (text: string) => void;
  /** Shortens the history now; false when there is nothing to leave out. */
  compact: (signal: AbortSignal) => Promise<boolean>;
  /** Makes a text outlive every compaction, under a name. */
  keep: (name: string, text: string) => Promise<void>;
  /** Takes over what a sub-run read, wrote, was refused and spent. */
  absorb: (passage: Passage, usage: Usage) => void;
  useModel: (model: ModelClient) => Promise<void>;
  emit: (body: EventBody) => void;
  close: () => Promise<void>;
}

interface Live {
  parts: SessionParts;
  model: ModelClient;
  messages: Message[];
  kept: Map<string, string>;
  said: string[];
  queued: Message[];
  /** Queued messages that people said. */
  spoken: WeakSet<Message>;
  usage: Usage;
}

const dollarsOf = (ports: AgentPorts, usage: ModelUsage) => {
  const dollars = ports.dollars(usage);
  return dollars === undefined ? {} : { dollars };
};

const contextOf = (model: ModelClient) => model.contextTokens ?? 128_000;

/** Longest line that is held back for its end; a longer one is shown in pieces after all. */
const lineMost = 64 * 1024;

/** Passes text on by whole lines, so that a secret cut in two by the pipe is redacted all the same. */
function wholeLines(show: (text: string) => void): (text: string) => void {
  let held = '';
  return (text) => {
    held += text;
    const end = held.length > lineMost ? held.length : held.lastIndexOf('\n') + 1;
    if (end === 0) return;
    show(held.slice(0, end));
    held = held.slice(end);
  };
}

const noSandbox: RunCommand = () =>
  Promise.reject(
    new AmbitError('environment', 'there is no sandbox here, so no command was run', {
      hint: 'ambit doctor says what is missing',
    }),
  );

/** Opens a session over parts that are already there. Nothing runs before `prompt`. */
export function createSession(parts: SessionParts): Session {
  const { run, guard, log } = parts;
  const live: Live = {
    parts,
    model: parts.model,
    messages: [...(parts.history ?? [])],
    kept: new Map(parts.kept),
    said: [...(parts.said ?? [])],
    queued: [],
    spoken: new WeakSet(),
    usage: { ...(parts.usage ?? { inputTokens: 0, outputTokens: 0 }) },
  };
  const emit = (body: EventBody) => parts.emit({ version: 1, time: parts.now().toISOString(), run, ...body } as Event);
  const passage = newPassage(parts.labels, parts.written);
  const clean = (text: string) => guard.redact(text).text;
  const outputs = openOutputs(clean);
  const door = openDoor(guard, passage, emit);
  const files = runFiles(parts.copy, guard.mayRead);
  const { start } = parts;
  const callContext = (signal: AbortSignal, tool: AnyTool, args: Record<string, unknown>): CallContext => {
    const images: ImagePart[] = [];
    // One line, so that no path or command can pass for a line of Ambit's own (session.test.ts).
    const summary = clean(tool.summary(args)).replaceAll(/\s*[\r\n\u2028\u2029]+\s*/g, ' ⏎ ');
    const context: ToolContext = {
      run,
      signal,
      files: {
        ...files,
        write: async (path, content) => {
          await files.write(path, content);
          passage.written.add(path.relative ?? path.absolute);
        },
      },
      command: parts.command ?? noSandbox,
      labels: () => [...passage.labels],
      nextId: () => randomBytes(6).toString('hex'),
      perform: (action, execute) => door.perform(action, summary, execute),
      attach: (image) => void images.push({ type: 'image', ...image }),
      progress: wholeLines((text) => parts.progress?.(clean(text))),
      keepOutput: outputs.keep,
      output: outputs.read,
      keep: (name, text) => keep(live, name, text),
      kept: (name) => live.kept.get(name) ?? '',
      ...(parts.human ? { human: parts.human } : {}),
      ...(parts.spawn ? { spawn: parts.spawn } : {}),
      ...(parts.diagnose ? { diagnose: parts.diagnose } : {}),
      ...(start ? { background: async (grant) => outputs.follow(await start(grant)) } : {}),
    };
    return { context, images: () => images };
  };
  const written = () => changedFiles(passage.written, parts.copy);
  const kept = async (): Promise<Kept> => ({ texts: live.kept, said: live.said, written: await written() });
  let labelled = 0;
  const grown = () => {
    if (passage.labels.size === labelled) return {};
    labelled = passage.labels.size;
    return { labels: [...passage.labels] };
  };
  const ports: AgentPorts = {
    emit,
    append: async (message) => {
      await log.append({ type: 'message', message, ...(live.spoken.has(message) ? { by: 'human' } : {}), ...grown() });
      live.messages.push(message);
    },
    callContext,
    queued: () => live.queued.splice(0),
    compact: (messages, signal) =>
      compactHistory(messages, { model: live.model, kept, contextTokens: contextOf(live.model) }, signal),
    compacted: async (messages) => {
      await log.append({ type: 'compaction', messages, written: await written() });
      live.messages = [...messages];
    },
    dollars: (usage) => parts.dollars?.(live.model.id, usage),
    now: () => parts.now().getTime(),
  };
  return sessionOf(live, ports, passage, emit);
}

async function accept(
  live: Live,
  emit: (body: EventBody) => void,
  text: string,
): Promise<string | { blocked: string }> {
  const { guard, hooks } = live.parts;
  const clean = guard.redact(text);
  if (clean.redactions > 0)
    emit({ type: 'note', level: 'warning', text: `${clean.redactions} secrets in the prompt were not sent` });
  const changed = await hooks?.prompt?.(clean.text);
  if (changed && 'blocked' in changed) return changed;
  return changed?.text ?? clean.text;
}

async function keep(live: Live, name: string, text: string): Promise<void> {
  const clean = live.parts.guard.redact(text).text;
  if (clean === '') live.kept.delete(name);
  else live.kept.set(name, clean);
  await live.parts.log.append({ type: 'keep', name, text: clean });
}

/** Files listed at most in a compaction: a generated tree must not fill it. */
const listedFiles = 300;

/** What tools wrote, in their order, then what commands changed in the working copy. */
async function changedFiles(written: ReadonlySet<string>, copy: WorkingCopy): Promise<string[]> {
  const changes = copy.made ? await copy.changes().catch(() => []) : [];
  return [...new Set([...written, ...changes.map(({ path }) => path)])].slice(0, listedFiles);
}

function spentSince(now: Usage, before: Usage): Usage {
  const dollars = now.dollars === undefined ? {} : { dollars: now.dollars - (before.dollars ?? 0) };
  return {
    inputTokens: now.inputTokens - before.inputTokens,
    outputTokens: now.outputTokens - before.outputTokens,
    cachedTokens: (now.cachedTokens ?? 0) - (before.cachedTokens ?? 0),
    ...dollars,
  };
}

function blocked(live: Live, why: string): AgentResult {
  const usage = { inputTokens: 0, outputTokens: 0 };
  return { status: 'failed', text: why, modelFailed: false, turns: 0, usage, messages: live.messages };
}

function sessionOf(live: Live, ports: AgentPorts, passage: Passage, emit: (body: EventBody) => void): Session {
  const { parts } = live;
  const say = async (text: string, images: ImagePart[] = []) => {
    const message: Message = { role: 'user', parts: [{ type: 'text', text }, ...images] };
    live.said.push(text);
    if (parts.point) await parts.log.append({ type: 'turn', point: await parts.point() });
    await parts.log.append({ type: 'message', message, by: 'human' });
    live.messages.push(message);
  };
  const once = async (signal: AbortSignal): Promise<AgentResult> => {
    const { run, tools, limits, effort } = parts;
    const system = await parts.system();
    const input = { model: live.model, system, tools, messages: live.messages, run, limits };
    const result = await runAgent({ ...input, ...(effort ? { effort } : {}) }, ports, signal);
    addUsage(live.usage, result.usage);
    return result;
  };
  const structured = async (result: AgentResult, schema: JsonSchema, signal: AbortSignal): Promise<AgentResult> => {
    const answer = await structuredAnswer(live.model, await parts.system(), live.messages, schema, signal);
    for (const usage of answer.usage) addUsage(live.usage, { ...usage, ...dollarsOf(ports, usage) });
    if ('json' in answer) return { ...result, text: answer.json };
    if (signal.aborted) return { ...result, status: 'interrupted', text: 'stopped' };
    return { ...result, status: 'failed', text: answer.problem, modelFailed: answer.modelFailed };
  };
  return {
    id: parts.log.id,
    run: parts.run,
    passage,
    get usage() {
      return live.usage;
    },
    get messages() {
      return live.messages;
    },
    emit,
    prompt: async (text, signal, options = {}) => {
      const accepted = await accept(live, emit, text);
      if (typeof accepted !== 'string') return blocked(live, accepted.blocked);
      emit({ type: 'run.started', prompt: accepted.slice(0, 2_000), model: live.model.id });
      const before = { ...live.usage };
      await say(accepted, options.images);
      let result = await once(signal);
      for (let more = 0; more < 3 && result.status === 'done'; more += 1) {
        const instruction = await parts.hooks?.stop?.(result);
        if (!instruction) break;
        await ports.append(userMessage(instruction));
        result = await once(signal);
      }
      if (options.output && result.status === 'done') result = await structured(result, options.output, signal);
      const { status, text: words } = result;
      await parts.log.append({ type: 'ended', status, text: words, usage: spentSince(live.usage, before) });
      return result;
    },
    queue: (text) => {
      const clean = parts.guard.redact(text).text;
      live.said.push(clean);
      const message = userMessage(clean);
      live.spoken.add(message);
      live.queued.push(message);
    },
    compact: async (signal) => {
      const shorter = await ports.compact(live.messages, signal);
      if (shorter) await ports.compacted(shorter);
      return shorter !== undefined;
    },
    keep: (name, text) => keep(live, name, text),
    absorb: (other, usage) => {
      for (const label of other.labels) passage.labels.add(label);
      for (const path of other.written) passage.written.add(path);
      passage.refusals.push(...other.refusals);
      addUsage(live.usage, usage);
    },
    useModel: async (model) => {
      live.model = model;
      await parts.log.append({ type: 'model', model: model.id });
    },
    close: () => parts.log.close(),
  };
}
