import { parseTasks } from './tasks.ts';
import type { Spec } from './types.ts';

/** What a human approves, one document each. `requirements` is bugfix.md in a bugfix spec. */
export type Phase = 'requirements' | 'design' | 'tasks';
export const phases: readonly Phase[] = ['requirements', 'design', 'tasks'];

/**
 * The text an approval binds: the document as it is, but in tasks.md every box open. The runner ticks boxes; whatever
 * else changes makes the approval stale.
 */
export function approvedText(phase: Phase, text: string): string {
  if (phase !== 'tasks') return text;
  let out = '';
  let at = 0;
  for (const task of parseTasks(text).tasks) {
    if (!task.box) continue;
    const { start, end } = task.box.span;
    if (text[start - 1] !== '[') continue;
    out += `${text.slice(at, start)} `;
    at = end;
  }
  return out + text.slice(at);
}

/** The source and file of a phase's document, where the spec has one. */
export function phaseDocument(spec: Spec, phase: Phase): { file: string; source: string } | undefined {
  if (phase === 'requirements') return spec.requirements ?? spec.bugfix;
  return spec[phase];
}

/** `[NEEDS CLARIFICATION: …]` marks in a text, which block its approval. */
export function openQuestions(text: string): { line: number; text: string }[] {
  if (!/needs clarification/i.test(text)) return [];
  return [...text.matchAll(/\[\s*NEEDS\s+CLARIFICATION\s*:?\s*([^\]\n]*)/gi)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    text: (match[1] ?? '').trim(),
  }));
}
