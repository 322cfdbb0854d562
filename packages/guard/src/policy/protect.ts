import { type CompiledRule, compileRule, foldPath } from '@ambit/core/policy-model';
import type { PolicySet, Protection } from './sets.ts';

/** Which protected kinds a path is of, for change sets, the sandbox and people. */
export interface Protections {
  /** Rule ids by kind for a path relative to the workspace; a path may be of several kinds. */
  of: (relative: string) => { kind: Protection; rule: string; reason: string }[];
  /** Globs of a kind, for a sandbox that binds or hides them. */
  patterns: (kind: Protection) => string[];
}

/**
 * A word that every path matching the pattern contains, once folded: lets most paths pass without trying the pattern.
 * Only letters, digits, `_` and `-`, which folding leaves alone; undefined where a pattern promises none.
 */
export function requiredWord(pattern: string): string | undefined {
  if (pattern.includes(':')) return undefined;
  // Alternatives and sets are not required; `?` and `*` end a word.
  const fixed = pattern.replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '*').toLowerCase();
  const words = fixed.match(/[a-z0-9_-]{2,}/g) ?? [];
  return words.reduce<string | undefined>(
    (best, word) => (best && best.length >= word.length ? best : word),
    undefined,
  );
}

interface ProtectingRule {
  kind: Protection;
  compiled: CompiledRule;
  /** One word a pattern; empty when some pattern has none, and then the rule is always tried. */
  words: readonly string[];
}

function protectingRule(kind: Protection, rule: PolicySet['rules'][number]): ProtectingRule {
  const words = (rule.match ?? ['**']).map(requiredWord);
  const all = words.filter((word) => word !== undefined);
  return { kind, compiled: compileRule(rule), words: all.length === words.length ? all : [] };
}

/** Answers by the shipped sets alone; conditions (`when`) are left aside: what is protected sometimes is protected. */
export function protections(sets: readonly PolicySet[]): Protections {
  const rules = sets.flatMap((set) => {
    const kind = set.protects;
    return kind ? set.rules.map((rule) => protectingRule(kind, rule)) : [];
  });
  return {
    of: (relative) => {
      const folded = foldPath(relative);
      return rules
        .filter(({ kind, compiled, words }) => {
          if (words.length > 0 && !words.some((word) => folded.includes(word))) return false;
          const capability = kind === 'secret' ? ('fs_read' as const) : ('fs_write' as const);
          return compiled.applies({ capability, value: relative, classes: [] }, folded);
        })
        .map(({ kind, compiled }) => ({ kind, rule: compiled.rule.id, reason: compiled.rule.reason }));
    },
    patterns: (kind) =>
      rules.filter((one) => one.kind === kind).flatMap(({ compiled }) => [...(compiled.rule.match ?? [])]),
  };
}
