import { AmbitError } from '@ambit/core/errors';

/** Longest path accepted; Linux refuses longer ones in one call. */
const pathMax = 4096;

const refused: readonly { pattern: RegExp; why: string }[] = [
  { pattern: /[\u0000-\u001f\u007f]/, why: 'contains a control character' },
  { pattern: /\\/, why: 'contains a backslash, which is a separator on some systems' },
  { pattern: /::\$/, why: 'names an alternate data stream' },
  { pattern: /^[a-z][a-z0-9+.-]+:\/\//i, why: 'is a URL, not a path' },
  { pattern: /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/, why: 'is not valid Unicode' },
  {
    pattern: /[\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u,
    why: 'contains invisible or bidirectional characters',
  },
];

/** Refuses spellings that mean different files to different programs. Throws `input.broken`. */
export function checkPathText(path: string): void {
  const problem =
    path.length === 0
      ? 'is empty'
      : path.length > pathMax
        ? `is longer than ${pathMax} characters`
        : refused.find(({ pattern }) => pattern.test(path))?.why;
  if (problem) {
    throw new AmbitError('input.broken', `the path \`${printable(path)}\` ${problem}`, {
      hint: 'give a plain path relative to the workspace',
    });
  }
}

/** A path for people: control characters as escapes, shortened. */
export function printable(path: string): string {
  const shown = path.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}
