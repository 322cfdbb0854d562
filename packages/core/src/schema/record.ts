import * as z from 'zod/mini';
import { runRef, sha256, time } from './common.ts';

/**
 * One line of the audit log. `hash` is SHA-256 over the canonical JSON of the record without `hash`; `previous` is the
 * hash of the line before it, or 64 zeros for the first of a chain.
 */
export const record = z.object({
  version: z.literal(1),
  sequence: z.int(),
  time,
  run: z.nullable(runRef),
  kind: z.enum(['intent', 'answer', 'outcome', 'approval', 'trust', 'apply', 'undo', 'note']),
  data: z.record(z.string(), z.unknown()),
  previous: sha256,
  hash: sha256,
});
export type AuditRecord = z.infer<typeof record>;
export type RecordKind = AuditRecord['kind'];
