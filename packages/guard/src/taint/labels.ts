import type { Label } from '@ambit/core/schema';
import type { Resolved } from '../grant.ts';

/** Joins labels; sorted, each once. Labels only grow. */
export function joinLabels(...lists: (readonly Label[])[]): Label[] {
  return [...new Set(lists.flat())].sort();
}

/** Whether text with these labels may carry orders of outsiders. */
export function isUntrusted(labels: readonly Label[]): boolean {
  return labels.includes('web');
}

/** What reading the outcome of an action taints with, by its kind; joined with what the executor says (C6). */
export function outcomeLabels(resolved: Resolved, said: readonly Label[]): Label[] {
  if (resolved.kind === 'read') return joinLabels(said, ['repository']);
  if (resolved.kind === 'fetch') return joinLabels(said, ['web']);
  if (resolved.kind === 'mcp') return joinLabels(said, ['tool', 'web']);
  if (resolved.kind !== 'execute') return joinLabels(said);
  const outward = resolved.commands.some(({ hosts, classes }) => hosts.length > 0 || classes.includes('network'));
  return joinLabels(said, outward ? ['tool', 'web'] : ['tool']);
}
