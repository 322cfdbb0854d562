import { randomBytes } from 'node:crypto';
import { perform } from '@ambit/guard';
import type { WorkingCopy } from '@ambit/guard/working-copy';
import type { CheckResult, ReviewCues } from '../change-set/index.ts';
import { type Confinement, confinedCommands } from '../session/commands.ts';
import type { OpenedSession } from '../session.ts';

export interface TestOutcome {
  /** `none`: the project has no tests that could be started; `unable`: they could not be run at all. */
  status: 'passed' | 'failed' | 'none' | 'unable';
  command: string;
  /** Redacted output, bounded. */
  report: string;
  detail: string;
  exitCode: number | null;
}

/** How this project's tests are started, by what lies in its root. */
export async function testCommand(copy: WorkingCopy, cues: ReviewCues): Promise<string | undefined> {
  for (const { file, has, command } of cues.runners) {
    const text = await copy.read(file).catch(() => undefined);
    if (text && has.test(Buffer.from(text).toString('utf8'))) return command;
  }
  return undefined;
}

/** Longest run of a project's tests. */
const testSeconds = 15 * 60;

/** Runs the project's tests in the sandbox, through the door like everything else. */
export async function runTests(
  opened: OpenedSession,
  copy: WorkingCopy,
  command: string | undefined,
  confinement: Confinement | undefined,
  signal: AbortSignal,
): Promise<TestOutcome> {
  if (!command)
    return {
      status: 'none',
      command: '',
      report: '',
      detail: 'no test command of this project is known',
      exitCode: null,
    };
  if (!confinement)
    return {
      status: 'unable',
      command,
      report: '',
      detail: 'there is no sandbox to run them in (ambit doctor)',
      exitCode: null,
    };
  const execute = confinedCommands(copy, confinement).run;
  const action = {
    id: randomBytes(6).toString('hex'),
    kind: 'execute' as const,
    run: opened.session.run,
    labels: [...opened.session.passage.labels],
    via: 'runner',
    command,
    timeoutSeconds: testSeconds,
  };
  const outcome = await perform<'execute'>(
    action,
    async (grant) => {
      const result = await execute(grant, { signal, timeoutMs: testSeconds * 1_000, maxBytes: 256 * 1024 });
      const status = result.exitCode === 0 ? ('done' as const) : ('failed' as const);
      const detail = { exitCode: result.exitCode, signal: result.signal, timedOut: result.timedOut };
      return { status, text: result.output, labels: ['tool' as const], detail };
    },
    opened.guard,
  );
  if (outcome.status === 'denied' || outcome.status === 'cancelled')
    return { status: 'unable', command, report: outcome.text, detail: outcome.text, exitCode: null };
  if (outcome.status === 'done')
    return { status: 'passed', command, report: outcome.text, detail: `\`${command}\``, exitCode: 0 };
  const code = outcome.detail?.['timedOut']
    ? 'took too long'
    : `ended with ${outcome.detail?.['exitCode'] ?? 'no exit code'}`;
  if (!outcome.detail) return { status: 'unable', command, report: outcome.text, detail: outcome.text, exitCode: null };
  return {
    status: 'failed',
    command,
    report: outcome.text,
    detail: `\`${command}\` ${code}`,
    exitCode: Number(outcome.detail['exitCode'] ?? 1),
  };
}

/** Names of the tests that a report calls failed. */
export function failedTests(report: string, cues: ReviewCues): Set<string> {
  const names = new Set<string>();
  for (const pattern of cues.failures) for (const match of report.matchAll(pattern)) if (match[1]) names.add(match[1]);
  return names;
}

/** The end of a report: where the failures and the sum stand. */
export function tailOf(report: string, characters = 4_000): string {
  return report.length <= characters ? report : `…\n${report.slice(-characters)}`;
}

/**
 * What the tests say about this task. `before` is the report of the same tests without it, asked for only when they fail:
 * a failure that was there before is not this task's. A task that asks for failing tests passes when they fail.
 */
export async function judgeTests(
  outcome: TestOutcome,
  wantsFailure: boolean,
  cues: ReviewCues,
  before: () => Promise<TestOutcome>,
): Promise<CheckResult> {
  const name = 'tests';
  if (outcome.status === 'none') return { name, status: 'skipped', detail: outcome.detail };
  if (outcome.status === 'unable') return { name, status: 'failed', detail: `could not be run: ${outcome.detail}` };
  if (wantsFailure) {
    if (outcome.status === 'failed') return { name, status: 'passed', detail: 'they fail, as the task asks' };
    return { name, status: 'failed', detail: 'the task asks for tests that fail first, and all of them pass' };
  }
  if (outcome.status === 'passed') return { name, status: 'passed', detail: outcome.detail };
  const failing = failedTests(outcome.report, cues);
  const old = await before();
  const known = old.status === 'failed' ? failedTests(old.report, cues) : new Set<string>();
  const fresh = [...failing].filter((one) => !known.has(one));
  if (failing.size > 0 && fresh.length === 0)
    return { name, status: 'passed', detail: `${failing.size} tests fail that failed before this task too` };
  const named = fresh.length > 0 ? `: ${fresh.slice(0, 10).join('; ')}` : '';
  return { name, status: 'failed', detail: `${outcome.detail}${named}\n${tailOf(outcome.report)}` };
}
