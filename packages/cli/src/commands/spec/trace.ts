import { parseDecisions } from '@ambit/core/capability';
import { AmbitError } from '@ambit/core/errors';
import { type Spec, type Trace, type TraceRow, traceHtml, traceMermaid, traceSpec } from '@ambit/core/spec';
import { collectTests, diskView, hashFiles, judgeDrift, readEvidence } from '@ambit/engine/evidence';
import { listSpecs, readSpec } from '@ambit/engine/specs';
import { statePaths } from '@ambit/guard/state';
import { type Command, exitCode, type Io, options } from '../../command.ts';
import { findWorkspace } from '../../workspace.ts';
import { askedSpecs } from './place.ts';

const help = `ambit spec trace: criterion to design, task, test, file and evidence, with the gaps

A test belongs to a criterion when its name or a comment cites <spec>/<N.M> (or «Requirements: N.M»). Files come from the
applied change sets of tasks.

Usage: ambit spec trace <name> [--json | --mermaid | --html] [--gaps]

  --gaps    only what is missing
  --strict  exit 1 when a criterion has no task or no test

Example:
  ambit spec trace user-accounts --html > trace.html
`;

/** The trace of one spec with everything this workspace knows about it. */
export async function traceOf(spec: Spec, workspace: string, env: NodeJS.ProcessEnv): Promise<Trace> {
  const view = diskView(workspace);
  const [tests, evidence, specs] = await Promise.all([
    collectTests(view),
    readEvidence(statePaths(workspace, env), spec.name),
    listSpecs(workspace),
  ]);
  const hashes = await hashFiles(
    view,
    evidence.records.flatMap((record) => Object.keys(record.files)),
  );
  const verdicts = judgeDrift(spec, evidence.records, hashes).flatMap((entry) =>
    entry.verdict === 'unproven' ? [] : [[entry.criterion, entry.verdict] as const],
  );
  const decisions = parseDecisions((spec.requirements ?? spec.bugfix)?.source ?? '');
  const security = decisions.flatMap(({ id, state }) =>
    state.kind === 'accepted' ? [[state.as, id] as const] : state.kind === 'covered' ? [[state.by, id] as const] : [],
  );
  return traceSpec(spec, {
    tests,
    changes: evidence.changes,
    verdicts: new Map(verdicts),
    security: new Map(security),
    loose: specs.length <= 1,
  });
}

const cut = (text: string, width: number) => (text.length > width ? `${text.slice(0, width - 1)}…` : text);

function tableRow(row: TraceRow, width: number): string {
  const tasks = row.tasks.map((task) => `${task.done ? '✓' : ''}${task.id}`).join(' ') || '–';
  const tests = row.tests.length === 0 ? '–' : String(row.tests.length);
  const evidence = row.verdict ?? '–';
  const left = `${row.criterion.padEnd(7)} ${cut(tasks, 20).padEnd(20)} ${tests.padStart(5)}  ${evidence.padEnd(11)} `;
  return `${left}${cut(row.text, Math.max(20, width - left.length))}\n`;
}

function print(trace: Trace, onlyGaps: boolean, io: Io): void {
  if (!onlyGaps) {
    io.out('crit.   tasks                tests  evidence    text\n');
    for (const row of trace.rows) io.out(tableRow(row, io.columns));
    io.out('\n');
  }
  if (trace.gaps.length === 0) {
    io.out('No gaps: every criterion has a task and a test.\n');
    return;
  }
  io.out(`${trace.gaps.length} gap${trace.gaps.length === 1 ? '' : 's'}\n`);
  for (const gap of trace.gaps)
    io.out(`  ${gap.kind.padEnd(17)} ${gap.message}${gap.file ? `  (${gap.file}:${gap.line ?? 1})` : ''}\n`);
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('spec trace', args, {
    json: { type: 'boolean', default: false },
    mermaid: { type: 'boolean', default: false },
    html: { type: 'boolean', default: false },
    gaps: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
  });
  const [name] = positionals;
  if (name === undefined) throw new AmbitError('usage', 'which spec', { hint: 'ambit spec trace <name>' });
  const [place] = await askedSpecs([name], io);
  if (!place) throw new AmbitError('input.missing', `there is no spec \`${name}\``);
  const trace = await traceOf(await readSpec(place), findWorkspace(io.cwd, io.env), io.env);
  if (values.json) io.out(`${JSON.stringify({ version: 1, ...trace }, null, 2)}\n`);
  else if (values.mermaid) io.out(traceMermaid(trace));
  else if (values.html) io.out(traceHtml(trace));
  else print(trace, values.gaps === true, io);
  return values.strict && trace.gaps.length > 0 ? exitCode.findings : exitCode.done;
}

export const command: Command = {
  name: 'trace',
  summary: 'criterion to task to test to file, with the gaps',
  help,
  run,
};
