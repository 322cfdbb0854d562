export interface Replacement {
  old: string;
  new: string;
  all?: boolean;
}

export type Replaced = { text: string; count: number } | { miss: string };

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let i = text.indexOf(part); i >= 0; i = text.indexOf(part, i + part.length)) count += 1;
  return count;
}

const squeeze = (line: string) => line.replaceAll(/\s+/g, ' ').trim();

/** Share of words two lines have in common, in [0, 1]. */
function likeness(a: string, b: string): number {
  const left = new Set(a.split(/\W+/).filter(Boolean));
  const right = new Set(b.split(/\W+/).filter(Boolean));
  if (left.size === 0 || right.size === 0) return squeeze(a) === squeeze(b) ? 1 : 0;
  let common = 0;
  for (const word of left) if (right.has(word)) common += 1;
  return common / Math.max(left.size, right.size);
}

/** The place in the text that looks most like what was meant, for the model to read. */
function nearest(text: string, wanted: string): string {
  const lines = text.split('\n');
  const target = wanted.split('\n');
  const first = target.find((line) => line.trim() !== '') ?? '';
  let best = { score: 0, line: 0 };
  for (const [i, line] of lines.entries()) {
    const score = squeeze(line) === squeeze(first) ? 1 : likeness(line, first);
    if (score > best.score) best = { score, line: i };
  }
  if (best.score < 0.4) return 'nothing in the file looks like it; read the file first';
  const from = Math.max(0, best.line - 1);
  const shown = lines.slice(from, Math.min(lines.length, best.line + Math.min(target.length, 12) + 1));
  return `most alike, from line ${from + 1}:\n${shown.join('\n')}`;
}

/** The model writes `\n`; a file with CRLF keeps its line ends. */
function adapt(part: string, text: string): string {
  return text.includes('\r\n') && !part.includes('\r\n') ? part.replaceAll('\n', '\r\n') : part;
}

/** Applies exact replacements in order. A part that is absent, or not unique unless `all`, is a miss and nothing counts. */
export function replaceAllIn(text: string, replacements: readonly Replacement[]): Replaced {
  let current = text;
  let count = 0;
  for (const [i, replacement] of replacements.entries()) {
    const place = replacements.length > 1 ? `edit ${i + 1}: ` : '';
    const old = adapt(replacement.old, current);
    const fresh = adapt(replacement.new, current);
    if (old === '') return { miss: `${place}\`old\` is empty; use write for a new file` };
    if (old === fresh) return { miss: `${place}\`old\` and \`new\` are the same` };
    const found = occurrences(current, old);
    if (found === 0) return { miss: `${place}\`old\` is not in the file; ${nearest(current, replacement.old)}` };
    if (found > 1 && !replacement.all)
      return { miss: `${place}\`old\` occurs ${found} times; give more context, or set all` };
    current = replacement.all ? current.split(old).join(fresh) : current.replace(old, () => fresh);
    count += replacement.all ? found : 1;
  }
  return { text: current, count };
}
