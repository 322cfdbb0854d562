import { type CompiledRule, compileRule, foldPath } from '@ambit/core/policy-model';
import type { PolicySet, Protection } from './sets.ts';

/** Which protected kinds a path is of, for change sets, the sandbox and people. */
export interface Protections {
  /** Rule ids by kind for a path relative to the workspace; a path may be of several kinds, or asked about one alone. */
  of: (relative: string, kind?: Protection) => { kind: Protection; rule: string; reason: string }[];
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
  rule: PolicySet['rules'][number];
  /** Each pattern by itself, with its word: most paths have none of a rule's words, and try nothing. */
  patterns: readonly { word: string | undefined; compiled: CompiledRule }[];
}

function protectingRule(kind: Protection, rule: PolicySet['rules'][number]): ProtectingRule {
  // What a rule excludes holds for each of its patterns.
  const patterns = (rule.match ?? ['**']).map((pattern) => ({
    word: requiredWord(pattern),
    compiled: compileRule({ ...rule, match: [pattern] }),
  }));
  return { kind, rule, patterns };
}

/** Answers by the shipped sets alone; conditions (`when`) are left aside: what is protected sometimes is protected. */
export function protections(sets: readonly PolicySet[]): Protections {
  const rules = sets.flatMap((set) => {
    const kind = set.protects;
    return kind ? set.rules.map((rule) => protectingRule(kind, rule)) : [];
  });
  return {
    of: (relative, wanted) => {
      const folded = foldPath(relative);
      // Folding cuts off what a stream's name would be; the exact spelling may still match with it.
      const lower = relative.toLowerCase();
      const says = (word: string) => folded.includes(word) || lower.includes(word);
      return rules
        .filter(({ kind, patterns }) => {
          if (wanted !== undefined && kind !== wanted) return false;
          const capability = kind === 'secret' ? ('fs_read' as const) : ('fs_write' as const);
          const request = { capability, value: relative, classes: [] };
          return patterns.some(
            ({ word, compiled }) => (word === undefined || says(word)) && compiled.applies(request, folded),
          );
        })
        .map(({ kind, rule }) => ({ kind, rule: rule.id, reason: rule.reason }));
    },
    patterns: (kind) => rules.filter((one) => one.kind === kind).flatMap(({ rule }) => [...(rule.match ?? [])]),
  };
}
