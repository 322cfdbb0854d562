import type { SecretSpan } from '@ambit/core/detect';
import type { RawFinding } from '../../engine.ts';

/** Offsets of line starts, found once a finding needs them. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Line of an offset, counting from 1. */
export function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** The first four characters and how long it is: enough to find it, too little to use it. */
export function mask(secret: string): string {
  const start = secret.length >= 16 ? secret.slice(0, 4).replaceAll(/[^\x21-\x7e]/g, '?') : '';
  return `${start}… (${secret.length} characters)`;
}

/** Findings of the secrets in a text. SECURITY: the secret itself never travels, only its mask (pattern.test.ts). */
export function secretFindings(text: string, secrets: readonly SecretSpan[]): RawFinding[] {
  if (secrets.length === 0) return [];
  const starts = lineStarts(text);
  return secrets.map(({ ruleId, start, end }) => {
    const line = lineAt(starts, start);
    const endLine = lineAt(starts, Math.max(start, end - 1));
    return {
      ruleId,
      line,
      endLine,
      column: start - (starts[line - 1] ?? 0) + 1,
      endColumn: end - (starts[endLine - 1] ?? 0) + 1,
      masked: mask(text.slice(start, end)),
    };
  });
}
