import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firebaseSubjects, realtimeSubjects } from './firebase.ts';
import { readSql } from './sql-read.ts';
import { splitSql } from './sql-split.ts';
import { replay } from './sql-state.ts';

test('statements keep strings, quoted names and bodies; comments do not count', () => {
  const { statements: parts } = splitSql(
    '-- a;\nselect \'x;y\';\ncreate function f() as $body$ begin; end; $body$;\n/* ; */ select "a;b"',
  );
  assert.deepEqual(
    parts.map(({ line }) => line),
    [2, 3, 4],
  );
});

test('migrations are replayed: renames, drops and later changes count', () => {
  const db = replay([
    {
      file: '1.sql',
      events: readSql('create table a (id int); create table "B" (id int); create policy p on a using (true);').events,
    },
    {
      file: '2.sql',
      events: readSql(
        'alter table a rename to c; drop table if exists public."B" cascade; alter table only public.c enable row level security;',
      ).events,
    },
    {
      file: '3.sql',
      events: readSql(
        "alter policy p on c using (auth.uid() = id); do $$ begin execute format('alter table %I enable row level security', t); end $$;",
      ).events,
    },
  ]);
  assert.deepEqual([...db.tables.keys()], ['public.c']);
  assert.equal(db.tables.get('public.c')?.rls, true);
  assert.equal([...db.policies.values()][0]?.using, 'auth.uid() = id');
});

test('policies are read with their roles, commands and conditions, however they are written', () => {
  const [event] = readSql(
    'CREATE POLICY "Read, all" ON "public"."Notes" AS PERMISSIVE FOR SELECT TO authenticated, anon USING ((owner = auth.uid()) OR (shared));',
  ).events;
  assert.ok(event?.do === 'policy');
  assert.deepEqual(event.roles, ['authenticated', 'anon']);
  assert.equal(event.table, 'public.Notes');
  assert.equal(event.using, '(owner = auth.uid()) OR (shared)');
});

test('Firebase rules: functions are looked into, paths are joined', () => {
  const [allow] = firebaseSubjects(
    'firestore.rules',
    'service cloud.firestore { match /databases/{d}/documents { function open() { return true; } match /a/{b} { match /c/{d=**} { allow read, write: if open(); } } } }',
  ).subjects;
  assert.equal(allow?.fields['open'], true);
  assert.equal(allow?.name, '/a/{b}/c/{d=**}');
});

test('Realtime Database rules keep their paths and lines', () => {
  const { subjects } = realtimeSubjects(
    'database.rules.json',
    '{\n "rules": {\n  "a": { "$b": { ".read": "auth != null", // ".write": true\n ".write": true } } } }',
  );
  assert.deepEqual(
    subjects.map(({ fields, line }) => [fields['path'], fields['rule'], fields['open'], line]),
    [
      ['/a/$b', '.read', false, 3],
      ['/a/$b', '.write', true, 4],
    ],
  );
});
