import { readFileSync } from 'node:fs';
import { type ErrorCode, isAmbitError, messageOf } from '@ambit/core/errors';
import { exitCode, type Io } from './command.ts';
import { commands } from './commands/index.ts';

const exitCodes: Record<ErrorCode, number> = {
  usage: exitCode.usage,
  'input.broken': exitCode.usage,
  'input.missing': exitCode.usage,
  'state.broken': exitCode.usage,
  'state.locked': exitCode.usage,
  environment: exitCode.usage,
  denied: exitCode.denied,
  'needs-human': exitCode.needsHuman,
  'model.failed': exitCode.model,
  interrupted: exitCode.interrupted,
};

function version(): string {
  for (const path of ['../package.json', '../../../package.json']) {
    try {
      const parsed = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version?: unknown };
      if (typeof parsed.version === 'string') return parsed.version;
    } catch {}
  }
  return 'unknown';
}

function help(): string {
  const width = Math.max(...commands.map((command) => command.name.length), 4);
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return `Ambit: a spec-driven coding agent that cannot act outside its spec.

Usage: ambit [command] [options]

${lines.join('\n')}

  ambit <command> --help   what a command does, with an example
  ambit --version

Exit codes: 0 done, 1 findings or failed checks, 2 wrong usage or broken input, 3 denied by policy,
4 needs a human and none is there, 5 model or provider failed, 130 interrupted.
`;
}

/** Runs one command line; never throws. */
export async function main(argv: string[], io: Io): Promise<number> {
  const [first, ...rest] = argv;
  io.command = main;
  if (first === '--version' || first === '-V') {
    io.out(`${version()}\n`);
    return exitCode.done;
  }
  if (first === '--help' || first === 'help') {
    io.out(help());
    return exitCode.done;
  }
  try {
    const named = commands.find((entry) => entry.name === first);
    const entry =
      named ?? (first === undefined || first.startsWith('-') ? commands.find((c) => c.name === 'chat') : undefined);
    if (!entry) {
      io.err(`ambit: there is no command \`${first}\`\nTo see all commands: ambit --help\n`);
      return exitCode.usage;
    }
    const command = await entry.load();
    const args = named ? rest : argv;
    if (named && (command.ownHelp ? args.slice(0, 1) : args).some((arg) => arg === '--help' || arg === '-h')) {
      io.out(command.help.endsWith('\n') ? command.help : `${command.help}\n`);
      return exitCode.done;
    }
    return await command.run(args, io);
  } catch (error) {
    return reportError(error, io);
  }
}

/** What the machine refuses, wherever it was met: a full or read-only disk, missing rights, too many open files. */
const machineFaults: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'EMFILE',
  'ENFILE',
  'EIO',
]);

function reportError(error: unknown, io: Io): number {
  if (io.signal.aborted) return exitCode.interrupted;
  const { code, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (code !== undefined && machineFaults.has(code)) {
    io.err(`ambit: ${path ? `${path}: ` : ''}${messageOf(error)}\n`);
    io.err('  nothing more was done; free space or mend the rights, then try again (see: ambit doctor)\n');
    return exitCode.usage;
  }
  if (!isAmbitError(error)) {
    io.err(`ambit: unexpected failure: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return exitCode.usage;
  }
  io.err(`ambit: ${error.where ? `${error.where}: ` : ''}${messageOf(error)}\n`);
  if (error.hint) io.err(`  ${error.hint}\n`);
  return exitCodes[error.code];
}
