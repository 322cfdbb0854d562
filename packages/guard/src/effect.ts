import { canonicalJson, sha256Of } from './audit/chain.ts';
import type { Resolved } from './grant.ts';

/**
 * Hash of the exact effect: everything an executor would act on, file contents and the identity of what is there now
 * included, but not who asked or when. An approval is bound to it (C5).
 */
export function effectHash(resolved: Resolved): string {
  const { id: _id, run, labels: _labels, via: _via, ...action } = resolved.action;
  return sha256Of(canonicalJson({ ...resolved, action, run: run.id }));
}

/** What a human must type to allow an effect that cannot be undone, and what is shown beside it. */
export interface Confirmation {
  /** Name of the resource that is at stake. */
  type: string;
  /** Account, profile, context or project the command would act on, where it can be told. */
  profile?: string;
}
