import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { frames } from './frames.ts';

/** A running language server of the project: its own TypeScript, in the sandbox. */
export interface TypeServer {
  /** Errors of one file with this text, by line; undefined when it did not answer in time. */
  errors: (file: string, text: string, timeoutMs: number) => Promise<FoundError[] | undefined>;
  /** What stands on disk may have changed beside what is open. */
  reload: () => Promise<void>;
  /** Bytes of its standard output. */
  heard: (data: Uint8Array) => void;
  readonly alive: boolean;
  ended: () => void;
}

export interface FoundError {
  line: number;
  code: number;
  text: string;
}

type Write = (text: string) => Promise<void>;
type Message = Record<string, unknown>;

interface Pending {
  ask: (id: number, timeoutMs: number, send: () => Promise<void>) => Promise<Message | undefined>;
  settle: (id: unknown, message: Message) => void;
  heard: (data: Uint8Array) => void;
  ended: () => void;
  readonly alive: boolean;
}

/** Questions that wait for the answer of their number, each for a while. */
function pending(onMessage: (message: Message) => void): Pending {
  const waiting = new Map<unknown, (message: Message) => void>();
  let alive = true;
  const take = frames(onMessage);
  const end = () => {
    alive = false;
    for (const resolve of waiting.values()) resolve({});
    waiting.clear();
  };
  return {
    get alive() {
      return alive;
    },
    ask: async (id, timeoutMs, send) => {
      const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
      const stop = new AbortController();
      const late = sleep(timeoutMs, undefined, { signal: stop.signal }).catch(() => undefined);
      try {
        await send();
        return await Promise.race([answer, late]);
      } finally {
        stop.abort();
        waiting.delete(id);
      }
    },
    settle: (id, message) => waiting.get(id)?.(message),
    heard: (data) => {
      if (!take(data)) end();
    },
    ended: end,
  };
}

interface TsserverDiagnostic {
  start?: { line?: number };
  text?: string;
  code?: number;
  category?: string;
}

/** Speaks the protocol of `tsserver` (TypeScript up to 6): one JSON object a line in, framed answers out. */
export function tsserver(write: Write): TypeServer {
  const line = pending((message) => {
    if (message['type'] === 'response') line.settle(message['request_seq'], message);
  });
  let seq = 0;
  const send = (id: number, command: string, args: unknown) =>
    write(`${JSON.stringify({ seq: id, type: 'request', command, arguments: args })}\n`);
  const next = () => {
    seq += 1;
    return seq;
  };
  return {
    ...{ heard: line.heard, ended: line.ended },
    get alive() {
      return line.alive;
    },
    errors: async (file, text, timeoutMs) => {
      await send(next(), 'updateOpen', { openFiles: [{ file, fileContent: text }] });
      const id = next();
      const response = await line.ask(id, timeoutMs, () => send(id, 'semanticDiagnosticsSync', { file }));
      if (response?.['success'] !== true) return undefined;
      const body = Array.isArray(response['body']) ? (response['body'] as TsserverDiagnostic[]) : [];
      return body
        .filter(({ category }) => category === 'error')
        .map(({ start, text: said, code }) => ({ line: start?.line ?? 1, code: code ?? 0, text: said ?? '' }));
    },
    reload: () => send(next(), 'reloadProjects', {}),
  };
}

interface LspDiagnostic {
  range?: { start?: { line?: number } };
  severity?: number;
  code?: number | string;
  message?: string;
}

const capabilities = { textDocument: { diagnostic: {}, synchronization: {} }, workspace: { configuration: true } };
const errorSeverity = 1;

/** Speaks the Language Server Protocol (TypeScript 7 and later), with diagnostics on request. */
export function languageServer(write: Write, workspace: string): TypeServer {
  const send = (message: Message) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    return write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  const line = pending((message) => {
    if (message['method'] === undefined) line.settle(message['id'], message);
    // The server's own questions: it has no settings of ours, and may register what it likes.
    else if (message['id'] !== undefined) {
      const { items } = (message['params'] ?? {}) as { items?: unknown[] };
      void send({ id: message['id'], result: items ? items.map(() => null) : null }).catch(() => undefined);
    }
  });
  const versions = new Map<string, number>();
  let last = 0;
  let ready: Promise<boolean> | undefined;
  const ask = (method: string, params: unknown, timeoutMs: number) => {
    last += 1;
    const id = last;
    return line.ask(id, timeoutMs, () => send({ id, method, params }));
  };
  const begin = async (timeoutMs: number): Promise<boolean> => {
    const rootUri = pathToFileURL(workspace).href;
    const folders = [{ uri: rootUri, name: 'workspace' }];
    const params = { processId: null, rootUri, workspaceFolders: folders, capabilities };
    const hello = await ask('initialize', params, timeoutMs);
    if (hello?.['result'] === undefined) return false;
    await send({ method: 'initialized', params: {} });
    return true;
  };
  return {
    ...{ heard: line.heard, ended: line.ended },
    get alive() {
      return line.alive;
    },
    errors: async (file, text, timeoutMs) => {
      ready ??= begin(timeoutMs);
      if (!(await ready)) return undefined;
      const uri = pathToFileURL(file).href;
      const version = (versions.get(uri) ?? 0) + 1;
      versions.set(uri, version);
      const languageId = file.endsWith('x') ? 'typescriptreact' : 'typescript';
      if (version === 1)
        await send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId, version, text } } });
      else {
        const textDocument = { uri, version };
        await send({ method: 'textDocument/didChange', params: { textDocument, contentChanges: [{ text }] } });
      }
      const answer = await ask('textDocument/diagnostic', { textDocument: { uri } }, timeoutMs);
      const items = (answer?.['result'] as { items?: LspDiagnostic[] } | undefined)?.items;
      return items
        ?.filter(({ severity }) => severity === errorSeverity)
        .map(({ range, code, message }) => ({
          line: (range?.start?.line ?? 0) + 1,
          code: Number(code) || 0,
          text: message ?? '',
        }));
    },
    reload: () => {
      const changes = [{ uri: pathToFileURL(workspace).href, type: 2 }];
      return send({ method: 'workspace/didChangeWatchedFiles', params: { changes } });
    },
  };
}
