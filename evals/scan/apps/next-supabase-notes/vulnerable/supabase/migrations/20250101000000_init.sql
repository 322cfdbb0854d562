create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  name text not null
);
create table public.notes (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id),
  title text not null,
  body text
);
alter table public.profiles enable row level security;
create policy "own profile" on public.profiles for all
  using ((select auth.uid()) = id) with check ((select auth.uid()) = id);
create policy "change notes" on public.notes for update to authenticated
  using (true);
create policy "read notes" on public.notes for select using ((select auth.uid()) = user_id);
