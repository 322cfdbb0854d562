/** One command of a ```console block in the documentation, with the output that must appear. */
export interface Example {
  line: number;
  command: string;
  /** Lines that must appear in this order; `…` stands for anything. */
  output: string[];
  exitCode: number;
}

/**
 * Reads the ```console blocks of a Markdown page: `$ command`, then expected output; `# exit N` on a line of its own sets
 * the exit code. Blocks of one page run in order, in one project.
 */
export function consoleExamples(markdown: string): Example[] {
  const examples: Example[] = [];
  let inside = false;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (/^```console\s*$/.test(line)) inside = true;
    else if (inside && line.startsWith('```')) inside = false;
    else if (inside && line.startsWith('$ '))
      examples.push({ line: index + 1, command: line.slice(2), output: [], exitCode: 0 });
    else if (inside) {
      const example = examples.at(-1);
      const exit = /^# exit (\d+)$/.exec(line);
      if (example && exit) example.exitCode = Number(exit[1]);
      else if (example && line.trim() !== '') example.output.push(line.trim());
    }
  }
  return examples;
}

function lineMatches(expected: string, line: string): boolean {
  const pieces = expected.split('…').map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pieces.join('.*')}$`).test(line.trim().replaceAll(/\s+/g, ' '));
}

/** The first expected line that the output lacks, or undefined. */
export function missingLine(example: Example, output: string): string | undefined {
  const lines = output.split('\n');
  let from = 0;
  for (const expected of example.output) {
    if (expected === '…') continue;
    const at = lines.findIndex((line, i) => i >= from && lineMatches(expected.replaceAll(/\s+/g, ' '), line));
    if (at < 0) return expected;
    from = at + 1;
  }
  return undefined;
}
