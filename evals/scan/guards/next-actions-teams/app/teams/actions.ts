'use server';

import { revalidatePath } from 'next/cache';
import { z } from 'zod';
import { requireUser } from '@/lib/session';
import { prisma } from '@/lib/prisma';

const TeamInput = z.object({ name: z.string().min(2).max(60) });
const MemberInput = z.object({ teamId: z.string().uuid(), email: z.string().email() });

export async function createTeam(form: FormData) {
  const user = await requireUser();
  const { name } = TeamInput.parse({ name: form.get('name') });
  await prisma.team.create({ data: { name, ownerId: user.id } });
  revalidatePath('/teams');
}

export async function renameTeam(id: string, form: FormData) {
  const user = await requireUser();
  const { name } = TeamInput.parse({ name: form.get('name') });
  await prisma.team.updateMany({ where: { id, ownerId: user.id }, data: { name } });
  revalidatePath('/teams');
}

export async function addMember(form: FormData) {
  const user = await requireUser();
  const { teamId, email } = MemberInput.parse({ teamId: form.get('teamId'), email: form.get('email') });
  const team = await prisma.team.findFirst({ where: { id: teamId, ownerId: user.id } });
  if (!team) throw new Error('not found');
  await prisma.member.create({ data: { teamId: team.id, email } });
}

export async function deleteTeam(id: string) {
  const user = await requireUser();
  await prisma.team.deleteMany({ where: { id, ownerId: user.id } });
  revalidatePath('/teams');
}
