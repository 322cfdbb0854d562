import { messageOf } from '@ambit/core/errors';
import picomatch from 'picomatch';
import { parse } from 'yaml';

export type Inclusion = 'always' | 'fileMatch' | 'manual' | 'auto';

/** A steering file that can be loaded. */
export interface SteeringFile {
  /** Path relative to the workspace, or `~/.kiro/steering/x.md` for the user's own. */
  path: string;
  /** `name` of the front matter, else the file's name without extension. */
  name: string;
  scope: 'workspace' | 'user';
  inclusion: Inclusion;
  /** Globs of `fileMatch`; never empty for that inclusion. */
  patterns: string[];
  description?: string;
  body: string;
}

/** Why a file is not loaded: a doubt about when it applies is never «always». */
export interface SteeringProblem {
  path: string;
  line: number;
  message: string;
  hint: string;
}

export type ParsedSteering = { file: SteeringFile } | { problem: SteeringProblem };

const inclusions: ReadonlySet<string> = new Set<Inclusion>(['always', 'fileMatch', 'manual', 'auto']);

interface Source {
  path: string;
  text: string;
  scope: 'workspace' | 'user';
}

function frontMatter(text: string): { yaml: string; body: string; unclosed: boolean } {
  // Kiro reads front matter only from the first bytes of a file; a byte order mark is tolerated.
  const start = text.startsWith('\ufeff') ? 1 : 0;
  if (!/^---[ \t]*\r?\n/.test(text.slice(start))) return { yaml: '', body: text.slice(start), unclosed: false };
  const open = text.indexOf('\n', start) + 1;
  const close = /^---[ \t]*(?:\r?\n|$)/m.exec(text.slice(open));
  if (!close) return { yaml: '', body: '', unclosed: true };
  const end = open + close.index;
  return { yaml: text.slice(open, end), body: text.slice(end + close[0].length), unclosed: false };
}

function nameOf(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.md$/i, '');
}

function patternsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((item): item is string => typeof item === 'string' && item.trim() !== '');
}

/** Reads one steering file in Kiro's format. AGENTS.md and its kin have no inclusion modes: always. */
export function parseSteering(source: Source): ParsedSteering {
  const { path, text, scope } = source;
  const problem = (message: string, hint: string): ParsedSteering => ({ problem: { path, line: 1, message, hint } });
  const plain = { path, name: nameOf(path), scope, patterns: [] };
  if (/(^|\/)AGENTS\.md$/i.test(path)) return { file: { ...plain, inclusion: 'always', body: text } };
  const parts = frontMatter(text);
  if (parts.unclosed) return problem('the front matter is not closed', 'end it with a line of three dashes');
  let data: unknown;
  try {
    data = parse(parts.yaml) ?? {};
  } catch (error) {
    return problem(
      `the front matter is not valid YAML: ${messageOf(error)}`,
      'quote globs: fileMatchPattern: "src/**"',
    );
  }
  if (typeof data !== 'object' || Array.isArray(data))
    return problem('the front matter is not a map', 'write `key: value` lines');
  const fields = data as Record<string, unknown>;
  const inclusion = fields['inclusion'] ?? 'always';
  if (typeof inclusion !== 'string' || !inclusions.has(inclusion))
    return problem(`\`inclusion: ${String(inclusion)}\` is not known`, 'use always, fileMatch, manual or auto');
  const patterns = patternsOf(fields['fileMatchPattern']);
  if (inclusion === 'fileMatch' && patterns.length === 0)
    return problem('`fileMatch` has no `fileMatchPattern`', 'name the files, or use `inclusion: always` on purpose');
  const description = typeof fields['description'] === 'string' ? fields['description'] : undefined;
  if (inclusion === 'auto' && !description)
    return problem('`auto` has no `description`', 'say when it applies, or use `inclusion: manual`');
  return {
    file: {
      ...plain,
      name: typeof fields['name'] === 'string' && fields['name'] !== '' ? fields['name'] : plain.name,
      inclusion: inclusion as Inclusion,
      patterns,
      ...(description ? { description } : {}),
      body: parts.body,
    },
  };
}

/** Whether one of the file's globs matches a workspace-relative path. */
export function appliesTo(file: SteeringFile, path: string): boolean {
  return file.patterns.some(
    (pattern) => picomatch(pattern, { dot: true })(path) || picomatch(`**/${pattern}`, { dot: true })(path),
  );
}
