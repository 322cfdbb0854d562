import { json, redirect } from '@sveltejs/kit';
import { db } from '$lib/db';

export async function POST({ request, locals }) {
  if (!locals.user) return new Response(null, { status: 401 });
  const body = await request.json();
  await db.query('INSERT INTO cart (user_id, product) VALUES ($1, $2)', [locals.user.id, Number(body.product)]);
  return json({ ok: true });
}

export async function DELETE({ url, locals }) {
  await db.query(`DELETE FROM cart WHERE product = ${url.searchParams.get('product')}`);
  return json({ ok: true });
}
