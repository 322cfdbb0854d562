import type { CitedTest, TestRun } from './evidence.ts';

/** What a test command printed and how it ended. */
export interface TestOutput {
  exitCode: number | null;
  output: string;
}

type Result = TestRun['result'];

const reset = /\u001b\[[0-9;]*m/g;
/** One line about one test, in the reports people meet; group `name`. */
const passed: readonly RegExp[] = [
  /^\s*ok\s+\d+\s*(?:-\s*)?(?<name>.+?)(?:\s+#\s*time=.*)?$/,
  /^\s*[✔✓√]\s+(?<name>.+?)(?:\s+\(?\d+(?:\.\d+)?\s*m?s\)?)?$/u,
  /^\s*--- PASS:\s+(?<name>\S+)/,
  /^(?<name>\S+::\S.*?)\s+PASSED/,
  /^\s*test\s+(?<name>\S+)\s+\.\.\.\s+ok$/,
  /^\s*(?<name>\w+)\s+\([\w.]+\)\s+\.\.\.\s+ok$/,
  /<testcase\b(?=[^>]*\bname="(?<name>[^"]*)")[^>]*\/>/,
];
const failed: readonly RegExp[] = [
  /^\s*not ok\s+\d+\s*(?:-\s*)?(?<name>.+?)$/,
  /^\s*[✖✗×✕]\s+(?<name>.+?)(?:\s+\(?\d+(?:\.\d+)?\s*m?s\)?)?$/u,
  /^\s*--- FAIL:\s+(?<name>\S+)/,
  /^(?<name>\S+::\S.*?)\s+(?:FAILED|ERROR)/,
  /^\s*test\s+(?<name>\S+)\s+\.\.\.\s+FAILED$/,
  /^\s*(?<name>\w+)\s+\([\w.]+\)\s+\.\.\.\s+(?:FAIL|ERROR)$/,
];
const skippedLine = /#\s*(?:SKIP|TODO)\b|^\s*--- SKIP:|\sSKIPPED\b|^\s*[↓○﹣-]\s|\.\.\.\s+ignored|<skipped/i;

const decode = (text: string) =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

const normal = (name: string) => decode(name).replaceAll(/\\(.)/g, '$1').replaceAll(/\s+/g, ' ').trim();

function named(line: string, patterns: readonly RegExp[]): string | undefined {
  for (const pattern of patterns) {
    const name = pattern.exec(line)?.groups?.['name'];
    if (name) return normal(name);
  }
  return undefined;
}

/** A report may put the suite's name before the test's; the whole test name must stand at its end. */
function sameTest(reported: string, name: string): boolean {
  if (reported === name) return true;
  if (!reported.endsWith(name)) return false;
  return /(?:>|›|::|\s|\.|:)\s*$/.test(reported.slice(0, -name.length));
}

/** Reports that name only files: jest's `PASS a.test.ts`, vitest's `✓ a.test.ts (3 tests)`, pytest's `a.py ..`. */
function fileLine(line: string, file: string): Result | undefined {
  if (!line.includes(file)) return undefined;
  if (/^\s*(?:FAIL|ERROR|❯|×)\b/u.test(line)) return 'failed';
  if (/^\s*PASS\s/.test(line) || /^\s*[✓✔]\s.*\(\d+ tests?\b/u.test(line))
    return /skipped/.test(line) ? undefined : 'passed';
  const dots = /\s([.FEsxX]+)(?:\s+\[\s*\d+%\])?\s*$/.exec(line)?.[1];
  if (dots) return /[FE]/.test(dots) ? 'failed' : /^\.+$/.test(dots) ? 'passed' : undefined;
  return undefined;
}

/**
 * What became of one test. `passed` only when the process ended with 0 and its report names the test (or, where a
 * reporter names files alone, its file) as passed. A report that does not mention it gives `missing`, never a pass.
 */
export function judgeTest(test: Pick<CitedTest, 'file' | 'name' | 'sha256' | 'skipped'>, ran: TestOutput): TestRun {
  const run = (result: Result): TestRun => ({ result, file: test.file, name: test.name, sha256: test.sha256 });
  if (test.skipped) return run('skipped');
  const name = normal(test.name);
  let best: Result | undefined;
  let byFile: Result | undefined;
  for (const raw of ran.output.replaceAll(reset, '').split(/\r?\n/)) {
    const bad = named(raw, failed);
    if (bad && name !== '' && sameTest(bad, name)) return run('failed');
    const good = named(raw.replace(/\s+#\s*(?:SKIP|TODO)\b.*$/i, ''), passed);
    if (good && name !== '' && sameTest(good, name)) best = skippedLine.test(raw) ? (best ?? 'skipped') : 'passed';
    const whole = fileLine(raw, test.file);
    if (whole === 'failed') byFile = 'failed';
    else if (whole === 'passed') byFile ??= 'passed';
  }
  const result = best ?? byFile ?? 'missing';
  if (ran.exitCode !== 0) return run(result === 'missing' || result === 'skipped' ? result : 'failed');
  return run(result);
}
