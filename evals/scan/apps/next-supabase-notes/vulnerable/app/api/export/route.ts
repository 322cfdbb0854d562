import { NextResponse } from 'next/server';
import { createClient } from '@/lib/supabase/server';

export async function POST(request: Request) {
  const supabase = await createClient();
  await supabase.from('exports').insert({ requested_at: new Date().toISOString() });
  return NextResponse.json({ queued: true });
}
