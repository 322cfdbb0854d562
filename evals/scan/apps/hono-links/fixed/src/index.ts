import { Hono } from 'hono';
import { jwt } from 'hono/jwt';
import { cors } from 'hono/cors';
import { db } from './db';

const app = new Hono();
app.use('*', cors({ origin: ['https://links.example.com'], credentials: true }));

app.get('/go', async (c) => {
  const to = c.req.query('to') ?? '/';
  if (!/^\/[a-z0-9-]*$/.test(to)) return c.text('bad address', 400);
  return c.redirect(to);
});

app.use('/links/*', jwt({ secret: process.env.JWT_SECRET! }));
app.get('/links/:id', async (c) => {
  const payload = c.get('jwtPayload');
  return c.json(await db.one('SELECT * FROM links WHERE id = $1 AND owner = $2', [c.req.param('id'), payload.sub]));
});
app.post('/links/search', async (c) => {
  const payload = c.get('jwtPayload');
  const body = await c.req.json();
  return c.json(await db.many('SELECT * FROM links WHERE title LIKE $1 AND owner = $2', [`%${body.q}%`, payload.sub]));
});

export default app;
