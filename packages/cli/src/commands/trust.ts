import { userInfo } from 'node:os';
import { AmbitError } from '@ambit/core/errors';
import { findInvisible, showInvisible } from '@ambit/core/text';
import {
  acceptSubjects,
  checkLock,
  forgetSubjects,
  type Subject,
  type SubjectStatus,
  type TrustPlace,
  type TrustReport,
  trustStatus,
} from '@ambit/guard/integrity';
import { createTwoFilesPatch } from 'diff';
import picomatch from 'picomatch';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { trustPlace } from '../place.ts';
import { question } from '../question.ts';

const meaning: Record<string, string> = {
  trusted: 'loaded and run',
  changed: 'inert: differs from what was accepted',
  unconfirmed: 'inert: in ambit.lock, but you have not accepted it',
  pending: 'inert: nobody has accepted it',
  missing: 'in ambit.lock, but the file is gone',
};

const help = `ambit trust: what may instruct or run here, pinned by content

Steering, AGENTS.md, hooks, agents, skills, powers, MCP servers, policy and other agents' settings are inert until you
accept exactly this content. Acceptance is written to ambit.lock (for review in a pull request) and to your own record
outside the repository; a repository cannot bring its own.

Usage:
  ambit trust [status] [--json]        what is trusted, pending, changed, refused
  ambit trust diff [PATTERN…]          the content that waits, hidden characters made visible
  ambit trust accept [PATTERN…]        accept it: shows each, asks; only at a terminal
  ambit trust forget PATTERN…          remove pins; only at a terminal
  ambit trust check [--json]           for CI: fails when a pinned file changed without its lock line

Example:
  ambit trust diff '.kiro/steering/*'
`;

function matching(report: TrustReport, patterns: readonly string[]): SubjectStatus[] {
  if (patterns.length === 0) return report.statuses;
  const matches = picomatch([...patterns], { dot: true });
  const chosen = report.statuses.filter(
    (status) => matches(status.id) || patterns.includes(status.id) || patterns.includes(status.subject?.path ?? ''),
  );
  if (chosen.length === 0)
    throw new AmbitError('input.missing', `nothing here matches \`${patterns.join(' ')}\``, {
      hint: 'see: ambit trust status',
    });
  return chosen;
}

function statusLine(status: SubjectStatus): string {
  const by =
    status.state === 'unconfirmed' && status.pin
      ? ` (accepted by ${status.pin.by} on ${status.pin.at.slice(0, 10)})`
      : '';
  const hidden = status.subject ? findInvisible(status.subject.text).length : 0;
  const note = hidden > 0 ? `  ! ${hidden} hidden character${hidden === 1 ? '' : 's'}` : '';
  return `  ${status.state.padEnd(11)} ${status.kind.padEnd(12)} ${showInvisible(status.id)}${by}${note}\n`;
}

function showStatus(report: TrustReport, json: boolean, io: Io): number {
  if (json) {
    const statuses = report.statuses.map(({ subject, accepted: _accepted, ...rest }) => ({
      ...rest,
      sha256: subject?.sha256,
    }));
    io.out(`${JSON.stringify({ version: 1, statuses, refused: report.refused, problem: report.problem }, null, 2)}\n`);
    return exitCode.done;
  }
  if (report.problem) io.out(`Nothing is trusted: ${report.problem}\n\n`);
  if (report.statuses.length + report.refused.length === 0) {
    io.out('Nothing in this workspace instructs an agent or runs by itself.\n');
    return exitCode.done;
  }
  for (const status of report.statuses) io.out(statusLine(status));
  for (const { path, kind, reason } of report.refused)
    io.out(`  ${'refused'.padEnd(11)} ${kind.padEnd(12)} ${showInvisible(path)} (${reason})\n`);
  const states = [...new Set(report.statuses.map((status) => status.state))];
  io.out(`\n${states.map((state) => `${state}: ${meaning[state]}`).join('\n')}\n`);
  if (states.some((state) => state !== 'trusted'))
    io.out('\nLook at what waits: ambit trust diff   Accept it: ambit trust accept\n');
  return exitCode.done;
}

