import Fastify from 'fastify';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import jwt from '@fastify/jwt';
import { boardRoutes } from './routes/boards.js';
import { authRoutes } from './routes/auth.js';

export const app = Fastify({ logger: true });

app.register(helmet);
app.register(rateLimit, { max: 100, timeWindow: '1 minute' });
app.register(jwt, { secret: process.env.JWT_SECRET! });

app.decorate('authenticate', async (request: any, reply: any) => {
  try {
    await request.jwtVerify();
  } catch {
    reply.code(401).send({ error: 'Unauthorized' });
  }
});

app.register(authRoutes, { prefix: '/auth' });
app.register(boardRoutes, { prefix: '/boards' });
