import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Edit } from './engine.ts';
import type { Finding } from './finding.ts';

/** Applies edits from the end; one that overlaps another is left out. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let out = text;
  let before = text.length + 1;
  for (const edit of [...edits].sort((a, b) => b.start - a.start)) {
    if (edit.end > before || edit.start > edit.end || edit.end > text.length) continue;
    out = `${out.slice(0, edit.start)}${edit.text}${out.slice(edit.end)}`;
    before = edit.start;
  }
  return out;
}

export interface Repair {
  file: string;
  before: string;
  after: string;
}

/** The repairs that findings are sure of, per file, not written yet. */
export async function repairs(root: string, findings: readonly Finding[]): Promise<Repair[]> {
  const byFile = new Map<string, Edit[]>();
  for (const { file, edits } of findings) if (edits) byFile.set(file, [...(byFile.get(file) ?? []), ...edits]);
  return Promise.all(
    [...byFile].map(async ([file, edits]) => {
      const before = await readFile(join(root, file), 'utf8');
      return { file, before, after: applyEdits(before, edits) };
    }),
  );
}

/** Writes repairs; a file that has changed since it was read is left alone. Resolves to the files written. */
export async function writeRepairs(root: string, all: readonly Repair[]): Promise<string[]> {
  const written: string[] = [];
  for (const { file, before, after } of all) {
    if (before === after || (await readFile(join(root, file), 'utf8')) !== before) continue;
    await writeFile(join(root, file), after);
    written.push(file);
  }
  return written;
}
