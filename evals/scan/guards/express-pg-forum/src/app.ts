import express from 'express';
import session from 'express-session';
import helmet from 'helmet';
import { csrfSync } from 'csrf-sync';
import { authRouter } from './auth/router.js';
import { postsRouter } from './posts/router.js';
import { requireLogin } from './auth/require-login.js';

const { csrfSynchronisedProtection } = csrfSync();

export const app = express();
app.use(helmet());
app.use(express.urlencoded({ extended: false }));
app.use(
  session({
    secret: process.env.SESSION_SECRET!,
    resave: false,
    saveUninitialized: false,
    cookie: { secure: true, httpOnly: true, sameSite: 'lax' },
  }),
);
app.use(csrfSynchronisedProtection);
app.use('/auth', authRouter);
app.use('/posts', requireLogin, postsRouter);
