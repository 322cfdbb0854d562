/** A block that does not end goes on to the end of the file, for a browser too; one without content ends in itself. */
const SCRIPT = /<script\b((?:[^>/]|\/(?!>))*)>([\s\S]*?)(?:<\/script\s*>|$(?![\s\S]))/gi;
const FRONT_MATTER = /^\s*---\r?\n([\s\S]*?)\r?\n---/;

/**
 * The script in a file: all of it for JavaScript and TypeScript, the script blocks of a component or page with blanks
 * in place of the rest, so that offsets and lines stay those of the file. `undefined` when there is none.
 */
export function embeddedScripts(language: string, text: string): string | undefined {
  if (language === 'javascript' || language === 'typescript' || language === 'python') return text;
  const pieces: { start: number; end: number }[] = [];
  if (language === 'astro') {
    const front = FRONT_MATTER.exec(text);
    const code = front?.[1];
    if (front !== null && code !== undefined) {
      const start = text.indexOf(code, front.index + 3);
      pieces.push({ start, end: start + code.length });
    }
  }
  for (const found of text.matchAll(SCRIPT)) {
    const attributes = found[1] ?? '';
    const code = found[2] ?? '';
    if (/\btype\s*=\s*["']?(?!module|text\/javascript|application\/javascript|text\/babel)/i.test(attributes)) continue;
    if (code.trim() === '') continue;
    const start = found.index + found[0].indexOf('>', '<script'.length + attributes.length) + 1;
    pieces.push({ start, end: start + code.length });
  }
  if (pieces.length === 0) return undefined;
  let out = '';
  let at = 0;
  for (const { start, end } of pieces.sort((a, b) => a.start - b.start)) {
    if (start < at) continue;
    out += blank(text.slice(at, start)) + text.slice(start, end);
    at = end;
  }
  return out + blank(text.slice(at));
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}
