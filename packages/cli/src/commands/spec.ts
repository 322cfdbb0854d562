import { AmbitError } from '@ambit/core/errors';
import { type Command, exitCode, type Io } from '../command.ts';

/** Every `ambit spec` command by name, loaded only when asked for. */
const entries: readonly { name: string; summary: string; load: () => Promise<Command> }[] = [
  { name: 'new', summary: 'write a spec from a prompt', load: async () => (await import('./spec/new.ts')).command },
  {
    name: 'list',
    summary: 'specs here, their progress and approvals',
    load: async () => (await import('./spec/list.ts')).command,
  },
  { name: 'show', summary: 'one spec as parsed', load: async () => (await import('./spec/show.ts')).command },
  {
    name: 'check',
    summary: 'is it sound: shape, EARS, references',
    load: async () => (await import('./spec/check.ts')).command,
  },
  {
    name: 'approve',
    summary: 'approve one phase exactly as it stands',
    load: async () => (await import('./spec/approve.ts')).command,
  },
  {
    name: 'criteria',
    summary: 'security criteria that a text calls for',
    load: async () => (await import('./spec/criteria.ts')).command,
  },
  {
    name: 'trace',
    summary: 'criterion to task to test to file, with the gaps',
    load: async () => (await import('./spec/trace.ts')).command,
  },
  {
    name: 'drift',
    summary: 'does the evidence still hold',
    load: async () => (await import('./spec/drift.ts')).command,
  },
  {
    name: 'attest',
    summary: 'say that a person has checked a criterion',
    load: async () => (await import('./spec/attest.ts')).command,
  },
  {
    name: 'import',
    summary: 'from spec-kit or OpenSpec',
    load: async () => (await import('./spec/import.ts')).command,
  },
  {
    name: 'export',
    summary: 'to spec-kit, OpenSpec, Gherkin or GitHub issues',
    load: async () => (await import('./spec/export.ts')).command,
  },
  {
    name: 'sync',
    summary: 'bring tasks in line with edited requirements',
    load: async () => (await import('./spec/sync.ts')).command,
  },
  {
    name: 'analyze',
    summary: 'contradictions, duplicates, missing cases across a spec',
    load: async () => (await import('./spec/analyze.ts')).command,
  },
];

const width = Math.max(...entries.map((entry) => entry.name.length));

const help = `ambit spec: requirements, design and tasks, read exactly and judged the same way everywhere

Usage: ambit spec <command> [options]

${entries.map((entry) => `  ${entry.name.padEnd(width)}  ${entry.summary}`).join('\n')}

  ambit spec <command> --help   what a command does, with an example

Example:
  ambit spec new "users can sign up and reset their password"
  ambit spec check
`;

async function run(args: string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    io.out(help);
    return exitCode.usage;
  }
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry)
    throw new AmbitError('usage', `\`ambit spec ${name}\` is not a command`, { hint: 'see: ambit spec --help' });
  const command = await entry.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(command.help.endsWith('\n') ? command.help : `${command.help}\n`);
    return exitCode.done;
  }
  return command.run(rest, io);
}

export const command: Command = {
  name: 'spec',
  summary: 'requirements, design and tasks: write, check, approve, trace',
  help,
  run,
  ownHelp: true,
};
