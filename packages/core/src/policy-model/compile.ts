import { foldPath, type Matcher, pathMatcher, regexMatcher, textMatcher } from './glob.ts';
import type { Capability, Request, Rule } from './rule.ts';

/** A rule made ready: `applies` speaks about the request alone and throws where the rule cannot be read. */
export interface CompiledRule {
  rule: Rule;
  /** `folded` is `foldPath(request.value)`, made once a decision. */
  applies: (request: Request, folded: string) => boolean;
}

type Matches = (value: string, folded: string) => boolean;

const covers: Partial<Record<Capability, readonly Capability[]>> = {
  filesystem: ['fs_read', 'fs_write'],
  web_fetch: ['web_fetch', 'sandbox_network'],
};

/** Whether a rule's capability speaks about a request's. */
export function coversCapability(of: Capability, wanted: Capability): boolean {
  return of === 'all' || of === wanted || (covers[of]?.includes(wanted) ?? false);
}

const isPath = (capability: Capability) => capability === 'fs_read' || capability === 'fs_write';

/** A pattern as an allowing rule reads it: the exact spelling only. */
export function exactMatcher(pattern: string, capability: Capability): Matcher {
  return isPath(capability) ? pathMatcher(pattern) : textMatcher(pattern);
}

/** Forbidding sees through case and Unicode variants of a path, allowing does not. */
function compilePattern(pattern: string, path: boolean, forbids: boolean, syntax: Rule['syntax']): Matches {
  if (syntax === 'regex') return regexMatcher(pattern);
  if (!path) return textMatcher(pattern);
  const exact = pathMatcher(pattern);
  if (!forbids) return exact;
  const folded = pathMatcher(foldPath(pattern));
  return (value, fold) => exact(value) || folded(fold);
}

function classesFit(rule: Rule, request: Request): boolean {
  if (!rule.classes) return true;
  if (rule.effect === 'allow') return request.classes.every((one) => rule.classes?.includes(one));
  return request.classes.some((one) => rule.classes?.includes(one));
}

function compileLists(rule: Rule, path: boolean): { match: Matches[] | undefined; exclude: Matches[] | undefined } {
  const forbids = rule.effect !== 'allow';
  return {
    match: rule.match?.map((pattern) => compilePattern(pattern, path, forbids, rule.syntax)),
    // Excluding from a forbidding rule widens, so there only the exact spelling counts; from an allowing one, any.
    exclude: rule.exclude?.map((pattern) => compilePattern(pattern, path, !forbids, rule.syntax)),
  };
}

/** Patterns are compiled at first use, once for paths and once for text; one that cannot be read makes the rule throw. */
export function compileRule(rule: Rule): CompiledRule {
  const lists: Partial<Record<'path' | 'text', ReturnType<typeof compileLists>>> = {};
  return {
    rule,
    applies: (request, folded) => {
      if (!rule.capabilities.some((one) => coversCapability(one, request.capability))) return false;
      if (!classesFit(rule, request)) return false;
      const form = isPath(request.capability) ? 'path' : 'text';
      lists[form] ??= compileLists(rule, form === 'path');
      const { match, exclude } = lists[form];
      if (match && !match.some((matches) => matches(request.value, folded))) return false;
      return !exclude?.some((matches) => matches(request.value, folded));
    },
  };
}
