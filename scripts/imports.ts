import { dirname, join, normalize } from 'node:path';
import { parseSync } from 'oxc-parser';
import { source } from './files.ts';

export interface Import {
  /** The specifier as written. */
  specifier: string;
  /** Project-relative file for a relative import. */
  file?: string;
  typeOnly: boolean;
  line: number;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Static imports, re-exports and dynamic imports with a literal specifier. */
export function importsOf(name: string): Import[] {
  const text = source(name);
  const { module } = parseSync(name, text);
  const found: Import[] = [];
  const add = (specifier: string, start: number, typeOnly: boolean) => {
    const file = specifier.startsWith('.') ? normalize(join(dirname(name), specifier)) : undefined;
    found.push({ specifier, typeOnly, line: lineOf(text, start), ...(file ? { file } : {}) });
  };
  for (const item of module.staticImports) {
    const typeOnly = item.entries.length > 0 && item.entries.every((entry) => entry.isType);
    add(item.moduleRequest.value, item.start, typeOnly);
  }
  for (const item of module.staticExports) {
    for (const entry of item.entries) if (entry.moduleRequest) add(entry.moduleRequest.value, item.start, entry.isType);
  }
  for (const item of module.dynamicImports) {
    const written = text.slice(item.moduleRequest.start, item.moduleRequest.end);
    if (/^['"].*['"]$/.test(written)) add(written.slice(1, -1), item.start, false);
  }
  return found;
}
