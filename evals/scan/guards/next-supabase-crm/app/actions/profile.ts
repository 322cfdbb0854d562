'use server';
import { revalidatePath } from 'next/cache';
import { redirect } from 'next/navigation';
import { z } from 'zod';
import { createClient } from '@/lib/supabase/server';

const ProfileInput = z.object({ displayName: z.string().min(1).max(80) });

export async function updateProfile(formData: FormData) {
  const supabase = await createClient();
  const { data: { user } } = await supabase.auth.getUser();
  if (!user) redirect('/login');
  const input = ProfileInput.parse({ displayName: formData.get('displayName') });
  await supabase.from('profiles').update({ display_name: input.displayName }).eq('id', user.id);
  revalidatePath('/profile');
}
