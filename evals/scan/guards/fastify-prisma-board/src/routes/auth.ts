import type { FastifyInstance } from 'fastify';
import bcrypt from 'bcryptjs';
import { z } from 'zod';
import { prisma } from '../db.js';

const Credentials = z.object({ email: z.string().email(), password: z.string().min(12) });

export async function authRoutes(app: FastifyInstance) {
  app.post('/login', { config: { rateLimit: { max: 5, timeWindow: '1 minute' } } }, async (request, reply) => {
    const { email, password } = Credentials.parse(request.body);
    const user = await prisma.user.findUnique({ where: { email } });
    if (!user || !(await bcrypt.compare(password, user.passwordHash))) return reply.code(401).send();
    return { token: app.jwt.sign({ sub: user.id }, { expiresIn: '1h' }) };
  });
}
