import { parseJson } from '../config/parse-data.ts';

/** What a line of a kind of file looks like when it is whole; a line of none of these forms was not read. */
const LINES: readonly [RegExp, RegExp][] = [
  [/^yarn\.lock$/, /^(?:\s|#|$)|^.+:\s*$/],
  [/^pnpm-lock\.yaml$/, /^(?:\s|#|$|---)|^[\w'"@/.-].*:(?:\s|$)/],
  [
    /^(?:poetry|uv|pdm)\.lock$/,
    /^(?:\s*(?:#|$|[\]}"']|\{.*)|\s*\[{1,2}[^[\]]+\]{1,2}\s*$|\s*[\w."'-]+\s*=\s*\S|\s+\S)/,
  ],
  [/^requirements[\w.-]*\.(?:txt|in)$/, /^\s*(?:#|$|-|\\?$|[A-Za-z0-9][\w.-]*|(?:git\+|https?:|file:|\.{0,2}\/)\S)/],
];

const CONFLICT = /^(?:<{7}|={7}|>{7}|\|{7})(?:\s|$)/;

/** The first thing in a list of packages that its reader passed over, since it is broken; `undefined` where it is whole. */
export function unreadPart(path: string, text: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === 'bun.lock') return parseJson(text).broken;
  const form = LINES.find(([file]) => file.test(name))?.[1];
  const lines = text.split(/\r?\n/);
  const conflict = lines.findIndex((line) => CONFLICT.test(line));
  if (conflict >= 0) return `line ${conflict + 1}: a conflict of a merge is left in it`;
  const strange = form === undefined ? -1 : lines.findIndex((line) => !form.test(line));
  return strange < 0 ? undefined : `line ${strange + 1}: not a line of such a file`;
}
