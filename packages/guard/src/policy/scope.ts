import type { NamedGrant } from '@ambit/core/policy-model';
import type { Protections } from './protect.ts';

/** What an approved task brings: the grants its scope names, and the hash they hang on. */
export interface ScopeOf {
  spec: string;
  task: string;
  /** Hash of the approved tasks document; the grants count only while the run names it among its hashes. */
  hash: string;
}

const wildcard = /[*?[\]{}]/;

/** Folder part of a glob before its first wildcard; empty when the first segment has one. */
function literalFolder(glob: string): string {
  const segments = glob.split('/');
  const first = segments.findIndex((segment) => wildcard.test(segment));
  return segments.slice(0, first).join('/');
}

/**
 * Whether a scope entry names guarded ground. A path without a wildcard names itself. A glob names guarded files only
 * when the folder it spells out is guarded ground already (`src/auth/**`, `supabase/migrations/*.sql`): a person who
 * approved it read that name. A wide glob (`src/**`) names nothing, whatever it covers.
 */
export function namesGuarded(glob: string, protections: Protections): boolean {
  const cleaned = glob.replace(/^(\.\/)+/, '');
  if (!wildcard.test(cleaned)) return true;
  const folder = literalFolder(cleaned);
  return folder !== '' && protections.of(`${folder}/any`).some(({ kind }) => kind === 'guarded');
}

/**
 * The permissions an approved task's scope gives for guarded files. Control files stay shut: no grant lifts them.
 */
export function grantsFromScope(globs: readonly string[], of: ScopeOf, protections: Protections): NamedGrant[] {
  return globs
    .filter((glob) => namesGuarded(glob, protections))
    .map((glob) => ({
      id: `scope:${of.spec}/${of.task}:${glob}`,
      capability: 'fs_write',
      match: [glob],
      subject: { spec: of.spec, task: of.task },
      hash: of.hash,
      source: `tasks.md of ${of.spec}, task ${of.task}`,
    }));
}
