import { AmbitError } from '@ambit/core/errors';
import { type Command, type Io, options } from '../command.ts';

const help = `ambit policy: what runs may do here, and why

Usage:
  ambit policy [show] [--json]              files and sets in force, and what could not be read
  ambit policy explain ACTION [options]     decide one action without doing it; every rule that spoke
  ambit policy test [FILE…] [--json]        decision cases from data: the shipped ones, or your own files
  ambit policy who-can ACTION [--json]      which runs may: chat, tasks of specs, hooks
  ambit policy grants [--json]              permissions you gave for good
  ambit policy grants revoke ID             take one back

ACTION is one of
  write PATH   read PATH   delete PATH   run 'COMMAND LINE'   fetch URL   mcp SERVER/TOOL

Options of explain:
  --as KIND        chat (default), task, hook, agent, foreign, command
  --scope GLOBS    write globs of the run's ambit, separated by commas
  --hosts HOSTS    hosts of the run's ambit, separated by commas
  --taint LABELS   what the run has read: repository, tool, web, model, human
  --autopilot      decide as in autopilot (default: supervised)
  --unconfined     decide as on a machine without a sandbox

Examples:
  ambit policy explain run 'npm test && rm -rf ../other'
  ambit policy explain write src/auth/login.ts --as task --scope 'src/**'
  ambit policy who-can write 'src/auth/**'

explain exits with 0 for allow, 4 for ask, 3 for deny; test with 1 when a case fails.
`;

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('policy', args, {
    json: { type: 'boolean', default: false },
    as: { type: 'string', default: 'chat' },
    scope: { type: 'string' },
    hosts: { type: 'string' },
    taint: { type: 'string' },
    autopilot: { type: 'boolean', default: false },
    unconfined: { type: 'boolean', default: false },
  });
  const [verb = 'show', ...rest] = positionals;
  const json = values.json === true;
  if (verb === 'show') return (await import('./policy/show.ts')).show(json, io);
  if (verb === 'explain') return (await import('./policy/explain.ts')).explain(rest, { ...values, json }, io);
  if (verb === 'test') return (await import('./policy/test-cases.ts')).testCases(rest, json, io);
  if (verb === 'who-can') return (await import('./policy/who-can.ts')).whoCan(rest, json, io);
  if (verb === 'grants') return (await import('./policy/grants.ts')).grants(rest, json, io);
  throw new AmbitError('usage', `\`ambit policy ${verb}\` is not a command`, { hint: 'see: ambit policy --help' });
}

export const command: Command = {
  name: 'policy',
  summary: 'what runs may do here, and why',
  help,
  run,
};
