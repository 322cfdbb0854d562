import { AmbitError } from '@ambit/core/errors';
import { type Command, type Io, options } from '../command.ts';

const help = `ambit hooks: agent hooks that cannot be turned against their owner

A hook is read-only, without network, and runs no command beyond its own, until .ambit/policy.yaml grants more by name and
hash. What a hook's agent writes is a proposal for review. A hook whose file is not accepted (ambit trust) does not run.

Usage:
  ambit hooks [list] [--json]          hooks here, their state, scope, runs, cost and proposals
  ambit hooks check [--json|--sarif]   which files, commands, packages and hosts each can use; what text reaches it
  ambit hooks new [STARTER]            make one of the starter hooks
  ambit hooks migrate [--write]        old formats to the current one, backups kept
  ambit hooks resume NAME              let a hook that rests after failures run again
  ambit hooks run NAME [FILE…]         fire one accepted hook by hand
  ambit hooks watch [--poll MS]        fire file hooks on every save, until interrupted; --poll for network drives

Example:
  ambit hooks check --json
`;

function pollOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const milliseconds = Number(value);
  if (Number.isInteger(milliseconds) && milliseconds >= 50) return milliseconds;
  throw new AmbitError('usage', `\`--poll ${value}\` is no number of milliseconds from 50 on`);
}

async function run(args: string[], io: Io): Promise<number> {
  const { values, positionals } = options('hooks', args, {
    json: { type: 'boolean', default: false },
    sarif: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    poll: { type: 'string' },
  });
  const [verb = 'list', name, ...files] = positionals;
  if (verb === 'list') return (await import('./hooks/list.ts')).list(values.json === true, io);
  if (verb === 'check')
    return (await import('./hooks/check.ts')).check(values.sarif ? 'sarif' : values.json ? 'json' : 'terminal', io);
  if (verb === 'new') return (await import('./hooks/edit.ts')).makeNew(name, io);
  if (verb === 'migrate') return (await import('./hooks/edit.ts')).migrate(values.write === true, io);
  if (verb === 'resume') return (await import('./hooks/edit.ts')).resume(name, io);
  if (verb === 'run') return (await import('./hooks/fire.ts')).runByHand(name, files, io);
  if (verb === 'watch') return (await import('./hooks/fire.ts')).watch(pollOf(values.poll), io);
  throw new AmbitError('usage', `\`ambit hooks ${verb}\` is not a command`, { hint: 'see: ambit hooks --help' });
}

export const command: Command = {
  name: 'hooks',
  summary: 'agent hooks: list, audit, make, migrate, run, watch',
  help,
  run,
};
