// House limits: file length hard 500 (p95 400), function length hard 80 (p95 50), no silenced check without a reason.
import { parseSync, Visitor } from 'oxc-parser';
import { handWritten, source } from './files.ts';

const FILE_MAX = 500;
const FILE_P95 = 400;
const FUNCTION_MAX = 80;
const FUNCTION_P95 = 50;

interface Span {
  start: number;
  end: number;
}

function functionLengths(name: string, text: string): { line: number; lines: number }[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  const lineAt = (offset: number) => {
    let low = 0;
    let high = starts.length;
    while (low + 1 < high) {
      const mid = (low + high) >> 1;
      if ((starts[mid] ?? 0) <= offset) low = mid;
      else high = mid;
    }
    return low + 1;
  };
  const found: { line: number; lines: number }[] = [];
  const measure = (node: Span) => {
    const line = lineAt(node.start);
    const lines = lineAt(node.end) - line + 1;
    if (lines > 2) found.push({ line, lines });
  };
  const { program } = parseSync(name, text);
  new Visitor({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  }).visit(program);
  return found;
}

function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** A test suite's `describe` callback is a list, not a function; tests are held to the file limit only. */
const isTest = (name: string) => /\.(test|contract)\.ts$/.test(name);

export function limitErrors(): string[] {
  const errors: string[] = [];
  const files: number[] = [];
  const functions: number[] = [];
  for (const name of handWritten()) {
    const text = source(name);
    const lines = text.split('\n').length - 1;
    files.push(lines);
    if (lines > FILE_MAX) errors.push(`${name} has ${lines} lines; the limit is ${FILE_MAX}`);
    if (isTest(name)) continue;
    for (const found of functionLengths(name, text)) {
      functions.push(found.lines);
      if (found.lines > FUNCTION_MAX)
        errors.push(`${name}:${found.line} a function has ${found.lines} lines; the limit is ${FUNCTION_MAX}`);
    }
    text.split('\n').forEach((line, i) => {
      const silenced = /(@ts-(ignore|expect-error|nocheck)|biome-ignore [\w/]+)(.*)$/.exec(line);
      if (silenced && !/^.*:?\s*\S{3,}.*\s\S+/.test(silenced[3] ?? ''))
        errors.push(`${name}:${i + 1} a check is silenced without a reason`);
    });
  }
  const p95 = percentile(files, 0.95);
  if (p95 > FILE_P95) errors.push(`the 95th percentile of file length is ${p95}; the limit is ${FILE_P95}`);
  const functionP95 = percentile(functions, 0.95);
  if (functionP95 > FUNCTION_P95)
    errors.push(`the 95th percentile of function length is ${functionP95}; the limit is ${FUNCTION_P95}`);
  return errors;
}
