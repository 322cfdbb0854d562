import { NextResponse } from 'next/server';
import { z } from 'zod';
import { createClient } from '@/lib/supabase/server';

const Note = z.object({ title: z.string().min(1).max(200), body: z.string().max(10000) });

export async function POST(request: Request) {
  const supabase = await createClient();
  const { data: { user } } = await supabase.auth.getUser();
  if (!user) return NextResponse.json({ error: 'unauthorized' }, { status: 401 });
  const note = Note.parse(await request.json());
  const { data, error } = await supabase.from('notes').insert({ ...note, user_id: user.id }).select().single();
  if (error) return NextResponse.json({ error: 'could not be saved' }, { status: 500 });
  return NextResponse.json(data);
}
