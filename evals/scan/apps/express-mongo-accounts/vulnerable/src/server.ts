import express from 'express';
import rateLimit from 'express-rate-limit';
import jwt from 'jsonwebtoken';
import bcrypt from 'bcrypt';
import { User } from './models/user';
import { requireAuth } from './auth';

const app = express();
app.use(express.json());
const limiter = rateLimit({ windowMs: 60_000, max: 10 });

app.post('/register', limiter, async (req, res) => {
  const hash = await bcrypt.hash(String(req.body.password), 12);
  const user = await User.create({ email: String(req.body.email), hash });
  res.status(201).json({ id: user.id });
});

app.post('/login', async (req, res) => {
  const user = await User.findOne({ email: req.body.email });
  if (!user || !(await bcrypt.compare(String(req.body.password), user.hash))) return res.status(401).end();
  res.json({ token: jwt.sign({ sub: user.id }, 's3cret-signing-key', { expiresIn: '15m' }) });
});

app.patch('/me', requireAuth, async (req, res) => {
  const user = await User.findByIdAndUpdate(req.user.id, req.body, { new: true });
  res.json({ id: user.id });
});

app.listen(3000);
