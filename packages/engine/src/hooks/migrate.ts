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

/** A glob as a person would write it as a regular expression; undefined where that is not plain. */
function plainSource(pattern: string): string | undefined {
  if (/[[\]!()+@]/.test(pattern)) return undefined;
  const tokens = pattern.match(/\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[^*?{}]+|./g) ?? [];
  const literal = (text: string) => text.replaceAll(/[.+^$|\\/-]/g, (c) => (c === '/' || c === '-' ? c : `\\${c}`));
  const parts = tokens.map((token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token.startsWith('{')) return `(?:${token.slice(1, -1).split(',').map(literal).join('|')})`;
    return literal(token);
  });
  return parts.join('');
}

/** Several globs as one readable expression where their plain forms share a beginning; else picomatch's exact one each. */
function regexOf(patterns: readonly string[], exact: boolean): string {
  const rooted = patterns.map((pattern) => (pattern.includes('/') ? pattern.replace(/^\.?\//, '') : `**/${pattern}`));
  const plain = rooted.map(plainSource);
  if (exact || plain.some((source) => source === undefined)) {
    const sources = rooted.map((pattern) => picomatch.makeRe(pattern, { dot: true }).source);
    return sources.length === 1 ? (sources[0] ?? '') : sources.map((source) => `(?:${source})`).join('|');
  }
  return plain.length === 1 ? `^${plain[0]}$` : `^(?:${plain.join('|')})$`;
}

/**
 * One regular expression for a list of globs, or why there is none: it is compared with the globs on sample paths, and a
 * single difference refuses it.
 */
export function globsToRegex(
  patterns: readonly string[],
  excluded: readonly string[],
): { source: string } | { problem: string } {
  const globs = { kind: 'globs' as const, patterns: [...patterns], excluded: [...excluded] };
  const event = (path: string) => ({ trigger: 'PostFileSave' as const, origin: 'human', depth: 0, path });
  const samples = [...samplePaths, ...[...patterns, ...excluded].flatMap(samplesFrom)];
  let difference = '';
  for (const exact of [false, true]) {
    const positive = regexOf(patterns, exact);
    const source = excluded.length > 0 ? `^(?!(?:${regexOf(excluded, exact)}))(?:${positive})` : positive;
    const made = { kind: 'regex' as const, source };
    const differs = samples.find((path) => matches(made, event(path)) !== matches(globs, event(path)));
    if (differs === undefined) return { source };
    difference = differs;
  }
  return { problem: `\`${patterns.join(', ')}\` has no exact regular expression (they differ on \`${difference}\`)` };
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
