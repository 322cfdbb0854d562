import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { prisma } from '../db.js';

const BoardBody = z.object({ title: z.string().min(1).max(200) });
const IdParams = z.object({ id: z.string().uuid() });

export async function boardRoutes(app: FastifyInstance) {
  app.get('/', { onRequest: [app.authenticate] }, async (request) => {
    return prisma.board.findMany({ where: { ownerId: request.user.sub } });
  });

  app.get('/:id', { onRequest: [app.authenticate] }, async (request, reply) => {
    const { id } = IdParams.parse(request.params);
    const board = await prisma.board.findFirst({ where: { id, ownerId: request.user.sub } });
    if (!board) return reply.code(404).send();
    return board;
  });

  app.post('/', { onRequest: [app.authenticate] }, async (request, reply) => {
    const { title } = BoardBody.parse(request.body);
    const board = await prisma.board.create({ data: { title, ownerId: request.user.sub } });
    return reply.code(201).send(board);
  });

  app.put('/:id', { onRequest: [app.authenticate] }, async (request) => {
    const { id } = IdParams.parse(request.params);
    const { title } = BoardBody.parse(request.body);
    return prisma.board.updateMany({ where: { id, ownerId: request.user.sub }, data: { title } });
  });

  app.delete('/:id', { onRequest: [app.authenticate] }, async (request, reply) => {
    const { id } = IdParams.parse(request.params);
    await prisma.board.deleteMany({ where: { id, ownerId: request.user.sub } });
    return reply.code(204).send();
  });
}
