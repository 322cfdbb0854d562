import picomatch from 'picomatch';
import type { Hook } from './hook.ts';
import { matches } from './match.ts';

export interface Migration {
  /** v1 entries, one a hook. */
  entries: Record<string, unknown>[];
  /** Manual steering files that replace `userTriggered` hooks: name and text. */
  steering: { name: string; text: string }[];
  /** What could not be carried over, and why. */
  problems: { hook: string; message: string }[];
}

/** Paths on which a glob and the regular expression made from it must agree. */
const samplePaths = [
  'a.ts',
  'a.tsx',
  'a.js',
  'src/a.ts',
  'src/deep/er/a.tsx',
  'src/a.test.ts',
  '.env',
  '.github/workflows/ci.yml',
  'README.md',
  'docs/guide.md',
  'package.json',
  'locales/en.json',
  'messages/de.json',
  'src/a.ts.bak',
  'src.ts/a',
  'a/b/c/d/e.py',
  'app/[id]/page.tsx',
  'x y/z.ts',
  'Makefile',
  'src/.hidden/a.ts',
  'tests/test_a.py',
  'styles/a.css',
  'é/ü.ts',
  'node_modules/x/index.js',
  '',
];

/** Paths made from the pattern itself, so that each is tried on something it matches. */
function samplesFrom(pattern: string): string[] {
  const filled = pattern.replaceAll('**/', 'p/q/').replaceAll('**', 'p/q').replaceAll('*', 'name').replaceAll('?', 'x');
  const first = filled.replaceAll(/\{([^,}]*)[^}]*\}/g, '$1');
  const last = filled.replaceAll(/\{[^}]*?([^,}]*)\}/g, '$1');
  return [first, last, `${first}x`, `x${first}`, `x/${first}`, first.replace('p/q/', ''), last.replace('p/q/', '')];
}

function regexOf(patterns: readonly string[]): string {
  const sources = patterns.map((pattern) => {
    const anywhere = pattern.includes('/') ? pattern.replace(/^\.?\//, '') : `**/${pattern}`;
    return picomatch.makeRe(anywhere, { dot: true }).source;
  });
  return sources.length === 1 ? (sources[0] ?? '') : sources.map((source) => `(?:${source})`).join('|');
}

/**
 * One regular expression for a list of globs, or why there is none: it is compared with the globs on sample paths, and a
 * single difference refuses it.
 */
export function globsToRegex(
  patterns: readonly string[],
  excluded: readonly string[],
): { source: string } | { problem: string } {
  const positive = regexOf(patterns);
  const negative = excluded.length > 0 ? `^(?!(?:${regexOf(excluded)}))(?=(?:.|\\n)*)` : '';
  const source = negative ? `${negative}(?:${positive.replaceAll(/^\^/g, '')})` : positive;
  const made = { kind: 'regex' as const, source };
  const globs = { kind: 'globs' as const, patterns: [...patterns], excluded: [...excluded] };
  const event = (path: string) => ({ trigger: 'PostFileSave' as const, origin: 'human', depth: 0, path });
  for (const path of [...samplePaths, ...[...patterns, ...excluded].flatMap(samplesFrom)]) {
    if (matches(made, event(path)) !== matches(globs, event(path)))
      return { problem: `\`${patterns.join(', ')}\` has no exact regular expression (they differ on \`${path}\`)` };
  }
  return { source };
}

const known = new Set([
  'enabled',
  'name',
  'description',
  'version',
  'when',
  'then',
  'command',
  'matcher',
  'timeout_ms',
]);

function matcherOf(hook: Hook): { matcher?: string } | { problem: string } {
  const { matcher } = hook;
  if (matcher.kind === 'always') return {};
  if (matcher.kind === 'regex') return { matcher: matcher.source };
  if (matcher.kind === 'tools')
    return { matcher: matcher.names.map((name) => (/^@?[\w/-]+$/.test(name) ? `^${name}$` : name)).join('|') };
  const made = globsToRegex(matcher.patterns, matcher.excluded);
  return 'problem' in made ? made : { matcher: made.source };
}

function migrateOne(hook: Hook, into: Migration): void {
  if (hook.trigger === 'Manual') {
    const body = hook.action.type === 'agent' ? hook.action.prompt : `Run: ${hook.action.command}`;
    const about = hook.description ? `description: ${JSON.stringify(hook.description)}\n` : '';
    into.steering.push({ name: hook.name, text: `---\ninclusion: manual\n${about}---\n${body}\n` });
    return;
  }
  const matcher = matcherOf(hook);
  if ('problem' in matcher) {
    into.problems.push({ hook: hook.id, message: matcher.problem });
    return;
  }
  const kept = Object.fromEntries(Object.entries(hook.raw).filter(([key]) => !known.has(key)));
  into.entries.push({
    ...kept,
    name: hook.name,
    ...(hook.description === undefined ? {} : { description: hook.description }),
    trigger: hook.trigger,
    ...matcher,
    action: hook.action,
    ...(hook.action.type === 'command' ? { timeout: hook.timeoutSeconds } : {}),
    enabled: hook.enabled,
  });
}

/** Legacy and agent hooks in the v1 format, keys nobody knows kept; `userTriggered` ones become manual steering. */
export function migrateHooks(hooks: readonly Hook[]): Migration {
  const into: Migration = { entries: [], steering: [], problems: [] };
  for (const hook of hooks) migrateOne(hook, into);
  return into;
}
