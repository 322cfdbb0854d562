import type { Rule } from '@ambit/core/catalog';
import * as z from 'zod/mini';
import type { CompiledEngine, Conclusion, Engine, FileResult, RawFinding } from '../../engine.ts';
import { firebaseSubjects, realtimeSubjects, type Subjects } from './firebase.ts';
import { readSql, type SqlEvent } from './sql-read.ts';
import { replay } from './sql-state.ts';
import { databaseSubjects, type Subject } from './subjects.ts';

const condition = z.union([z.boolean(), z.string(), z.strictObject({ not: z.string() })]);

/** The `match` block: what is asked about, and what its fields must be (a string is a regular expression). */
export const accessMatch = z.strictObject({
  on: z.enum(['table', 'policy', 'view', 'function', 'grant', 'bucket', 'allow', 'realtime']),
  is: z.record(z.string(), z.union([condition, z.array(condition)])),
});

/** What one file says: the steps of a migration. */
export interface AccessFacts {
  sql: SqlEvent[];
  supabase: boolean;
}

type Test = (subject: Subject) => boolean;

function compileTest(field: string, wanted: z.infer<typeof condition>): Test {
  if (typeof wanted === 'boolean') return (subject) => subject.fields[field] === wanted;
  const pattern = new RegExp(typeof wanted === 'string' ? wanted : wanted.not, 'i');
  const expected = typeof wanted === 'string';
  return (subject) => pattern.test(String(subject.fields[field] ?? '')) === expected;
}

interface AccessRule {
  id: string;
  message: string;
  on: Subject['on'];
  tests: Test[];
}

function compileRule(rule: Rule): AccessRule {
  const { on, is } = accessMatch.parse(rule.match);
  const tests = Object.entries(is).flatMap(([field, wanted]) =>
    (Array.isArray(wanted) ? wanted : [wanted]).map((each) => compileTest(field, each)),
  );
  return { id: rule.id, message: rule.message, on, tests };
}

function findingsOf(rules: readonly AccessRule[], subjects: readonly Subject[]): RawFinding[] {
  return subjects.flatMap((subject) =>
    rules
      .filter((rule) => rule.on === subject.on && rule.tests.every((test) => test(subject)))
      .map((rule) => ({
        ruleId: rule.id,
        file: subject.file,
        line: subject.line,
        endLine: subject.line,
        message: rule.message
          .replaceAll('{name}', `\`${subject.name}\``)
          .replaceAll(/\{(\w+)\}/g, (_, field: string) => `\`${subject.fields[field] ?? ''}\``),
      })),
  );
}

function asked(rules: readonly AccessRule[], read: Subjects, file: string): FileResult<AccessFacts> {
  const gaps = read.unread === undefined ? [] : [{ file, reason: `line ${read.unread} cannot be read` }];
  return { findings: findingsOf(rules, read.subjects), gaps };
}

const RULES_FILE = /\.rules$/;
const REALTIME_FILE = /(^|\/)(database|firebase|rtdb)[\w.-]*rules[\w.-]*\.(json|bolt)$/i;

/** One database per `supabase` folder; everything else in a project is one database. */
function databaseOf(path: string): string {
  const at = path.search(/(^|\/)supabase\//);
  return at < 0 ? '' : path.slice(0, at + 1);
}

function conclude(rules: readonly AccessRule[], facts: ReadonlyMap<string, AccessFacts>): Conclusion {
  const databases = new Map<string, { file: string; events: SqlEvent[] }[]>();
  const supabase = new Set<string>();
  for (const [file, { sql, supabase: known }] of [...facts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const database = databaseOf(file);
    databases.set(database, [...(databases.get(database) ?? []), { file, events: sql }]);
    if (known) supabase.add(database);
  }
  const findings = [...databases].flatMap(([name, files]) => {
    const db = replay(files);
    db.supabase = supabase.has(name);
    db.usesRls ||= db.supabase;
    return findingsOf(rules, databaseSubjects(db));
  });
  return { findings, gaps: [] };
}

function compile(list: readonly Rule[]): CompiledEngine<AccessFacts> {
  const rules = list.map(compileRule);
  return {
    wants: (path, language) => language === 'sql' || RULES_FILE.test(path) || REALTIME_FILE.test(path),
    scanFile(file) {
      if (RULES_FILE.test(file.path)) {
        if (!/\ballow\b|\bmatch\b/.test(file.text)) return { findings: [] };
        return asked(rules, firebaseSubjects(file.path, file.text), file.path);
      }
      if (REALTIME_FILE.test(file.path)) return asked(rules, realtimeSubjects(file.path, file.text), file.path);
      const { events: sql, unread } = readSql(file.text);
      const gaps = unread.map((line) => ({ file: file.path, reason: `line ${line} cannot be read as SQL` }));
      if (sql.length === 0) return { findings: [], gaps };
      const supabase =
        /(^|\/)supabase\//.test(file.path) ||
        /\bauth\s*\.\s*(uid|jwt|role|users)\b|\bto\s+(anon|authenticated)\b/i.test(file.text);
      return { findings: [], facts: { sql, supabase }, gaps };
    },
    conclude: (facts) => conclude(rules, facts),
  };
}

export const accessEngine: Engine<AccessFacts> = {
  name: 'access',
  matchSchema: accessMatch,
  compile,
};
