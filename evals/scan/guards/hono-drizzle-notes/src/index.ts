import { zValidator } from '@hono/zod-validator';
import { and, eq } from 'drizzle-orm';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { csrf } from 'hono/csrf';
import { jwt } from 'hono/jwt';
import { secureHeaders } from 'hono/secure-headers';
import { z } from 'zod';
import { db } from './db';
import { notes, users } from './schema';

type Env = { Bindings: { JWT_SECRET: string }; Variables: { jwtPayload: { sub: string; role: string } } };

const app = new Hono<Env>();

app.use('*', secureHeaders());
app.use('*', cors({ origin: 'https://notes.example.com', credentials: true }));
app.use('*', csrf({ origin: 'https://notes.example.com' }));
app.use('/notes/*', (c, next) => jwt({ secret: c.env.JWT_SECRET, alg: 'HS256' })(c, next));
app.use('/users/*', (c, next) => jwt({ secret: c.env.JWT_SECRET, alg: 'HS256' })(c, next));

const noteBody = z.object({ title: z.string().min(1).max(200), body: z.string().max(10_000) });

app.get('/health', (c) => c.text('ok'));

app.get('/notes', async (c) => {
  const { sub } = c.get('jwtPayload');
  return c.json(await db.select().from(notes).where(eq(notes.userId, sub)));
});

app.get('/notes/:id', async (c) => {
  const { sub } = c.get('jwtPayload');
  const [note] = await db
    .select()
    .from(notes)
    .where(and(eq(notes.id, c.req.param('id')), eq(notes.userId, sub)));
  return note ? c.json(note) : c.json({ error: 'not found' }, 404);
});

app.post('/notes', zValidator('json', noteBody), async (c) => {
  const { sub } = c.get('jwtPayload');
  const body = c.req.valid('json');
  const [note] = await db.insert(notes).values({ ...body, userId: sub }).returning();
  return c.json(note, 201);
});

app.put('/notes/:id', zValidator('json', noteBody), async (c) => {
  const { sub } = c.get('jwtPayload');
  const body = c.req.valid('json');
  await db
    .update(notes)
    .set(body)
    .where(and(eq(notes.id, c.req.param('id')), eq(notes.userId, sub)));
  return c.body(null, 204);
});

app.delete('/notes/:id', async (c) => {
  const { sub } = c.get('jwtPayload');
  await db.delete(notes).where(and(eq(notes.id, c.req.param('id')), eq(notes.userId, sub)));
  return c.body(null, 204);
});

app.delete('/users/:id', async (c) => {
  const { role } = c.get('jwtPayload');
  if (role !== 'admin') return c.json({ error: 'forbidden' }, 403);
  await db.delete(users).where(eq(users.id, c.req.param('id')));
  return c.body(null, 204);
});

export default app;
