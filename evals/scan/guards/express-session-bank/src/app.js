const express = require('express');
const session = require('express-session');
const csrf = require('csurf');
const helmet = require('helmet');
const rateLimit = require('express-rate-limit');
const bcrypt = require('bcrypt');
const { body, validationResult } = require('express-validator');
const { Account, Transfer, User } = require('./models');
const { requireLogin } = require('./require-login');

const app = express();
const csrfProtection = csrf();
const loginLimiter = rateLimit({ windowMs: 15 * 60 * 1000, max: 10 });

app.use(helmet());
app.use(express.urlencoded({ extended: false, limit: '20kb' }));
app.use(
  session({
    secret: process.env.SESSION_SECRET,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, secure: true, sameSite: 'lax', maxAge: 3600000 },
  }),
);

app.get('/login', csrfProtection, (req, res) => res.render('login', { csrfToken: req.csrfToken() }));

app.post('/login', loginLimiter, csrfProtection, async (req, res) => {
  const user = await User.findOne({ where: { email: String(req.body.email) } });
  if (!user || !(await bcrypt.compare(String(req.body.password), user.passwordHash))) return res.status(401).render('login');
  req.session.regenerate((error) => {
    if (error) return res.status(500).end();
    req.session.userId = user.id;
    res.redirect('/accounts');
  });
});

app.get('/accounts', requireLogin, csrfProtection, async (req, res) => {
  const accounts = await Account.findAll({ where: { userId: req.session.userId } });
  res.render('accounts', { accounts, csrfToken: req.csrfToken() });
});

app.get('/accounts/:id', requireLogin, async (req, res) => {
  const account = await Account.findOne({ where: { id: req.params.id, userId: req.session.userId } });
  if (!account) return res.sendStatus(404);
  res.render('account', { account });
});

app.post(
  '/transfers',
  requireLogin,
  csrfProtection,
  body('to').isUUID(),
  body('amount').isInt({ min: 1, max: 100000 }),
  async (req, res) => {
    if (!validationResult(req).isEmpty()) return res.sendStatus(400);
    const from = await Account.findOne({ where: { id: String(req.body.from), userId: req.session.userId } });
    if (!from) return res.sendStatus(404);
    await Transfer.create({ from: from.id, to: String(req.body.to), amount: Number(req.body.amount) });
    res.redirect('/accounts');
  },
);

app.post('/accounts/:id/close', requireLogin, csrfProtection, async (req, res) => {
  await Account.destroy({ where: { id: req.params.id, userId: req.session.userId } });
  res.redirect('/accounts');
});

app.post('/logout', requireLogin, csrfProtection, (req, res) => req.session.destroy(() => res.redirect('/login')));

module.exports = app;
