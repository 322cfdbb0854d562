import picomatch from 'picomatch';

interface Rule {
  match: (path: string) => boolean;
  negated: boolean;
  foldersOnly: boolean;
}

/** The rules of one ignore file, for paths relative to the folder that it stands in. */
export interface IgnoreFile {
  /** `undefined`: no rule speaks of it. */
  verdict(path: string, folder: boolean): boolean | undefined;
}

function ruleOf(line: string): Rule | undefined {
  let text = line.trimEnd();
  // A blank behind a backslash is part of the name.
  if (text.endsWith('\\') && text.length < line.length) text = line.slice(0, text.length + 1);
  if (text === '' || text.startsWith('#')) return undefined;
  const negated = text.startsWith('!');
  if (negated) text = text.slice(1);
  const foldersOnly = text.endsWith('/');
  if (foldersOnly) text = text.slice(0, -1);
  const anchored = text.includes('/');
  const glob = text.replace(/^\//, '').replace(/^\\([#!])/, '$1');
  if (glob === '') return undefined;
  try {
    const match = picomatch(anchored ? glob : `**/${glob}`, { dot: true, nonegate: true, noext: true, nobrace: true });
    return { match: (path) => match(path), negated, foldersOnly };
  } catch {
    return undefined;
  }
}

/** Parses `.gitignore` and its kin; lines that are no pattern are passed over, as git does. */
export function parseIgnore(text: string): IgnoreFile {
  const rules = text
    .split(/\r?\n/)
    .map(ruleOf)
    .filter((rule): rule is Rule => rule !== undefined);
  const verdict = (path: string, folder: boolean): boolean | undefined => {
    for (let i = rules.length - 1; i >= 0; i -= 1) {
      const rule = rules[i];
      if (rule && (folder || !rule.foldersOnly) && rule.match(path)) return !rule.negated;
    }
    return undefined;
  };
  return { verdict };
}
