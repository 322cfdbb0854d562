import { AmbitError } from '@ambit/core/errors';
import { readAuditLog, toSpans, verifyAuditLog } from '@ambit/guard/audit';
import { statePaths } from '@ambit/guard/state';
import { type Command, exitCode, type Io, options } from '../command.ts';
import { findWorkspace } from '../place.ts';
import { describeRecord } from './log/describe.ts';

const help = `ambit log: what runs did, written before it happened and chained by hashes

Usage:
  ambit log [show] [--run ID] [--last N] [--json]   records, oldest first; --json prints them as they are stored
  ambit log verify [--json]                         check the chain; names the first record that does not hold
  ambit log export [--run ID] [--otel]              JSON Lines, or OpenTelemetry spans (OTLP JSON)

Examples:
  ambit log show --last 20
  ambit log show --run 4f1c02
  ambit log export --otel > spans.json

verify exits with 1 when a record does not hold. A torn last line (a process was killed while writing) is reported and is
not a fault.
`;

type Place = ReturnType<typeof statePaths>;

async function* selected(state: Place, run: string | undefined) {
  for await (const record of readAuditLog(state)) {
    if (run === undefined || record.run?.id === run || record.run?.parent === run) yield record;
  }
}

/** Said beside the output, so that an empty export stays empty. */
function nothingFound(run: string | undefined, io: Io): void {
  if (run === undefined) io.err('no run has left a record in this workspace yet\n');
  else io.err(`no record of a run \`${run}\` (names of runs: ambit log show --last 20)\n`);
}

async function show(state: Place, given: { run?: string; last?: string; json?: boolean }, io: Io): Promise<number> {
  const last = given.last === undefined ? Number.POSITIVE_INFINITY : Number(given.last);
  if (Number.isNaN(last) || last < 1)
    throw new AmbitError('usage', `\`--last ${given.last}\` is not a number of records`);
  let lines: string[] = [];
  let found = 0;
  for await (const record of selected(state, given.run)) {
    found += 1;
    lines.push(given.json ? JSON.stringify(record) : describeRecord(record));
    if (lines.length > last) lines = lines.slice(-last);
    if (last === Number.POSITIVE_INFINITY && lines.length >= 1_000) {
      io.out(`${lines.join('\n')}\n`);
      lines = [];
    }
  }
  if (lines.length > 0) io.out(`${lines.join('\n')}\n`);
  if (found === 0) nothingFound(given.run, io);
  return exitCode.done;
}

async function verify(state: Place, json: boolean, io: Io): Promise<number> {
  const result = await verifyAuditLog(state);
  const { ok, records, problem, torn } = result;
  if (json) io.out(`${JSON.stringify({ version: 1, ...result })}\n`);
  else if (problem)
    io.out(
      `record ${problem.sequence} ${problem.problem}\n  ${state.audit}/${problem.file}:${problem.line}\n  ${records} records before it hold\n`,
    );
  else io.out(`${records} records, the chain holds\n`);
  if (torn && !json)
    io.out(
      `the last line is torn (${torn.bytes} bytes, ${torn.file}:${torn.line}): a process was killed while writing; the next record sets it aside\n`,
    );
  return ok ? exitCode.done : exitCode.findings;
}

async function exportLog(state: Place, given: { run?: string; otel?: boolean }, io: Io): Promise<number> {
  if (!given.otel) return show(state, { ...given, json: true }, io);
  const records = [];
  for await (const record of selected(state, given.run)) records.push(record);
  if (records.length === 0) nothingFound(given.run, io);
  io.out(`${JSON.stringify(toSpans(records))}\n`);
  return exitCode.done;
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('log', args, {
    run: { type: 'string' },
    last: { type: 'string' },
    json: { type: 'boolean', default: false },
    otel: { type: 'boolean', default: false },
  });
  const state = statePaths(findWorkspace(io.cwd, io.env), io.env);
  const [verb = 'show'] = positionals;
  if (verb === 'show') return show(state, values, io);
  if (verb === 'verify') return verify(state, values.json === true, io);
  if (verb === 'export') return exportLog(state, values, io);
  throw new AmbitError('usage', `\`ambit log ${verb}\` is not a command`, { hint: 'see: ambit log --help' });
}

export const command: Command = { name: 'log', summary: 'what runs did: show, verify, export', help, run };
