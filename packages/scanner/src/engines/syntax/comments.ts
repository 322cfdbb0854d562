/** Where a comment begins a line; what else looks like one may stand in a string or a regular expression. */
const START = /^[ \t]*\/[/*]/gm;

/**
 * A script without the comments that begin a line, for looks that ask which words it has: half the names of sources and
 * sinks in well-documented code stand in examples of its comments. Offsets are not kept. One that is not closed stays.
 */
export function withoutComments(text: string): string {
  const start = new RegExp(START);
  let out = '';
  let from = 0;
  let closes = true;
  for (let found = start.exec(text); found !== null; found = start.exec(text)) {
    const inside = start.lastIndex;
    const block = found[0].endsWith('*');
    const close = block && closes ? text.indexOf('*/', inside) : -1;
    if (block && close < 0) {
      closes = false;
      continue;
    }
    const end = block ? close + 2 : text.indexOf('\n', inside);
    out += text.slice(from, found.index);
    from = end < 0 ? text.length : end;
    start.lastIndex = from;
  }
  return from === 0 ? text : out + text.slice(from);
}
