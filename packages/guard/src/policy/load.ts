import type { Policy, Rule } from '@ambit/core/policy-model';
import { type Knowledge, readKnowledge } from '../commands/index.ts';
import { type Protections, protections } from './protect.ts';
import { type PolicyFile, type PolicySet, readPolicySets } from './sets.ts';

/** Policy of a workspace as loaded: rules of all scopes, files that could not be read, knowledge of programs. */
export interface LoadedPolicy {
  rules: readonly Rule[];
  broken: Policy['broken'];
  knowledge: Knowledge;
  protections: Protections;
}

/** Sets that are always in force, whatever is chosen: the invariants. */
const always: ReadonlySet<string> = new Set(['control-files', 'guarded-files', 'secret-files', 'destructive']);

/** The shipped policy alone: invariants and the chosen set (`default`, `strict`, `ci`). */
export function shippedPolicy(files: readonly PolicyFile[], chosen = 'default'): LoadedPolicy {
  const sets = readPolicySets(files);
  const used: PolicySet[] = sets.filter((set) => always.has(set.id) || set.id === chosen);
  const broken = used.some((set) => set.id === chosen)
    ? []
    : [{ source: 'built-in', problem: `there is no policy set \`${chosen}\`` }];
  return {
    rules: used.flatMap((set) => set.rules),
    broken,
    knowledge: readKnowledge(files),
    protections: protections(sets),
  };
}
