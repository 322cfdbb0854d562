import type { Rule } from '@ambit/core/catalog';
import { CATEGORIES } from '../flow/models.ts';
import { type NameIndex, nameIndex } from '../flow/pattern.ts';
import type { SourceKind } from '../flow/value.ts';
import { type Alarm, compileAlarm } from './alarm.ts';
import { type Check, compileCondition } from './condition.ts';
import { wordsIn } from './literals.ts';
import type { Clause, CodeMatch } from './match-schema.ts';
import type { Slowness } from './slow/slowness.ts';

/** One way in which a rule can match, compiled. */
export interface Matcher {
  rule: CodeRule;
  arg: number | 'any' | 'last';
  value: Check | undefined;
  receiver: Check | undefined;
  key: Check | undefined;
  object: Check | undefined;
  where: { arg: number | 'any' | 'last'; value: Check }[];
  from: ReadonlySet<SourceKind>;
  handler: boolean;
  recursive: boolean;
  weak: boolean;
  code: RegExp | undefined;
  line: RegExp | undefined;
}

export interface CodeRule {
  id: string;
  message: string;
  bit: number;
  local: boolean;
  most: number;
  /** What a file must contain before it is read for this rule. */
  trigger: RegExp | undefined;
  languages: ReadonlySet<string> | undefined;
  only: { path?: RegExp; text?: RegExp };
  unless: { path?: RegExp; text?: RegExp; function?: RegExp };
}

/** A clause that matches the text itself. */
export interface TextClause {
  matcher: Matcher;
  pattern: RegExp;
  /** Its place among all. */
  order: number;
}

/** Such clauses: those that always look, and by the name of their part those that look where it is active. */
export interface TextRules {
  always: TextClause[];
  byPart: Map<string, TextClause>;
}

/** All rules, indexed by what they look at. */
export interface CodeRules {
  calls: NameIndex<Matcher>;
  news: NameIndex<Matcher>;
  tags: NameIndex<Matcher>;
  sets: NameIndex<Matcher>;
  indexes: Matcher[];
  pollutions: { shape: 'path' | 'merge'; matcher: Matcher }[];
  props: Map<string, Matcher[]>;
  jsx: NameIndex<Matcher>;
  returns: Matcher[];
  regexes: Matcher[];
  tests: Matcher[];
  texts: TextRules;
  slowRegexes: { matcher: Matcher; slowness: Slowness }[];
  /** In the order in which the alarm numbers them. */
  all: readonly CodeRule[];
  /** Whether a file is worth parsing for any of them. */
  alarm: Alarm;
}

/** Under this name a clause of a rule is active. */
export const partName = (rule: string, clause: number): string => `${rule}#${clause}`;

const list = (what: string | string[] | undefined): string[] =>
  what === undefined ? [] : typeof what === 'string' ? [what] : what;

function regexes(from: { path?: string | undefined; text?: string | undefined } | undefined): {
  path?: RegExp;
  text?: RegExp;
} {
  return {
    ...(from?.path === undefined ? {} : { path: new RegExp(from.path, 'i') }),
    ...(from?.text === undefined ? {} : { text: new RegExp(from.text, 'im') }),
  };
}

function compileRule(rule: Rule, match: CodeMatch): CodeRule {
  return {
    id: rule.id,
    message: rule.message,
    bit: match.category === undefined ? 0 : 1 << CATEGORIES.indexOf(match.category),
    local: match.local ?? false,
    most: match.most ?? Number.POSITIVE_INFINITY,
    trigger: match.trigger === undefined ? undefined : new RegExp(match.trigger),
    languages: rule.languages === undefined ? undefined : new Set(rule.languages),
    only: regexes(match.only),
    unless: {
      ...regexes(match.unless),
      ...(match.unless?.function === undefined ? {} : { function: new RegExp(match.unless.function, 'i') }),
    },
  };
}

function compileClause(rule: CodeRule, match: CodeMatch, clause: Clause): Matcher {
  const check = (condition: Clause['value']) => (condition === undefined ? undefined : compileCondition(condition));
  return {
    rule,
    arg: clause.arg ?? 0,
    value: check(clause.value),
    receiver: check(clause.receiver),
    key: check(clause.key),
    object: check(clause.object),
    where: (clause.where ?? []).map(({ arg, value }) => ({ arg, value: compileCondition(value) })),
    from: new Set<SourceKind>(clause.from ?? match.from ?? ['request']),
    handler: clause.handler ?? false,
    recursive: clause.recursive ?? false,
    weak: clause.weak ?? false,
    code: clause.code === undefined ? undefined : new RegExp(clause.code, 'i'),
    line: clause.line === undefined ? undefined : new RegExp(clause.line, 'i'),
  };
}

/** Compiles the `match` blocks of rules of the engines `syntax` and `flow`; `types` are the names of modelled types. */
export function compileCodeRules(rules: readonly Rule[], types: ReadonlySet<string> = new Set()): CodeRules {
  const entries: Record<'call' | 'new' | 'tag' | 'set' | 'jsx', [string, Matcher][]> = {
    call: [],
    new: [],
    tag: [],
    set: [],
    jsx: [],
  };
  const out = {
    all: [] as CodeRule[],
    indexes: [] as Matcher[],
    pollutions: [] as CodeRules['pollutions'],
    props: new Map<string, Matcher[]>(),
    returns: [] as Matcher[],
    regexes: [] as Matcher[],
    tests: [] as Matcher[],
    texts: { always: [], byPart: new Map() } as TextRules,
    slowRegexes: [] as CodeRules['slowRegexes'],
  };
  const matches: { match: CodeMatch; languages: ReadonlySet<string> | undefined }[] = [];
  for (const rule of rules) {
    // Checked where rules are read; once more would be an eighth of a thread's start.
    const match = rule.match as CodeMatch;
    const compiled = compileRule(rule, match);
    out.all.push(compiled);
    matches.push({ match, languages: compiled.languages });
    for (const [number, clause] of match.find.entries()) {
      const matcher = compileClause(compiled, match, clause);
      for (const kind of ['call', 'new', 'tag', 'set', 'jsx'] as const)
        for (const name of list(clause[kind])) entries[kind].push([name, matcher]);
      for (const name of list(clause.prop)) out.props.set(name, [...(out.props.get(name) ?? []), matcher]);
      if (clause.pollution !== undefined) out.pollutions.push({ shape: clause.pollution, matcher });
      if (clause.index) out.indexes.push(matcher);
      if (clause.returns) out.returns.push(matcher);
      if (clause.regex) out.regexes.push(matcher);
      if (clause.slowRegex !== undefined) out.slowRegexes.push({ matcher, slowness: clause.slowRegex });
      if (clause.test) out.tests.push(matcher);
      if (clause.text !== undefined) {
        const { always, byPart } = out.texts;
        const text = { matcher, pattern: new RegExp(clause.text, 'gi'), order: always.length + byPart.size };
        if (wordsIn(clause.text) === undefined) always.push(text);
        else byPart.set(partName(rule.id, number), text);
      }
    }
  }
  const index = (kind: keyof typeof entries) => nameIndex(entries[kind]);
  const compiled = {
    calls: index('call'),
    news: index('new'),
    tags: index('tag'),
    sets: index('set'),
    jsx: index('jsx'),
    alarm: compileAlarm(matches, types),
    ...out,
  };
  return compiled;
}
