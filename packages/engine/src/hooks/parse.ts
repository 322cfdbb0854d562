import { messageOf } from '@ambit/core/errors';
import { parse as parseYaml } from 'yaml';
import type { Hook, ParsedHooks } from './hook.ts';
import { parseAgentHooks, parseLegacy } from './parse-legacy.ts';
import { parseV1 } from './parse-v1.ts';

const none = (): ParsedHooks => ({ hooks: [], problems: [] });

function problem(file: string, message: string, hint: string): ParsedHooks {
  return { hooks: [], problems: [{ file, message, hint }] };
}

function readJson(text: string): { data: unknown } | { error: string } {
  try {
    return { data: JSON.parse(text.replace(/^\ufeff/, '')) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseAgentFile(file: string, scope: Hook['scope'], text: string): ParsedHooks {
  if (/\.md$/i.test(file)) {
    const front = /^\ufeff?---[ \t]*\r?\n([\s\S]*?)^---[ \t]*$/m.exec(text);
    if (!front) return none();
    try {
      const data = parseYaml(front[1] ?? '') as unknown;
      return isRecord(data) && data['hooks'] !== undefined ? parseAgentHooks(file, scope, data['hooks']) : none();
    } catch (error) {
      return problem(file, `the front matter is not valid YAML: ${messageOf(error)}`, 'mend the front matter');
    }
  }
  if (!/\.json$/i.test(file)) return none();
  const read = readJson(text);
  if ('error' in read) return problem(file, `not valid JSON: ${read.error}`, 'mend the file');
  return isRecord(read.data) && read.data['hooks'] !== undefined
    ? parseAgentHooks(file, scope, read.data['hooks'])
    : none();
}

const inAgents = (file: string) => /(^|\/)agents\//.test(file);

/**
 * Reads the hooks of one file by its name and shape: v1 (`.kiro/hooks/*.json`), legacy (`*.kiro.hook`), agent files.
 * Shapes that Kiro never ran are reported, never guessed.
 */
export function parseHookFile(file: string, text: string, scope: Hook['scope'] = 'workspace'): ParsedHooks {
  if (inAgents(file)) return parseAgentFile(file, scope, text);
  if (/\.ya?ml$/i.test(file)) return problem(file, 'Kiro reads no hooks from YAML', 'write a v1 file: ambit hooks new');
  const read = readJson(text);
  if ('error' in read) return problem(file, `not valid JSON: ${read.error}`, 'mend the file; it never ran');
  const { data } = read;
  if (!isRecord(data)) return problem(file, 'not a JSON object', 'write {"version":"v1","hooks":[…]}');
  if (/\.kiro\.hook$/i.test(file) || (isRecord(data['when']) && isRecord(data['then'])))
    return parseLegacy(file, scope, data);
  if (data['version'] === 'v1') return parseV1(file, scope, data);
  const shown =
    data['version'] === undefined ? 'has no `version`' : `has \`version: ${JSON.stringify(data['version'])}\``;
  return problem(file, `${shown}, so Kiro never ran it`, 'write {"version":"v1","hooks":[…]}, or use ambit hooks new');
}