/** The waiting content against what was accepted before, hidden characters shown by name. */
function difference(status: SubjectStatus): string {
  const after = showInvisible(status.subject?.text ?? '');
  const before = showInvisible(status.accepted ?? '');
  const name = showInvisible(status.id);
  return createTwoFilesPatch(
    status.accepted === undefined ? '/dev/null' : `accepted/${name}`,
    `now/${name}`,
    before,
    after,
    '',
    '',
    {
      context: 3,
    },
  );
}

function warnings(subject: Subject): string[] {
  const found = findInvisible(subject.text);
  const spelled = found.flatMap((item) => (item.spells ? [`hidden text: «${item.spells}»`] : []));
  const comments = [...subject.text.matchAll(/<!--([\s\S]*?)-->/g)].map(
    (match) => `HTML comment that a rendered view hides: «${showInvisible((match[1] ?? '').trim()).slice(0, 120)}»`,
  );
  const count = found.length > 0 ? [`${found.length} invisible or direction-changing characters, shown as ⟨…⟩`] : [];
  return [...count, ...spelled, ...comments];
}

function present(status: SubjectStatus, io: Io): void {
  io.out(difference(status));
  for (const warning of status.subject ? warnings(status.subject) : []) io.out(`! ${warning}\n`);
  io.out('\n');
}

const waiting = (statuses: readonly SubjectStatus[]) =>
  statuses.filter((status) => status.subject !== undefined && status.state !== 'trusted');

function atTerminal(io: Io, what: string): void {
  if (io.interactive) return;
  throw new AmbitError('needs-human', `${what} needs a person at a terminal`, {
    hint: 'standard input is not a terminal here, and a pipe cannot accept anything',
  });
}

async function accept(place: TrustPlace, patterns: readonly string[], io: Io): Promise<number> {
  atTerminal(io, 'accepting');
  const report = await trustStatus(place);
  if (report.problem) throw new AmbitError('state.broken', report.problem, { hint: 'restore ambit.lock first' });
  const accepted: Subject[] = [];
  for (const status of waiting(matching(report, patterns))) {
    present(status, io);
    const answer = await question(io, `Accept ${showInvisible(status.id)} exactly as shown? [y/N] `);
    if (/^y(es)?$/i.test(answer.trim()) && status.subject) accepted.push(status.subject);
  }
  if (accepted.length === 0) {
    io.out('Nothing accepted.\n');
    return exitCode.done;
  }
  await acceptSubjects(place, accepted, { by: userInfo().username, at: io.now().toISOString(), channel: 'terminal' });
  io.out(`Accepted ${accepted.length}. Commit ambit.lock with the change.\n`);
  return exitCode.done;
}

async function check(place: TrustPlace, json: boolean, io: Io): Promise<number> {
  const gaps = await checkLock(place);
  if (json) io.out(`${JSON.stringify({ version: 1, gaps }, null, 2)}\n`);
  else if (gaps.length === 0) io.out('Every file that instructs or executes has its line in ambit.lock.\n');
  else for (const gap of gaps) io.out(`${showInvisible(gap.id)}: ${gap.reason}\n`);
  return gaps.length === 0 ? exitCode.done : exitCode.findings;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('trust', args, { json: { type: 'boolean', default: false } });
  const [verb = 'status', ...patterns] = positionals;
  const place = await trustPlace(io);
  if (verb === 'status') return showStatus(await trustStatus(place), values.json === true, io);
  if (verb === 'check') return check(place, values.json === true, io);
  if (verb === 'accept') return accept(place, patterns, io);
  if (verb === 'diff') {
    const chosen = waiting(matching(await trustStatus(place), patterns));
    for (const status of chosen) present(status, io);
    if (chosen.length === 0) io.out('Nothing waits.\n');
    return exitCode.done;
  }
  if (verb === 'forget' && patterns.length > 0) {
    atTerminal(io, 'forgetting');
    const ids = matching(await trustStatus(place), patterns).map((status) => status.id);
    await forgetSubjects(place, ids);
    io.out(`Forgot ${ids.length}.\n`);
    return exitCode.done;
  }
  throw new AmbitError('usage', `\`ambit trust ${verb}\` is not a command`, { hint: 'see: ambit trust --help' });
}

export const command: Command = {
  name: 'trust',
  summary: 'what may instruct or run here, pinned by content',
  help,
  run,
};
