const fastify = require('fastify')({ logger: true, bodyLimit: 100000 });
const knex = require('knex')({ client: 'pg', connection: process.env.DATABASE_URL });

fastify.register(require('@fastify/helmet'));
fastify.register(require('@fastify/rate-limit'), { max: 100, timeWindow: '1 minute' });
fastify.register(require('@fastify/jwt'), { secret: process.env.JWT_SECRET });

fastify.decorate('authenticate', async (request, reply) => {
  try {
    await request.jwtVerify();
  } catch (error) {
    return reply.code(401).send({ error: 'unauthorized' });
  }
});

fastify.decorate('adminOnly', async (request, reply) => {
  if (request.user.role !== 'admin') return reply.code(403).send({ error: 'forbidden' });
});

const ticketBody = {
  type: 'object',
  required: ['subject'],
  additionalProperties: false,
  properties: { subject: { type: 'string', maxLength: 200 }, text: { type: 'string', maxLength: 5000 } },
};

fastify.get('/health', async () => ({ ok: true }));

fastify.get('/tickets', { onRequest: [fastify.authenticate] }, async (request) =>
  knex('tickets').where({ user_id: request.user.sub }).orderBy('created_at', 'desc'),
);

fastify.get('/tickets/:id', { onRequest: [fastify.authenticate] }, async (request, reply) => {
  const ticket = await knex('tickets').where({ id: request.params.id, user_id: request.user.sub }).first();
  if (!ticket) return reply.code(404).send();
  return ticket;
});

fastify.post('/tickets', { onRequest: [fastify.authenticate], schema: { body: ticketBody } }, async (request, reply) => {
  const { subject, text } = request.body;
  await knex('tickets').insert({ subject, text, user_id: request.user.sub });
  return reply.code(201).send();
});

fastify.patch('/tickets/:id', { onRequest: [fastify.authenticate], schema: { body: ticketBody } }, async (request, reply) => {
  const { subject, text } = request.body;
  await knex('tickets').where({ id: request.params.id, user_id: request.user.sub }).update({ subject, text });
  return reply.code(204).send();
});

fastify.delete('/tickets/:id', { onRequest: [fastify.authenticate] }, async (request, reply) => {
  await knex('tickets').where({ id: request.params.id, user_id: request.user.sub }).del();
  return reply.code(204).send();
});

fastify.delete('/admin/tickets/:id', { onRequest: [fastify.authenticate, fastify.adminOnly] }, async (request, reply) => {
  await knex('tickets').where({ id: request.params.id }).del();
  return reply.code(204).send();
});

module.exports = fastify;
