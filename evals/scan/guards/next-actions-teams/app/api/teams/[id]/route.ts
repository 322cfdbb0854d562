import { NextResponse } from 'next/server';
import { getServerSession } from 'next-auth';
import { authOptions } from '@/lib/auth';
import { prisma } from '@/lib/prisma';

export async function DELETE(_request: Request, { params }: { params: Promise<{ id: string }> }) {
  const session = await getServerSession(authOptions);
  if (!session) return NextResponse.json({ error: 'unauthorized' }, { status: 401 });
  const { id } = await params;
  const team = await prisma.team.findUnique({ where: { id } });
  if (!team || team.ownerId !== session.user.id) return NextResponse.json({ error: 'not found' }, { status: 404 });
  await prisma.team.delete({ where: { id } });
  return new NextResponse(null, { status: 204 });
}
