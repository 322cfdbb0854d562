import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AmbitError, messageOf } from '@ambit/core/errors';
import type { CallPart, ModelClient, ModelEvent, ModelRequest, TextPart } from './model.ts';

// The part of node-llama-cpp 3 that is used. It is installed on request only, so its own types are not here.
type Said = string | { type: 'functionCall'; name: string; params: unknown; result: unknown };
type HistoryItem = { type: 'system' | 'user'; text: string } | { type: 'model'; response: Said[] };

interface Answered {
  response: string;
  functionCalls?: readonly { functionName: string; params: unknown }[];
  metadata: { stopReason: string };
}

interface Chat {
  generateResponse: (history: HistoryItem[], options: Record<string, unknown>) => Promise<Answered>;
  dispose: () => void;
}

interface Sequence {
  readonly tokenMeter: { readonly usedInputTokens: number; readonly usedOutputTokens: number };
}

interface Runtime {
  getLlama: (options: Record<string, unknown>) => Promise<{
    loadModel: (options: { modelPath: string }) => Promise<{
      readonly trainContextSize: number;
      createContext: (options: Record<string, unknown>) => Promise<{
        readonly contextSize: number;
        getSequence: () => Sequence;
      }>;
    }>;
    createGrammarForJsonSchema: (schema: unknown) => Promise<unknown>;
  }>;
  LlamaChat: new (options: { contextSequence: Sequence }) => Chat;
}

/** Largest context that is asked for; more needs more memory than most machines have beside a model. */
const contextMost = 32_768;

/** Where the runtime lies once `ambit model pull` has installed it. */
export const runtimeEntry = (folder: string): string =>
  join(folder, 'node_modules', 'node-llama-cpp', 'dist', 'index.js');

