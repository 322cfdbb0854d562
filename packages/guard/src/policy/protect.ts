import { type CompiledRule, compileRule, foldPath } from '@ambit/core/policy-model';
import type { PolicySet, Protection } from './sets.ts';

/** Which protected kinds a path is of, for change sets, the sandbox and people. */
export interface Protections {
  /** Rule ids by kind for a path relative to the workspace; a path may be of several kinds. */
  of: (relative: string) => { kind: Protection; rule: string; reason: string }[];
  /** Globs of a kind, for a sandbox that binds or hides them. */
  patterns: (kind: Protection) => string[];
}

/** Answers by the shipped sets alone; conditions (`when`) are left aside: what is protected sometimes is protected. */
export function protections(sets: readonly PolicySet[]): Protections {
  const rules: { kind: Protection; compiled: CompiledRule }[] = sets.flatMap((set) => {
    const kind = set.protects;
    return kind ? set.rules.map((rule) => ({ kind, compiled: compileRule(rule) })) : [];
  });
  return {
    of: (relative) => {
      const folded = foldPath(relative);
      return rules
        .filter(({ kind, compiled }) => {
          const capability = kind === 'secret' ? ('fs_read' as const) : ('fs_write' as const);
          return compiled.applies({ capability, value: relative, classes: [] }, folded);
        })
        .map(({ kind, compiled }) => ({ kind, rule: compiled.rule.id, reason: compiled.rule.reason }));
    },
    patterns: (kind) =>
      rules.filter((one) => one.kind === kind).flatMap(({ compiled }) => [...(compiled.rule.match ?? [])]),
  };
}
