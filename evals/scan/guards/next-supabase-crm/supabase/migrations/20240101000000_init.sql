create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  display_name text,
  customer text,
  plan text not null default 'free'
);

create table public.contacts (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null references auth.users (id) on delete cascade,
  name text not null,
  email text
);

create table public.notes (
  id uuid primary key default gen_random_uuid(),
  contact_id uuid not null references public.contacts (id) on delete cascade,
  author_id uuid not null references auth.users (id),
  body text not null
);

alter table public.profiles enable row level security;
alter table public.contacts enable row level security;
alter table public.notes enable row level security;

create policy "own profile is readable" on public.profiles for select to authenticated using (auth.uid() = id);
create policy "own profile is editable" on public.profiles for update to authenticated using (auth.uid() = id) with check (auth.uid() = id);
create policy "own contacts" on public.contacts for all to authenticated using (auth.uid() = owner_id) with check (auth.uid() = owner_id);
create policy "own notes are readable" on public.notes for select to authenticated using (auth.uid() = author_id);
create policy "own notes are writable" on public.notes for insert to authenticated with check (auth.uid() = author_id);

create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id) values (new.id);
  return new;
end;
$$;
