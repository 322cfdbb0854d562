import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { json, redirect } from '@remix-run/node';
import { z } from 'zod';
import { db } from '~/db.server';
import { requireUserId } from '~/session.server';

const Change = z.object({ amount: z.coerce.number().int().min(1), note: z.string().max(500) });

export async function loader({ request, params }: LoaderFunctionArgs) {
  const userId = await requireUserId(request);
  const invoice = await db.invoice.findFirst({ where: { id: params.id, userId } });
  if (!invoice) throw new Response('Not found', { status: 404 });
  return json({ invoice });
}

export async function action({ request, params }: ActionFunctionArgs) {
  const userId = await requireUserId(request);
  const form = Object.fromEntries(await request.formData());
  const change = Change.parse(form);
  await db.invoice.updateMany({ where: { id: params.id, userId }, data: change });
  return redirect('/invoices');
}
