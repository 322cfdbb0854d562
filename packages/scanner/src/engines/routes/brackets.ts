/** Where the bracket that opens at `open` is closed, of any kind; -1 where that is further than `far`. */
export function closing(text: string, open: number, far: number): number {
  let depth = 0;
  const end = Math.min(text.length, open + far);
  for (let at = open; at < end; at++) {
    const char = text[at] ?? '';
    if ('({['.includes(char)) depth++;
    else if (')}]'.includes(char) && --depth === 0) return at;
  }
  return -1;
}

/** Where the block ends that an offset is in, or `far` behind it. */
export function endOfBlock(text: string, from: number, far: number): number {
  let depth = 0;
  const end = Math.min(text.length, from + far);
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 123) depth++;
    else if (code === 125 && --depth < 0) return at;
  }
  return end;
}
