import { NextResponse } from 'next/server';
import { z } from 'zod';
import { createClient } from '@/lib/supabase/server';

const ContactInput = z.object({ name: z.string().min(1).max(120), email: z.string().email() });

export async function GET() {
  const supabase = await createClient();
  const { data: { user } } = await supabase.auth.getUser();
  if (!user) return NextResponse.json({ error: 'Unauthorized' }, { status: 401 });
  const { data, error } = await supabase.from('contacts').select('*').eq('owner_id', user.id);
  if (error) return NextResponse.json({ error: 'Failed' }, { status: 500 });
  return NextResponse.json(data);
}

export async function POST(request: Request) {
  const supabase = await createClient();
  const { data: { user } } = await supabase.auth.getUser();
  if (!user) return NextResponse.json({ error: 'Unauthorized' }, { status: 401 });
  const input = ContactInput.parse(await request.json());
  const { data, error } = await supabase.from('contacts').insert({ ...input, owner_id: user.id }).select().single();
  if (error) return NextResponse.json({ error: 'Failed' }, { status: 500 });
  return NextResponse.json(data, { status: 201 });
}
