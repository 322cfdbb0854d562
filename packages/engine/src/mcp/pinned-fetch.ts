import type { McpServer } from './server.ts';

type HttpServer = Extract<McpServer, { kind: 'http' }>;

/** One answer at most; a server that never ends its body must not fill the memory. */
const answerBytes = 32 * 1024 * 1024;

function bounded(response: Response): Response {
  if (!response.body) return response;
  let seen = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        seen += chunk.byteLength;
        if (seen > answerBytes) controller.error(new Error('the answer is longer than 32 MB'));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(counted, { status, statusText, headers });
}

/**
 * SECURITY: `fetch` for one accepted server. Other hosts only where `also` says so, never through a redirect, and never
 * with the headers of the server's settings (oauth.test.ts, mcp.test.ts «redirects to another host»).
 */
export function guardedFetch(server: HttpServer, also: (url: URL) => boolean): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const own = url.origin === server.url.origin;
    if (!own && !also(url)) throw new Error(`\`${url.host}\` is not the accepted host`);
    const headers = new Headers(init?.headers);
    if (!own)
      for (const [name, value] of Object.entries(server.headers)) if (headers.get(name) === value) headers.delete(name);
    return bounded(await fetch(input, { ...init, headers, redirect: 'error' }));
  };
}
