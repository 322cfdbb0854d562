import { readFile } from 'node:fs/promises';
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

const MARK = '\uFEFF';

/** The text that engines count in, and the byte-order mark before it; undefined when it is no UTF-8 and would be damaged. */
async function readText(path: string): Promise<{ mark: string; text: string } | undefined> {
  const bytes = await readFile(path);
  const whole = bytes.toString('utf8');
  if (!Buffer.from(whole).equals(bytes)) return undefined;
  const mark = whole.startsWith(MARK) ? MARK : '';
  return { mark, text: whole.slice(mark.length) };
}

/** The repairs that findings are sure of, per file; writing them is up to the caller. */
export async function repairs(root: string, findings: readonly Finding[]): Promise<Repair[]> {
  const byFile = new Map<string, Edit[]>();
  for (const { file, edits } of findings) if (edits) byFile.set(file, [...(byFile.get(file) ?? []), ...edits]);
  const all = await Promise.all(
    [...byFile].map(async ([file, edits]): Promise<Repair | undefined> => {
      const read = await readText(join(root, file));
      if (read === undefined) return undefined;
      return { file, before: read.mark + read.text, after: read.mark + applyEdits(read.text, edits) };
    }),
  );
  return all.filter((repair) => repair !== undefined && repair.before !== repair.after) as Repair[];
}
