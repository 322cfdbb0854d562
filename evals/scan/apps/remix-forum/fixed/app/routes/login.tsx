import { redirect } from '@remix-run/node';
import { login, sessionStorage } from '~/session.server';

export async function action({ request }) {
  const form = await request.formData();
  const user = await login(String(form.get('email')), String(form.get('password')));
  if (!user) return new Response(null, { status: 401 });
  const next = String(form.get('next') ?? '/');
  if (!next.startsWith('/') || next.startsWith('//')) return redirect('/');
  return redirect(next);
}
