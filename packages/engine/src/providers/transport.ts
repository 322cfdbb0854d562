import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Readable } from 'node:stream';
import { LeanHeaders } from './headers.ts';

type Fetch = typeof globalThis.fetch;
type Init = Parameters<Fetch>[1];

/** A request in the simple form that every model is asked in. */
interface Plain {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
  signal: AbortSignal | undefined;
}

/** Undefined for whatever is not plain: forms, streams, `Request` objects. */
function plainRequest(input: Parameters<Fetch>[0], init: Init): Plain | undefined {
  if (typeof input !== 'string' && !(input instanceof URL)) return undefined;
  const url = new URL(input);
  const body = init?.body ?? undefined;
  if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)) return undefined;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (init?.redirect !== undefined && init.redirect !== 'follow') return undefined;
  const given = init?.headers as Iterable<readonly [string, string]> | Record<string, string> | undefined;
  const headers = Object.fromEntries(new LeanHeaders(given));
  return { url, method: init?.method ?? 'GET', headers, body, signal: init?.signal ?? undefined };
}

/** As `fetch` says it, which is how provider packages tell a lost connection from an answer. */
function failed(error: Error, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  return new TypeError('fetch failed', { cause: error });
}

async function ask(plain: Plain, again: boolean): Promise<IncomingMessage> {
  const { request } = plain.url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  plain.signal?.throwIfAborted();
  const { method, headers, body, signal } = plain;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options: RequestOptions = {
    method,
    headers: { accept: '*/*', ...headers, ...length },
    ...(signal ? { signal } : {}),
  };
  return new Promise((resolve, reject) => {
    const sent = request(plain.url, options, resolve);
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // The server closed a kept connection while the request was on its way: it was not read.
      const stale = sent.reusedSocket && error.code === 'ECONNRESET' && !signal?.aborted;
      if (stale && again) ask(plain, false).then(resolve, reject);
      else reject(failed(error, signal));
    });
    sent.end(body);
  });
}

/** The body without its encoding; we ask for none, but some servers encode all the same. */
async function decoded(message: IncomingMessage): Promise<Readable> {
  const encoding = message.headers['content-encoding']?.trim().toLowerCase();
  if (!encoding || encoding === 'identity') return message;
  const { createBrotliDecompress, createGunzip, createInflate } = await import('node:zlib');
  const make = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress };
  const step = make[encoding as keyof typeof make]?.();
  if (!step) throw new TypeError('fetch failed', { cause: new Error(`the encoding \`${encoding}\` is not known`) });
  message.on('error', (error) => step.destroy(error));
  message.on('close', () => {
    if (!message.complete) step.destroy(new Error('other side closed'));
  });
  return message.pipe(step);
}

function streamOf(
  source: Readable,
  message: IncomingMessage,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  let settled = false;
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const fail = (error: Error) => {
          if (settled) return;
          settled = true;
          controller.error(signal?.aborted ? signal.reason : new TypeError('terminated', { cause: error }));
        };
        source.on('data', (chunk: Buffer) => {
          if (settled) return;
          controller.enqueue(new Uint8Array(chunk));
          if ((controller.desiredSize ?? 0) <= 0) source.pause();
        });
        source.on('error', fail);
        source.on('end', () => {
          if (settled || !message.complete) return;
          settled = true;
          controller.close();
        });
        source.on('close', () => fail(new Error('other side closed')));
        source.pause();
      },
      pull: () => void source.resume(),
      cancel: () => {
        settled = true;
        message.destroy();
      },
    },
    { highWaterMark: 64 * 1024, size: (chunk) => chunk?.byteLength ?? 0 },
  );
}

async function bytesOf(body: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  return Buffer.concat(chunks);
}

/** The part of a response that provider packages look at. */
async function responseOf(message: IncomingMessage, plain: Plain): Promise<Response> {
  const status = message.statusCode ?? 0;
  const pairs = Object.entries(message.headers).flatMap(([name, value]): [string, string][] =>
    (Array.isArray(value) ? value : [value ?? '']).map((one) => [name, one]),
  );
  const empty = status === 204 || status === 304 || plain.method === 'HEAD';
  const body = streamOf(await decoded(message), message, plain.signal);
  const response = {
    status,
    statusText: message.statusMessage ?? '',
    ok: status >= 200 && status < 300,
    headers: new LeanHeaders(pairs),
    url: plain.url.href,
    redirected: false,
    type: 'basic',
    body: empty ? null : body,
    text: async () => new TextDecoder().decode(await bytesOf(body)),
    json: async () => JSON.parse(new TextDecoder().decode(await bytesOf(body))) as unknown,
    arrayBuffer: async () => new Uint8Array(await bytesOf(body)).buffer,
  };
  return response as unknown as Response;
}

/**
 * `fetch` for models, on Node's HTTP client alone: Node's own brings a second one, which a session's start pays for with
 * 25 ms, 10 MB and a compiler thread that holds up its end by 35 ms. What is not plain, and redirects, go to Node's own.
 */
export const leanFetch: Fetch = async (input, init) => {
  const plain = plainRequest(input, init);
  if (!plain) return fetch(input, init);
  const message = await ask(plain, true);
  const { statusCode = 0, headers } = message;
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    message.destroy();
    return fetch(input, init);
  }
  return responseOf(message, plain);
};
