import bcrypt from 'bcryptjs';
import { Router } from 'express';
import rateLimit from 'express-rate-limit';
import { z } from 'zod';
import { pool } from '../db.js';

const Login = z.object({ email: z.string().email(), password: z.string().min(1) });
const loginLimiter = rateLimit({ windowMs: 60_000, limit: 10 });

export const authRouter = Router();

authRouter.post('/login', loginLimiter, async (req, res) => {
  const { email, password } = Login.parse(req.body);
  const { rows } = await pool.query('SELECT id, password_hash FROM users WHERE email = $1', [email]);
  if (!rows[0] || !(await bcrypt.compare(password, rows[0].password_hash))) return res.status(401).send('Wrong');
  req.session.regenerate(() => {
    req.session.userId = rows[0].id;
    res.redirect('/posts');
  });
});
