'use server';
import { revalidatePath } from 'next/cache';
import { z } from 'zod';
import { auth } from '@/auth';
import { prisma } from '@/lib/prisma';

const Title = z.string().min(1).max(200);

export async function addTask(form: FormData) {
  const session = await auth();
  if (!session?.user) throw new Error('log in first');
  await prisma.task.create({ data: { title: Title.parse(form.get('title')), userId: session.user.id } });
  revalidatePath('/');
}

export async function renameTask(id: number, title: string) {
  const session = await auth();
  if (!session?.user) throw new Error('log in first');
  await prisma.task.update({ where: { id, userId: session.user.id }, data: { title: Title.parse(title) } });
  revalidatePath('/');
}

export async function deleteTask(id: number) {
  await prisma.task.delete({ where: { id } });
  revalidatePath('/');
}