async function loadRuntime(folder: string): Promise<Runtime> {
  try {
    return (await import(pathToFileURL(runtimeEntry(folder)).href)) as Runtime;
  } catch (error) {
    throw new AmbitError(
      'model.failed',
      `the runtime for local models cannot be loaded: ${messageOf(error).slice(0, 300)}`,
      {
        where: folder,
        hint: 'install it: ambit model pull; it is not part of Ambit itself',
      },
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { unreadable: text.slice(0, 2_000) };
  }
}

const textOf = (parts: readonly { type: string; text?: string }[]) =>
  parts.flatMap((part) => (part.type === 'text' && part.text ? [part.text] : [])).join('\n');

/** The conversation in the runtime's form: a call and its result are one item. Images are named, not shown. */
export function llamaHistory({ system, messages }: Pick<ModelRequest, 'system' | 'messages'>): HistoryItem[] {
  const results = new Map<string, string>();
  for (const message of messages)
    if (message.role === 'tool') for (const part of message.parts) results.set(part.id, part.text);
  const items: HistoryItem[] = [{ type: 'system', text: system }];
  for (const message of messages) {
    if (message.role === 'user') {
      const images = message.parts.some((part) => part.type === 'image') ? '\n(an image, which you cannot see)' : '';
      items.push({ type: 'user', text: `${textOf(message.parts)}${images}` });
    }
    if (message.role !== 'assistant') continue;
    const response = message.parts.flatMap((part): Said[] => {
      if (part.type === 'text') return part.text === '' ? [] : [part.text];
      if (part.type !== 'call') return [];
      const result = results.get(part.id) ?? '';
      return [{ type: 'functionCall', name: part.name, params: parsed(part.arguments), result }];
    });
    items.push({ type: 'model', response });
  }
  // The runtime answers into the last item, so there has to be an empty one after what was said or done.
  const last = items.at(-1);
  if (last?.type !== 'model') items.push({ type: 'model', response: [] });
  return items;
}

interface Loaded {
  runtime: Runtime;
  llama: Awaited<ReturnType<Runtime['getLlama']>>;
  sequence: Sequence;
  contextTokens: number;
}

async function load(folder: string, modelPath: string): Promise<Loaded> {
  const runtime = await loadRuntime(folder);
  try {
    // Never compiles: what is not prebuilt for this machine is an error that says so.
    const llama = await runtime.getLlama({ gpu: 'auto', build: 'never', progressLogs: false, logLevel: 'error' });
    const model = await llama.loadModel({ modelPath });
    const size = Math.min(model.trainContextSize || contextMost, contextMost);
    const context = await model.createContext({ contextSize: { min: 512, max: size } });
    return { runtime, llama, sequence: context.getSequence(), contextTokens: context.contextSize };
  } catch (error) {
    throw new AmbitError('model.failed', `the model cannot be loaded: ${messageOf(error).slice(0, 300)}`, {
      where: modelPath,
      hint: 'a GGUF file that llama.cpp reads and that fits the memory; see: ambit model --help',
    });
  }
}

function optionsOf(request: ModelRequest, signal: AbortSignal, onTextChunk: (text: string) => void, grammar: unknown) {
  const functions = Object.fromEntries(
    request.tools.map(({ name, description, schema }) => [name, { description, params: schema }]),
  );
  return {
    ...{ signal, stopOnAbortSignal: true, onTextChunk },
    ...(request.maxOutputTokens ? { maxTokens: request.maxOutputTokens } : {}),
    ...(grammar ? { grammar } : request.tools.length > 0 ? { functions, documentFunctionParams: true } : {}),
  };
}

function parts(answer: Answered, nextId: () => string): (TextPart | CallPart)[] {
  const calls = (answer.functionCalls ?? []).map(
    ({ functionName, params }): CallPart => ({
      type: 'call',
      id: nextId(),
      name: functionName,
      arguments: JSON.stringify(params ?? {}),
    }),
  );
  return [...(answer.response === '' ? [] : [{ type: 'text' as const, text: answer.response }]), ...calls];
}

export interface LlamaOptions {
  id: string;
  /** Where the runtime is installed. */
  folder: string;
  modelPath: string;
}

/** A model that runs in this process through node-llama-cpp. Loaded at the first request; one request at a time. */
export function llamaClient({ id, folder, modelPath }: LlamaOptions): ModelClient {
  let loading: Promise<Loaded> | undefined;
  let calls = 0;
  let before: Promise<unknown> = Promise.resolve();
  const nextId = () => {
    calls += 1;
    return `call_${calls}`;
  };
  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const queue: ModelEvent[] = [];
    let wake: () => void = () => undefined;
    const say = (event: ModelEvent) => {
      queue.push(event);
      wake();
    };
    const turn = before.then(() => answer(request, signal, say));
    before = turn;
    for (;;) {
      for (let event = queue.shift(); event; event = queue.shift()) {
        yield event;
        if (event.type === 'finish' || event.type === 'error') return;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (queue.length > 0) resolve();
      });
    }
  }
  const answer = async (
    request: ModelRequest,
    signal: AbortSignal,
    say: (event: ModelEvent) => void,
  ): Promise<void> => {
    try {
      loading ??= load(folder, modelPath);
      const { runtime, llama, sequence } = await loading.catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      const grammar = request.output ? await llama.createGrammarForJsonSchema(request.output) : undefined;
      const chat = new runtime.LlamaChat({ contextSequence: sequence });
      const { usedInputTokens, usedOutputTokens } = sequence.tokenMeter;
      const options = optionsOf(
        request,
        signal,
        (text) => {
          if (text !== '') say({ type: 'text', text });
        },
        grammar,
      );
      const got = await chat.generateResponse(llamaHistory(request), options);
      if (signal.aborted || got.metadata.stopReason === 'abort')
        return say({ type: 'error', error: { kind: 'aborted', message: 'stopped' } });
      for (const part of parts(got, nextId)) say({ type: 'part', part });
      const usage = {
        inputTokens: sequence.tokenMeter.usedInputTokens - usedInputTokens,
        outputTokens: sequence.tokenMeter.usedOutputTokens - usedOutputTokens,
        cachedTokens: 0,
      };
      const called = (got.functionCalls?.length ?? 0) > 0;
      const reason = called ? 'calls' : got.metadata.stopReason === 'maxTokens' ? 'length' : 'stop';
      say({ type: 'finish', reason, usage });
    } catch (error) {
      if (signal.aborted) return say({ type: 'error', error: { kind: 'aborted', message: 'stopped' } });
      const message = error instanceof AmbitError && error.hint ? `${error.message} (${error.hint})` : messageOf(error);
      const kind = /context (size|shift)|too long|does not fit/i.test(message) ? 'overflow' : 'rejected';
      say({ type: 'error', error: { kind, message } });
    }
  };
  return { id, contextTokens: contextMost, stream };
}
