import { NextRequest, NextResponse } from 'next/server';
import { auth } from '@/auth';
import { prisma } from '@/lib/prisma';

export async function GET(request: NextRequest) {
  const session = await auth();
  if (!session?.user) return NextResponse.json({ error: 'unauthorized' }, { status: 401 });
  const q = request.nextUrl.searchParams.get('q') ?? '';
  const rows = await prisma.$queryRaw`SELECT id, title FROM "Task" WHERE title ILIKE ${'%' + q + '%'}`;
  return NextResponse.json(rows);
}
