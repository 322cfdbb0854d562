// A scripted stand-in for model providers on loopback. Each request that offers tools takes the next step of the script;
// requests without tools (summaries, titles) get a fixed text, or, where JSON of a schema is wanted, an empty instance.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Answer, type Call, type Frame, type Heard, type WireName, wireFormats } from './wire-formats.ts';

export type Fault =
  /** Answers 429 with `retry-after`. */
  | { fault: 'rate-limit'; retryAfterSeconds?: number }
  | { fault: 'server-error'; status?: number; retryAfterSeconds?: number }
  /** Part of the answer, then the connection is gone. */
  | { fault: 'cut'; text?: string }
  /** A frame in the middle is no JSON. */
  | { fault: 'bad-json' }
  /** A finished answer with nothing in it. */
  | { fault: 'empty' }
  | { fault: 'refusal' }
  | { fault: 'overflow' }
  | { fault: 'access' }
  /** Headers, then nothing, until the client goes away. */
  | { fault: 'hang' };

export type Step =
  | { text: string; reasoning?: string; cached?: number }
  | { tool: string; arguments: Record<string, unknown> | string; text?: string; pieces?: number; reasoning?: string }
  | { calls: { tool: string; arguments: Record<string, unknown> | string }[]; text?: string }
  | Fault;

export interface HeardRequest extends Heard {
  wire: WireName;
  body: string;
  headers: IncomingMessage['headers'];
}

export interface ScriptedModel {
  /** `http://127.0.0.1:port`; OpenAI clients add `/v1`. */
  url: string;
  requests: HeardRequest[];
  /** All tool results the model was shown, in order, taken from the longest history seen. */
  toolResults: () => string[];
  /** Requests that nothing answered: wrong path or no JSON. */
  unknown: string[];
  close: () => Promise<void>;
}

export interface Script {
  /** In order, or chosen per request; after the last: the text `done`. */
  steps: readonly Step[] | ((request: HeardRequest, index: number) => Step);
  port?: number;
  /** Answer of requests that offer no tools. */
  summary?: string | ((request: HeardRequest) => string);
  usage?: { input: number; output: number };
}

function emptyOf(schema: any): unknown {
  if (schema?.enum) return schema.enum[0];
  const type = Array.isArray(schema?.type) ? schema.type[0] : (schema?.type ?? 'object');
  if (type === 'object')
    return Object.fromEntries(Object.entries(schema?.properties ?? {}).map(([key, value]) => [key, emptyOf(value)]));
  return { number: 0, integer: 0, boolean: false, array: [] as unknown[] }[type as string] ?? '';
}

const asArguments = (value: Record<string, unknown> | string): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

function callsOf(step: Step): Call[] {
  if ('calls' in step) return step.calls.map((call) => ({ ...call, arguments: asArguments(call.arguments) }));
  if ('tool' in step) return [{ tool: step.tool, arguments: asArguments(step.arguments) }];
  return [];
}

function answerOf(step: Step, id: string, model: string, usage: { input: number; output: number }): Answer {
  const answer: Answer = {
    id,
    model,
    calls: callsOf(step),
    usage: { ...usage, cached: 'cached' in step ? (step.cached ?? 0) : 0 },
  };
  if ('text' in step && step.text !== undefined) answer.text = step.text;
  if ('reasoning' in step && step.reasoning) answer.reasoning = step.reasoning;
  if ('pieces' in step && step.pieces) answer.pieces = step.pieces;
  if ('fault' in step && step.fault === 'refusal') return { ...answer, refusal: true };
  if ('fault' in step && step.fault === 'cut')
    return { ...answer, text: step.text ?? 'half an answer that never ends' };
  if ('fault' in step && step.fault === 'bad-json') return { ...answer, text: 'a broken frame is near' };
  return answer;
}

function plain(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
}

