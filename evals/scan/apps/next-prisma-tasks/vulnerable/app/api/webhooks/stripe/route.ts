import { prisma } from '@/lib/prisma';
import { stripe } from '@/lib/stripe';

export async function POST(request: Request) {
  const event = await request.json();
  if (event.type === 'checkout.session.completed') {
    await prisma.order.update({ where: { id: event.data.object.metadata.orderId }, data: { paid: true } });
  }
  return Response.json({ received: true });
}
