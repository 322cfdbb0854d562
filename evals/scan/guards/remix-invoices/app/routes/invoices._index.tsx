import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { json, redirect } from '@remix-run/node';
import { z } from 'zod';
import { db } from '~/db.server';
import { requireUserId } from '~/session.server';

const NewInvoice = z.object({ amount: z.coerce.number().int().min(1), note: z.string().max(500) });

export async function loader({ request }: LoaderFunctionArgs) {
  const userId = await requireUserId(request);
  return json({ invoices: await db.invoice.findMany({ where: { userId } }) });
}

export async function action({ request }: ActionFunctionArgs) {
  const userId = await requireUserId(request);
  const { amount, note } = NewInvoice.parse(Object.fromEntries(await request.formData()));
  const invoice = await db.invoice.create({ data: { amount, note, userId } });
  return redirect(`/invoices/${invoice.id}`);
}
