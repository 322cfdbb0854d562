import type { Collecting } from './reading.ts';

/** `users: require('./users')`, `module.exports.users = require('./users')`, `export * as users from './users'`. */
const PASSED_ON =
  /(?:\b(\w+)\s*[:=]\s*require\(\s*['"](\.{1,2}\/[^'"]+|\.{1,2})['"]\s*\)(\.\w+)?|\bexport\s+(?:\*(?:\s+as\s+(\w+))?|\{([^}]*)\})\s+from\s+['"](\.{1,2}\/[^'"]+)['"])/g;
const PASSES_ON = /(?:^|\/)index\.[cm]?[jt]s$/;

/** What an index passes on from other files: by its name, or everything of some (`*`). */
export function passedOn({ machine: { path, text } }: Collecting): Record<string, string[]> | undefined {
  if (!PASSES_ON.test(path)) return undefined;
  const out: Record<string, string[]> = {};
  const put = (name: string, ref: string) => {
    out[name] = [...(out[name] ?? []), ref];
  };
  for (const [, made, from = '', part = '', all, names, module = ''] of text.matchAll(PASSED_ON))
    if (made !== undefined) put(made, `${from}${part}`);
    else if (names === undefined) put(all ?? '*', module);
    else
      for (const each of names.split(',')) {
        const [own = '', as] = each.trim().split(/\s+as\s+/);
        if (own !== '') put(as ?? own, `${module}.${own}`);
      }
  return Object.keys(out).length === 0 ? undefined : out;
}