/** Faults that are a status and a body; false when the step streams. */
function answerStatus(step: Step, wire: WireName, response: ServerResponse): boolean {
  if (!('fault' in step)) return false;
  const error = (message: string) => JSON.stringify({ type: 'error', message, error: { type: 'error', message } });
  switch (step.fault) {
    case 'rate-limit':
      plain(response, 429, error('too many requests'), { 'retry-after': String(step.retryAfterSeconds ?? 0) });
      return true;
    case 'server-error':
      plain(
        response,
        step.status ?? 500,
        error('the server is unwell'),
        step.retryAfterSeconds === undefined ? {} : { 'retry-after': String(step.retryAfterSeconds) },
      );
      return true;
    case 'overflow':
      plain(response, 400, wireFormats[wire].overflow);
      return true;
    case 'access':
      plain(response, 401, error('invalid key'));
      return true;
    case 'hang':
      response.writeHead(200, { 'content-type': wireFormats[wire].contentType ?? 'text/event-stream' });
      response.flushHeaders();
      return true;
    default:
      return false;
  }
}

function encodeEvent(frame: Frame): Buffer {
  const data = typeof frame.data === 'string' ? frame.data : JSON.stringify(frame.data);
  return Buffer.from(`${frame.event ? `event: ${frame.event}\n` : ''}data: ${data}\n\n`);
}

async function stream(step: Step, answer: Answer, wire: WireName, response: ServerResponse): Promise<void> {
  const format = wireFormats[wire];
  const encode = format.encode ?? encodeEvent;
  const frames = format.answer(answer);
  response.writeHead(200, { 'content-type': format.contentType ?? 'text/event-stream', 'cache-control': 'no-cache' });
  const fault = 'fault' in step ? step.fault : undefined;
  if (fault === 'bad-json') frames.splice(2, 0, { ...frames[2], data: '{"half": ' });
  if (fault === 'cut') {
    response.write(Buffer.concat(frames.slice(0, Math.max(2, frames.length - 3)).map(encode)));
    await new Promise((resolve) => setTimeout(resolve, 10));
    response.destroy();
    return;
  }
  const bytes = Buffer.concat(frames.map(encode));
  if (!answer.pieces) {
    response.end(bytes);
    return;
  }
  // Odd boundaries: a frame, even a character, may be split over network packets.
  for (let i = 0; i < bytes.length; i += 997) response.write(bytes.subarray(i, i + 997));
  response.end();
}

function modelOf(path: string, body: any): string {
  return body.model ?? /models?\/([^:/]+)/.exec(path)?.[1] ?? 'scripted';
}

export async function startScriptedModel(script: Script): Promise<ScriptedModel> {
  const requests: HeardRequest[] = [];
  const unknown: string[] = [];
  const sockets = new Set<Socket>();
  let index = 0;
  const nextStep = (heard: HeardRequest): Step => {
    if (heard.tools.length === 0 && typeof script.steps !== 'function') {
      if (heard.output !== undefined) return { text: JSON.stringify(emptyOf(heard.output)) };
      return { text: typeof script.summary === 'function' ? script.summary(heard) : (script.summary ?? 'ok') };
    }
    const step = typeof script.steps === 'function' ? script.steps(heard, index) : script.steps[index];
    index += 1;
    return step ?? { text: 'done' };
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const path = new URL(request.url ?? '/', 'http://scripted').pathname;
    if (/\/models$/.test(path)) return plain(response, 200, '{"object":"list","data":[{"id":"scripted"}]}');
    const wire = (Object.keys(wireFormats) as WireName[]).find((name) => wireFormats[name].matches(path));
    if (!wire) {
      unknown.push(`${request.method} ${path}`);
      return plain(response, 404, '{"error":{"message":"not scripted"}}');
    }
    const parsed = JSON.parse(body);
    const heard: HeardRequest = { ...wireFormats[wire].hear(parsed), wire, body, headers: request.headers };
    requests.push(heard);
    const step = nextStep(heard);
    if (answerStatus(step, wire, response)) return;
    const answer = answerOf(
      step,
      String(requests.length),
      modelOf(path, parsed),
      script.usage ?? { input: 100, output: 10 },
    );
    await stream(step, answer, wire, response);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      unknown.push(String(error));
      if (!response.headersSent) plain(response, 400, '{"error":{"message":"no JSON"}}');
      else response.destroy();
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) =>
    server.listen(script.port ?? 0, '127.0.0.1', resolve).on('error', reject),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    unknown,
    toolResults: () => requests.reduce<string[]>((best, r) => (r.results.length >= best.length ? r.results : best), []),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
