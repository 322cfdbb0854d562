const { Router } = require('express');
const db = require('../db');

const router = Router();

router.get('/', async (req, res) => {
  const category = String(req.query.category || '');
  const [rows] = await db.query(`SELECT * FROM products WHERE category = '${category}'`);
  res.json(rows);
});

module.exports = router;
