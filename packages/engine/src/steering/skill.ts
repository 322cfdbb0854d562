import { parse } from 'yaml';
import type { ParsedSteering } from './parse.ts';

const folderOf = (path: string) => path.split('/').at(-2) ?? path;

/** Which files of skills and powers are read for the model; everything else in their folders is data. */
export function skillKind(path: string): 'skill' | 'power' | undefined {
  if (/(^|\/)\.kiro\/skills\/(.+\/)?SKILL\.md$/i.test(path)) return 'skill';
  if (/(^|\/)\.kiro\/powers\/[^/]+\/POWER\.md$/i.test(path)) return 'power';
  return undefined;
}

/**
 * A skill or power as steering that applies when a request speaks of it, or names it as `#name`. Only its words are read:
 * what its text tells to install or start is for a person to do, and its MCP servers are proposals like any other.
 */
export function parseSkill(path: string, text: string, scope: 'workspace' | 'user'): ParsedSteering {
  const problem = (message: string, hint: string): ParsedSteering => ({ problem: { path, line: 1, message, hint } });
  const match = /^\ufeff?---[ \t]*\r?\n([\s\S]*?)^---[ \t]*(?:\r?\n|$)/m.exec(text);
  if (match?.index !== 0)
    return problem('a skill needs front matter', 'name and description between two lines of three dashes');
  let data: unknown;
  try {
    data = parse(match[1] ?? '');
  } catch {
    return problem('the front matter is not valid YAML', 'quote values with a colon');
  }
  const fields = (data ?? {}) as { name?: unknown; description?: unknown; keywords?: unknown };
  const words = Array.isArray(fields.keywords) ? fields.keywords.filter((one) => typeof one === 'string') : [];
  const description = [typeof fields.description === 'string' ? fields.description : '', ...words].join(' ').trim();
  if (description === '') return problem('it has no `description`', 'say when it applies');
  const name = typeof fields.name === 'string' && fields.name !== '' ? fields.name : folderOf(path);
  const body = text.slice(match[0].length);
  return { file: { path, name, scope, inclusion: 'auto', patterns: [], description, body } };
}
