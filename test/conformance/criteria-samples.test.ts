// Every test skeleton of the criteria raised first for «Users can create accounts» sees the hole it is for: it fails on the
// naive sample applications and passes on the careful ones, on Express and as Next.js route handlers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { routes as careful } from '../../examples/criteria/careful/routes.ts';
import { type Context, openStore, type Routes } from '../../examples/criteria/context.ts';
import { expressApp } from '../../examples/criteria/express.ts';
import { routes as naive } from '../../examples/criteria/naive/routes.ts';
import { nextHandlers } from '../../examples/criteria/next.ts';
import { type Reply, skeletons, type Target } from '../../examples/criteria/skeletons.ts';
import { detect, rank } from '../../packages/core/src/capability/index.ts';
import { parseCriteria } from '../../packages/core/src/catalog/index.ts';
import { readCatalogSources } from '../support/catalog.ts';

const ORIGIN = 'https://app.example';

function newContext(cost: number): { context: Context; wait: (milliseconds: number) => void } {
  let now = Date.UTC(2026, 0, 1);
  const context = { db: openStore(), outbox: [], now: () => now, origin: ORIGIN, cost };
  return {
    context,
    wait: (milliseconds) => {
      now += milliseconds;
    },
  };
}

async function replyOf(response: Response): Promise<Reply> {
  return {
    status: response.status,
    body: await response.text(),
    cookie: response.headers.get('set-cookie') ?? '',
    headers: response.headers,
  };
}

function init(body: unknown, headers: Record<string, string>): RequestInit {
  if (body === undefined) return { headers };
  return { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
}

type Run = (routes: Routes, cost: number, use: (target: Target) => Promise<void>) => Promise<void>;

const onExpress: Run = async (routes, cost, use) => {
  const { context, wait } = newContext(cost);
  const server = createServer(expressApp(routes, context, routes === careful)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await use({
      context,
      wait,
      call: async (path, body, headers = {}) => replyOf(await fetch(base + path, init(body, headers))),
    });
  } finally {
    server.closeAllConnections();
    server.close();
    context.db.close();
  }
};

const onNext: Run = async (routes, cost, use) => {
  const { context, wait } = newContext(cost);
  const handlers = nextHandlers(routes, context, routes === careful);
  const call: Target['call'] = async (path, body, headers = {}) => {
    const request = new Request(`http://localhost${path}`, init(body, headers));
    const { cookie } = headers;
    if (cookie) request.headers.set('cookie', cookie);
    const handler = handlers[path.slice(1) as keyof typeof handlers];
    try {
      return await replyOf(await ('GET' in handler ? handler.GET(request) : handler.POST(request)));
    } catch {
      return replyOf(new Response(null, { status: 500 }));
    }
  };
  try {
    await use({ context, wait, call });
  } finally {
    context.db.close();
  }
};

/** The real work factor only where the hash is the subject; elsewhere it would only cost time. */
const costOf = (id: string) => (id === 'signup/hash' ? 17 : 4);

describe('criteria of «Users can create accounts»', () => {
  for (const [name, run] of [
    ['Express', onExpress],
    ['Next.js', onNext],
  ] as const) {
    for (const [id, skeleton] of Object.entries(skeletons)) {
      it(`${id} passes on the careful application on ${name}`, () => run(careful, costOf(id), skeleton));
      it(`${id} fails on the naive application on ${name}`, () =>
        run(naive, costOf(id), async (target) => {
          await assert.rejects(skeleton(target), { name: 'AssertionError' });
        }));
    }
  }

  it('has a skeleton for each of the first ten', async () => {
    const catalog = parseCriteria(await readCatalogSources('criteria'));
    const first = rank(detect('Users can create accounts', catalog), catalog).slice(0, 10);
    for (const { criterion } of first) assert.ok(skeletons[criterion.id], criterion.id);
  });
});
