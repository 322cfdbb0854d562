import { applyEdits } from '../edit.ts';
import type { Diagnostic } from '../types.ts';

/** Applies the certain fixes among the diagnostics of one document; returns the text and how many were applied. */
export function fixText(source: string, diagnostics: readonly Diagnostic[]): { text: string; fixed: number } {
  const fixes = diagnostics.flatMap((entry) => (entry.fix ? [entry.fix] : []));
  const edits = fixes.flatMap((fix) => fix.edits);
  return { text: applyEdits(source, edits), fixed: fixes.length };
}
