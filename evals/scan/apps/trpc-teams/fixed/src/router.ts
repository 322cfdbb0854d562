import { initTRPC } from '@trpc/server';
import { z } from 'zod';
import { db } from './db';
import { isSignedIn } from './guards';

const t = initTRPC.context<{ user?: { id: string } }>().create();
const protectedProcedure = t.procedure.use(isSignedIn);

export const router = t.router({
  rename: protectedProcedure.input(z.object({ name: z.string() })).mutation(({ input, ctx }) =>
    db.query('UPDATE teams SET name = $1 WHERE owner = $2', [input.name, ctx.user.id])),
  find: protectedProcedure.input(z.object({ name: z.string() })).query(({ input }) =>
    db.query('SELECT id FROM teams WHERE name = $1', [input.name])),
  preview: protectedProcedure.input(z.object({ url: z.string().url() })).mutation(async ({ input }) => {
    if (new URL(input.url).hostname !== 'www.example.com') throw new Error('not allowed');
    const page = await fetch(input.url);
    return page.status;
  }),
});
