import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCatalogSources } from '../../../../../test/support/catalog.ts';
import { readRules } from '../../catalog.ts';
import { routesOf } from '../../routes.ts';
import { createScanner } from '../../scanner.ts';
import { routeTable } from './table.ts';

const catalog = readRules(await readCatalogSources('rules'), await readCatalogSources('frameworks'));
const scanner = await createScanner({ ...catalog, rules: catalog.rules.filter((rule) => rule.engine === 'routes') });

function routes(files: Record<string, string>) {
  const encoder = new TextEncoder();
  const reports = Object.entries(files).map(([path, text]) => scanner.scanBytes(path, encoder.encode(text)));
  return routesOf(reports, Object.keys(files));
}

test('a mounted router has the prefix and the guards of its mount', () => {
  const [route] = routes({
    'src/app.js':
      "const app = require('express')();\nconst { requireAuth } = require('./auth');\napp.use('/api', requireAuth, require('./items'));\n",
    'src/items.js':
      "const router = require('express').Router();\nrouter.post('/items', (req, res) => res.json(add(req.body)));\nmodule.exports = router;\n",
  });
  assert.equal(route?.path, '/api/items');
  assert.deepEqual(route?.found.authentication, { file: 'src/app.js', line: 3 });
});

test('entry points by convention: Next.js routes and actions, SvelteKit, Nest, decorators of Python', () => {
  const found = routes({
    'app/api/items/[id]/route.ts':
      'export async function DELETE(request: Request) { await db.delete(1); return new Response(); }\n',
    'app/actions.ts': "'use server';\nexport async function rename(name: string) { await db.update(name); }\n",
    'src/routes/cart/+server.ts': 'export async function POST({ request }) { return new Response(); }\n',
    'src/items.controller.ts':
      "@Controller('items')\nexport class Items {\n  @Get(':id')\n  @UseGuards(AuthGuard)\n  one() { return 1; }\n}\n",
    'main.py':
      'from fastapi import FastAPI\napp = FastAPI()\n@app.post("/orders")\ndef orders(item: str):\n    return 1\n',
  });
  assert.deepEqual(
    found.map(({ method, path }) => `${method} ${path}`).sort(),
    ['ACTION app/actions.ts#rename', 'DELETE /api/items/:id', 'GET /items/:id', 'POST /cart', 'POST /orders'].sort(),
  );
  assert.ok(found.find(({ framework }) => framework === 'nest')?.found.authentication);
});

test('middleware counts where its matcher sees the path', () => {
  const files = (matcher: string) => ({
    'middleware.ts': `export function middleware(request) { return requireAuth(request); }\nexport const config = { matcher: ['${matcher}'] };\n`,
    'app/api/items/route.ts': 'export async function POST() { return new Response(); }\n',
  });
  assert.ok(routes(files('/api/:path*'))[0]?.found.authentication);
  assert.ok(routes(files('/((?!_next|favicon).*)'))[0]?.found.authentication);
  assert.equal(routes(files('/dashboard/:path*'))[0]?.found.authentication, undefined);
});

test('the table names each route once and where its guards stand', () => {
  const table = routeTable(
    routes({
      'a.js':
        "const app = require('express')();\napp.post('/a', requireAuth, (req, res) => res.end());\napp.get('/b', (req, res) => res.end());\n",
    }),
  );
  assert.match(table, /^method +path +where +authentication/);
  assert.match(table, /POST +\/a +a\.js:2 +line 2/);
  assert.match(table, /GET +\/b +a\.js:3 +-/);
});
