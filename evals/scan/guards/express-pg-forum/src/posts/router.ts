import { Router } from 'express';
import { z } from 'zod';
import { pool } from '../db.js';

const PostBody = z.object({ title: z.string().max(200), body: z.string().max(10_000) });

export const postsRouter = Router();

postsRouter.get('/mine', async (req, res) => {
  const { rows } = await pool.query('SELECT * FROM posts WHERE author_id = $1', [req.session.userId]);
  res.render('posts', { rows });
});

postsRouter.post('/', async (req, res) => {
  const { title, body } = PostBody.parse(req.body);
  await pool.query('INSERT INTO posts (title, body, author_id) VALUES ($1, $2, $3)', [title, body, req.session.userId]);
  res.redirect('/posts/mine');
});

postsRouter.post('/:id/edit', async (req, res) => {
  const { title, body } = PostBody.parse(req.body);
  await pool.query('UPDATE posts SET title = $1, body = $2 WHERE id = $3 AND author_id = $4', [title, body, Number(req.params.id), req.session.userId]);
  res.redirect('/posts/mine');
});

postsRouter.post('/:id/delete', async (req, res) => {
  await pool.query('DELETE FROM posts WHERE id = $1 AND author_id = $2', [Number(req.params.id), req.session.userId]);
  res.redirect('/posts/mine');
});
