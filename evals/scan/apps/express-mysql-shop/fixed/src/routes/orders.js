const { Router } = require('express');
const db = require('../db');
const { requireAuth } = require('../auth');

const router = Router();

router.get('/', requireAuth, async (req, res) => {
  const [rows] = await db.execute('SELECT * FROM orders WHERE user_id = ?', [req.session.userId]);
  res.json(rows);
});

router.post('/', requireAuth, async (req, res) => {
  await db.execute('INSERT INTO orders (user_id, product_id) VALUES (?, ?)', [req.session.userId, Number(req.body.productId)]);
  res.status(201).end();
});

router.delete('/:id', requireAuth, async (req, res) => {
  await db.execute('DELETE FROM orders WHERE id = ? AND user_id = ?', [Number(req.params.id), req.session.userId]);
  res.status(204).end();
});

module.exports = router;
