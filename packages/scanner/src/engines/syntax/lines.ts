/** Lines and columns, from 1, of offsets in a text. */
export interface LineTable {
  at(offset: number): { line: number; column: number };
  /** Where a line begins; one behind the last begins at the end. */
  startOf(line: number): number;
}

export function lineTable(text: string): LineTable {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return {
    startOf: (line) => starts[line - 1] ?? text.length,
    at(offset) {
      let low = 0;
      let high = starts.length;
      while (low + 1 < high) {
        const mid = (low + high) >> 1;
        if ((starts[mid] ?? 0) <= offset) low = mid;
        else high = mid;
      }
      return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
    },
  };
}
